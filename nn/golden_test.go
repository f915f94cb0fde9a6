package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// golden is a case of testdata/goldens.json, which testdata/goldens.py wrote with PyTorch in float64.
type golden struct {
	Name, Loss string
	Layers     [][]any
	Optimizer  []json.RawMessage
	X, Target  []float64
	Start, End []float64 // weights
	Outputs    []float64
	Gradients  []float64
	Losses     []float64
}

const goldenRows, goldenInputs = 6, 4

func (g *golden) layers() (layers []Layer) {
	for _, l := range g.Layers {
		switch l[0] {
		case "linear":
			layers = append(layers, Linear(int(l[1].(float64))))
		case "relu":
			layers = append(layers, ReLU())
		case "tanh":
			layers = append(layers, Tanh())
		case "sigmoid":
			layers = append(layers, Sigmoid())
		case "gelu":
			layers = append(layers, GELU())
		case "silu":
			layers = append(layers, SiLU())
		default:
			panic(fmt.Sprint("golden_test.go knows no layer ", l[0]))
		}
	}
	return layers
}

func (g *golden) optimizer(t *testing.T) Optimizer {
	var name string
	var set struct {
		LR          float64
		Momentum    float64
		WeightDecay float64 `json:"weight_decay"`
		Betas       []float64
		Eps         float64
	}
	if err := json.Unmarshal(g.Optimizer[0], &name); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(g.Optimizer[1], &set); err != nil {
		t.Fatal(err)
	}
	if name == "sgd" {
		opt := SGD(set.LR)
		opt.Momentum, opt.WeightDecay = set.Momentum, set.WeightDecay
		return opt
	}
	opt := Adam(set.LR)
	opt.WeightDecay = set.WeightDecay
	if set.Betas != nil {
		opt.Beta1, opt.Beta2, opt.Epsilon = set.Betas[0], set.Betas[1], set.Eps
	}
	return opt
}

func (g *golden) target(t *testing.T, dev backend.Backend, cfg PlanConfig, outputs int) PlanConfig {
	want, err := cfg.Loss.Targets(outputs)
	if err != nil {
		t.Fatal(err)
	}
	if want.Labels > 0 {
		cfg.Labels = backend.Mat(alloc(t, dev, backend.U32, len(g.Target)), 0, goldenRows, want.Labels)
		labels := make([]uint32, len(g.Target))
		for i := range labels {
			labels[i] = uint32(g.Target[i])
		}
		backend.Write(dev, cfg.Labels.Buf, 0, labels)
	} else {
		cfg.Values = backend.Mat(alloc(t, dev, backend.F32, len(g.Target)), 0, goldenRows, want.Values)
		backend.Write(dev, cfg.Values.Buf, 0, singles(g.Target))
	}
	return cfg
}

func alloc(t *testing.T, dev backend.Backend, kind backend.Kind, n int) *backend.Buffer {
	t.Helper()
	buf, err := backend.Alloc(dev, kind, n)
	if err != nil {
		t.Fatal(err)
	}
	return buf
}

// near compares within tol of the largest magnitude: constants of the step pass through float32 on their way to the
// device, so that float64 agreement ends at 1e-7.
func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, PyTorch has %d", what, len(got), len(want))
	}
	scale := 0.0
	for _, w := range want {
		scale = math.Max(scale, math.Abs(w))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tol*scale) {
			t.Fatalf("%s[%d] is %v, PyTorch has %v", what, i, got[i], want[i])
		}
	}
}

func TestGoldens(t *testing.T) {
	raw, err := os.ReadFile("testdata/goldens.json")
	if err != nil {
		t.Fatal(err)
	}
	var goldens []golden
	if err := json.Unmarshal(raw, &goldens); err != nil {
		t.Fatal(err)
	}
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, g := range goldens {
			t.Run(g.Name, func(t *testing.T) { g.run(t, dev, g.optimizer(t)) })
		}
	})
}

