package nn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// A Plan is a model at work on batches of a fixed number of rows: the calls of one step, in order, and the memory for
// what lies between them. Build it with Model.Plan; run its calls with backend.Do, or record them, after calls that
// fill X and the target. A plan's calls must not run at the same time as each other: use a plan for each goroutine.
type Plan struct {
	X      backend.Tensor // rows×inputs: the plan's own, or the one that was given; absent where the model takes codes alone
	Codes  backend.Tensor // rows×codes, U32: the plan's own, or those that were given; absent where the model takes none
	Output backend.Tensor // rows×outputs
	DX     backend.Tensor // gradient of X, where it was asked for; there may be gaps between its rows
	Calls  []backend.Call
	Rows   int

	model   *Model
	cfg     PlanConfig
	steps   int
	places  []string // of each call: the layer and the direction
	place   string
	outer   string   // the layer that is being built, with those it lies in
	after   []func() // append the calls that follow the update
	arena   arena
	held    arena // for what outlives a micro-batch
	part    int   // the micro-batch that is being built
	last    hook
	pinned  []backend.Tensor
	wrote   []bool // by parameter: its gradient has been written in this step
	grads   *backend.Buffer
	tables  *tables
	weighed bool // the sum of the rows' weights is among the results
	err     error
}

// PlanConfig says what a plan is for. Rows is needed; a plan with a Loss computes it; a plan with a Loss and Train
// computes gradients too, and with State, made for the model by NewState, updates the parameters.
type PlanConfig struct {
	Rows int
	// MicroBatch is the most rows that go through the layers at a time, so that their activations fit; 0 stands for all.
	// The step stays that of the whole batch, its loss among it: gradients are added up. All micro-batches but the first go
	// forward twice. On the CPU a MicroBatch that is a multiple of 64 ends in the bits of the whole batch, but for the single
	// slope of [PReLU], and for weights of at most 64·64 in batches of 4096 rows or more. [BatchNorm] sees a micro-batch alone, and [Dropout] draws other masks than without.
	MicroBatch int

	X         backend.Tensor // rows×inputs; the plan's own memory if absent
	Codes     backend.Tensor // rows×codes, U32; the plan's own memory if absent
	Labels    backend.Tensor // U32, rows × as many columns as Loss.Targets asks for
	Values    backend.Tensor // F32, the same
	Weights   backend.Tensor // rows×1, of the rows in the loss; absent where all count alike
	Loss      Loss
	Train     bool
	State     *State
	Steps     int    // the most steps of one recorded Run; 0 stands for 1
	Seed      uint64 // of dropout's masks
	InputGrad bool   // with Train: compute DX
}

// Plan builds the calls. The error names the field that makes no sense, or is the device's.
func (m *Model) Plan(cfg PlanConfig) (*Plan, error) {
	if err := cfg.check(m); err != nil {
		return nil, fmt.Errorf("nn: plan: %w", err)
	}
	p := &Plan{model: m, cfg: cfg, Rows: cfg.Rows, steps: max(cfg.Steps, 1), arena: arena{dev: m.dev}, held: arena{dev: m.dev}}
	p.wrote = make([]bool, len(m.params))
	p.build()
	if p.err == nil {
		p.err = backend.Check(m.dev, backend.Step{Calls: p.Calls, Steps: p.steps})
	}
	if p.err != nil {
		p.Release()
		return nil, fmt.Errorf("nn: plan of %d rows: %w", cfg.Rows, p.err)
	}
	return p, nil
}

// maxSteps keeps the tables of a step's constants small beside the model.
const maxSteps = 1 << 20

func (c *PlanConfig) check(m *Model) error {
	switch {
	case c.Rows < 1:
		return fmt.Errorf("%d rows: at least 1 is needed", c.Rows)
	case c.Rows > backend.MaxElements/m.widest:
		return fmt.Errorf("%d rows of %d columns are more than a device can index", c.Rows, m.widest)
	case c.X.Present() && (c.X.Rows != c.Rows || c.X.Cols != m.inputs || c.X.Buf.Kind() != backend.F32):
		return fmt.Errorf("the input X is %v, want %d×%d", &c.X, c.Rows, m.inputs)
	case c.Codes.Present() && (c.Codes.Rows != c.Rows || c.Codes.Cols != m.Codes() || c.Codes.Buf.Kind() != backend.U32):
		return fmt.Errorf("the codes are %v, want %d×%d of U32", &c.Codes, c.Rows, m.Codes())
	case c.Loss == nil && (c.Train || c.State != nil):
		return errors.New("training needs a loss")
	case c.State != nil && !c.Train:
		return errors.New("a state goes with Train")
	case c.State != nil && c.State.model != m:
		return errors.New("the state was made for another model")
	case c.MicroBatch < 0:
		return fmt.Errorf("micro-batches of %d rows", c.MicroBatch)
	case c.InputGrad && !c.Train:
		return errors.New("InputGrad goes with Train")
	case c.InputGrad && c.parts() > 1:
		return errors.New("InputGrad wants the whole batch at once: MicroBatch contradicts it")
	case c.Steps < 0 || c.Steps > maxSteps:
		return fmt.Errorf("%d steps: 0 to %d", c.Steps, maxSteps)
	}
	if c.Loss == nil {
		return nil
	}
	if err := c.Loss.Check(); err != nil {
		return fmt.Errorf("%v: %w", c.Loss, err)
	}
	want, err := c.Loss.Targets(m.Outputs())
	if err != nil {
		return fmt.Errorf("%v: %w", c.Loss, err)
	}
	return firstError(c.fits("labels", &c.Labels, want.Labels, backend.U32), c.fits("values", &c.Values, want.Values, backend.F32),
		c.weights())
}