func (g *golden) run(t *testing.T, dev backend.Backend, opt Optimizer) {
	m, err := New(dev, goldenInputs, g.layers()...)
	if err != nil {
		t.Fatal(err)
	}
	loss := map[string]Loss{
		"xent": CrossEntropy(), "smooth": &CrossEntropyLoss{Smoothing: 0.1}, "mse": MSE(), "mae": MAE(), "huber": Huber(1), "bce": BCEWithLogits(),
	}[g.Loss]
	state, err := NewState(m, opt)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Plan(g.target(t, dev, PlanConfig{Rows: goldenRows, Loss: loss, Train: true, State: state, Steps: len(g.Losses)}, m.Outputs()))
	if err != nil {
		t.Fatal(err)
	}
	backend.Write(dev, p.X.Buf, p.X.Off, singles(g.X))
	if err := m.SetWeights(singles(g.Start)); err != nil {
		t.Fatal(err)
	}
	program, err := backend.Record(dev, backend.Step{Calls: p.Calls, Steps: len(g.Losses)})
	if err != nil {
		t.Fatal(err)
	}
	first, losses, last := 1e-5, 1e-5, 1e-4
	if inDouble(dev) {
		first, losses, last = 1e-7, 1e-6, 1e-6
	}
	if len(g.Losses) < 20 {
		t.Fatalf("%d steps", len(g.Losses))
	}
	for i, want := range g.Losses {
		if err := p.Begin(int64(i), 1); err != nil {
			t.Fatal(err)
		}
		program.Run(1)
		near(t, "loss", exactly(t, dev, p.tables.results)[:1], []float64{want}, losses)
		if i == 0 {
			near(t, "outputs", exactly(t, dev, p.Output.Buf)[p.Output.Off:][:p.Output.Size()], g.Outputs, first)
			near(t, "gradients", joined(m, exactly(t, dev, p.grads)), g.Gradients, first)
		}
	}
	near(t, "weights", joined(m, exactly(t, dev, m.w)), g.End, last)
}

func inDouble(dev backend.Backend) bool { return dev.Info().Device == "ref" }

// exactly is all of a buffer in the device's own precision.
func exactly(t *testing.T, dev backend.Backend, buf *backend.Buffer) []float64 {
	t.Helper()
	if inDouble(dev) {
		return ref.Float64(buf)
	}
	x := make([]float32, buf.Len())
	return doubles(x, backend.Read(dev, x, buf, 0))
}

func eachParam(m *Model, all []float64, f func(w []float64)) {
	for _, p := range m.params {
		f(all[p.off : p.off+p.Rows*p.Cols])
	}
}

func joined(m *Model, all []float64) (out []float64) {
	eachParam(m, all, func(w []float64) { out = append(out, w...) })
	return out
}

// readGolden reads a file of testdata.
func readGolden(t *testing.T, name string, v any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// onGoldenDevices runs f on every device that is held to PyTorch's numbers.
func onGoldenDevices(t *testing.T, f func(t *testing.T, dev backend.Backend)) {
	for name, open := range goldenDevices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			t.Cleanup(func() { dev.Close() })
			f(t, dev)
		})
	}
}

// A trajectory is some steps of a training: where the weights start and end, the loss of each step, and what the first
// gave, where that is known.
type trajectory struct{ Start, Outputs, Gradients, Losses, End []float64 }

// follow trains along a trajectory.
func (l *lesson) follow(g trajectory) {
	l.t.Helper()
	if err := l.model.SetWeights(singles(g.Start)); err != nil {
		l.t.Fatal(err)
	}
	if len(g.Losses) < 20 {
		l.t.Fatalf("%d steps", len(g.Losses))
	}
	for i, want := range g.Losses {
		near(l.t, "loss", []float64{l.step(i)}, []float64{want}, 1e-5)
		if i == 0 && g.Outputs != nil {
			near(l.t, "outputs", l.read(l.plan.Output), g.Outputs, 1e-5)
			grads, err := l.plan.Gradients()
			near(l.t, "gradients", doubles(grads, err), g.Gradients, 1e-5)
		}
	}
	w, err := l.model.Weights()
	near(l.t, "weights", doubles(w, err), g.End, 1e-4)
}