// fits checks a part of the target.
func (c *PlanConfig) fits(what string, t *backend.Tensor, cols int, kind backend.Kind) error {
	if cols > 0 && (!t.Present() || t.Rows != c.Rows || t.Cols != cols || t.Buf.Kind() != kind) {
		return fmt.Errorf("%v wants %s of %d×%d %v, not %v", c.Loss, what, c.Rows, cols, kind, t)
	}
	return nil
}

func (c *PlanConfig) weights() error {
	if !c.Weights.Present() {
		return nil
	}
	return c.fits("weights", &c.Weights, 1, backend.F32)
}

// Train reports whether the plan is a training step: dropout and its like do nothing elsewhere.
func (p *Plan) Train() bool { return p.cfg.Train }

// Add appends a call.
func (p *Plan) Add(c backend.Call) {
	p.Calls = append(p.Calls, c)
	p.places = append(p.places, p.place)
	p.last = hook{}
}

// A hook is the end of the last call's chain, where a further op can be hung.
type hook struct {
	dst  *backend.Tensor
	then *backend.Chain
}

// Hook appends a call whose result *dst goes through *then: an op that follows at once becomes the end of its chain.
func (p *Plan) Hook(c backend.Call, dst *backend.Tensor, then *backend.Chain) {
	p.Add(c)
	p.last = hook{dst, then}
}

// Pin says that x is wanted later on the way back, so that ops which follow must leave it in its place.
func (p *Plan) Pin(x Value) { p.pinned = append(p.pinned, x.Tensor) }

// Apply is f applied to each element of x: hung on the call that made x if that was the last one, else a call of its
// own. A pinned x is saved where it stands in the chain.
func (p *Plan) Apply(x Value, f backend.Fn) Value {
	y := x
	h := p.last
	hung := h.dst != nil && *h.dst == x.Tensor
	if !hung || slices.Contains(p.pinned, x.Tensor) {
		y.Tensor = p.Tensor(x.Rows, x.Cols)
	}
	if !hung {
		c := &backend.Each{Dst: y.Tensor, Do: backend.Chain{backend.Load(x.Tensor), f}}
		p.Hook(c, &c.Dst, &c.Do)
		return y
	}
	if y.Tensor != x.Tensor {
		*h.then = append(*h.then, backend.Keep(x.Tensor))
		*h.dst = y.Tensor
	}
	*h.then = append(*h.then, f)
	return y
}

// Weight is the place of a parameter.
func (p *Plan) Weight(h Handle) backend.Tensor {
	q := &p.model.params[h]
	return backend.Mat(p.model.w, q.off, q.Rows, q.Cols)
}

// Grad is the place of a parameter's gradient with the beta of the next call that writes it: 0 for the first of a
// step, 1 for those that add to it.
func (p *Plan) Grad(h Handle) (backend.Tensor, float32) {
	q := &p.model.params[h]
	beta := float32(0)
	if p.wrote[h] {
		beta = 1
	}
	p.wrote[h] = true
	return backend.Mat(p.grads, q.off, q.Rows, q.Cols), beta
}

// Tensor is memory of the plan for a rows×cols matrix.
func (p *Plan) Tensor(rows, cols int) backend.Tensor {
	return p.arena.tensor(p, rows, cols)
}

// Held is Tensor for what calls of After read: it lasts to the end of the step, a Tensor to the end of its micro-batch.
func (p *Plan) Held(rows, cols int) backend.Tensor {
	if p.cfg.parts() == 1 {
		return p.Tensor(rows, cols)
	}
	return p.held.tensor(p, rows, cols)
}

func (p *Plan) buffer(kind backend.Kind, n int) *backend.Buffer {
	buf, err := p.arena.own(kind, n)
	p.fail(err)
	return buf
}

func (p *Plan) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// Place names the layer and the direction that call i belongs to.
func (p *Plan) Place(i int) string { return p.places[i] }

// Release gives back the plan's memory. Programs recorded from its calls keep what they need.
func (p *Plan) Release() {
	p.arena.release()
	p.held.release()
}
