package nn

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

func TestLBFGSMisuse(t *testing.T) {
	m, p := minimizable(t, ref.Open())
	opt := func(set func(o *LBFGSOptimizer)) *LBFGSOptimizer { o := LBFGS(); set(o); return o }
	plan := func(set func(c *PlanConfig)) *Plan {
		cfg := PlanConfig{Rows: goldenRows, Loss: MSE(), Values: p.cfg.Values, Train: true}
		set(&cfg)
		p, err := m.Plan(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	state, err := NewState(m, SGD(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		plan *Plan
		opt  *LBFGSOptimizer
	}{
		{"nn: a minimizer needs a plan and an optimizer", nil, LBFGS()},
		{"nn: a minimizer needs a plan and an optimizer", p, nil},
		{"nn: LBFGS: a plan with Train", plan(func(c *PlanConfig) { c.Train = false }), LBFGS()},
		{"nn: LBFGS: the plan has a State", plan(func(c *PlanConfig) { c.State = state }), LBFGS()},
		{"nn: LBFGS: learning rate NaN", p, opt(func(o *LBFGSOptimizer) { o.LR = math.NaN() })},
		{"nn: LBFGS: learning rate 0", p, opt(func(o *LBFGSOptimizer) { o.LR = 0 })},
		{"nn: LBFGS: 0 iterations", p, opt(func(o *LBFGSOptimizer) { o.Iterations = 0 })},
		{"nn: LBFGS: -1 evaluations", p, opt(func(o *LBFGSOptimizer) { o.Evaluations = -1 })},
		{"nn: LBFGS: a history of 0 pairs", p, opt(func(o *LBFGSOptimizer) { o.History = 0 })},
		{"nn: LBFGS: gradient tolerance -1", p, opt(func(o *LBFGSOptimizer) { o.GradTolerance = -1 })},
		{"nn: LBFGS: change tolerance +Inf", p, opt(func(o *LBFGSOptimizer) { o.ChangeTolerance = math.Inf(1) })},
	} {
		if _, err := NewMinimizer(c.plan, c.opt); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v; want %q", err, c.want)
		}
	}
}

// minimizable is a small regression, with padding behind each of its parameters.
func minimizable(t *testing.T, dev backend.Backend) (*Model, *Plan) {
	var g lbfgsGoldens
	readGolden(t, "lbfgs", &g)
	return g.Cases[0].plan(t, dev)
}

func minimizer(t *testing.T, p *Plan, opt *LBFGSOptimizer) *Minimizer {
	min, err := NewMinimizer(p, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(min.Release)
	return min
}

// TestMinimizerBudget: the host reads and writes a few numbers for each evaluation and iteration, never a vector, nothing
// stays behind, and the padding between the parameters stays 0.
func TestMinimizerBudget(t *testing.T) {
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		m, p := minimizable(t, dev)
		alive := dev.Stats().LiveBuffers
		opt := LBFGS()
		opt.History = 3
		min := minimizer(t, p, opt)
		if err := dev.Sync(); err != nil {
			t.Fatal(err)
		}
		before := dev.Stats()
		r, err := min.Step()
		if err != nil {
			t.Fatal(err)
		}
		d := dev.Stats().Sub(before)
		if most := int64(r.Evaluations + 2*r.Iterations); d.Reads > most || d.BytesRead != d.Reads*4*scalarCols || d.BytesWritten > 64*most {
			t.Errorf("%+v: %d reads of %d bytes, %d bytes written", r, d.Reads, d.BytesRead, d.BytesWritten)
		}
		if d.Allocs > int64(opt.History+1) {
			t.Errorf("%d allocations for %d pairs", d.Allocs, opt.History)
		}
		vectors := append(min.v.g[:], min.v.w, min.v.grads, min.v.x, min.v.d)
		for _, pair := range min.pairs {
			vectors = append(vectors, pair.s, pair.y)
		}
		for i, v := range vectors {
			all := make([]float32, v.Cols)
			if err := backend.Read(dev, all, v.Buf, v.Off); err != nil {
				t.Fatal(err)
			}
			for _, q := range m.params {
				clear(all[q.off : q.off+q.Rows*q.Cols])
			}
			if slices.ContainsFunc(all, func(x float32) bool { return x != 0 }) {
				t.Errorf("vector %d has padding that is not 0", i)
			}
		}
		min.Release()
		min.Release()
		if s := dev.Stats(); s.LiveBuffers != alive {
			t.Errorf("%d buffers alive, %d before", s.LiveBuffers, alive)
		}
	})
}

// TestMinimizerNonFinite: a step to where the loss is no number is taken back, in its own iteration or, where a fixed step
// ended a Step, in the next; then all goes on.
func TestMinimizerNonFinite(t *testing.T) {
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for name, opt := range map[string]*LBFGSOptimizer{
			"search": {LR: 1e30, Iterations: 3, History: 5},
			"fixed":  {LR: 1e30, Iterations: 3, History: 5, FixedStep: true},
			"unseen": {LR: 1e30, Iterations: 1, History: 5, FixedStep: true},
		} {
			m, p := minimizable(t, dev)
			rate := opt.LR
			min := minimizer(t, p, opt)
			opt.LR = 0.1
			step(t, min)
			good := step(t, min)
			if name == "unseen" {
				good = step(t, min)
			}
			start, err := m.Weights()
			if err != nil {
				t.Fatal(err)
			}
			opt.LR = rate
			if name == "unseen" {
				step(t, min)
			}
			if _, err := min.Step(); err == nil || !strings.Contains(err.Error(), "nn: LBFGS: ") || !strings.Contains(err.Error(), "the loss is") {
				t.Errorf("%s: error %v", name, err)
			}
			if w, err := m.Weights(); err != nil || !slices.Equal(w, start) {
				t.Errorf("%s: %v; other weights than before", name, err)
			}
			opt.LR, opt.FixedStep, opt.Iterations = 1, false, 20
			if r := step(t, min); !(r.Loss < good.Loss) {
				t.Errorf("%s: loss %v, then %v", name, good.Loss, r.Loss)
			}
		}
	})
}

func step(t *testing.T, m *Minimizer) MinimizerResult {
	t.Helper()
	r, err := m.Step()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestMinimizerEach: the caller sees each iteration's loss, which never rises, and may stop.
func TestMinimizerEach(t *testing.T) {
	m, p := minimizable(t, ref.Open())
	min := minimizer(t, p, LBFGS())
	enough := errors.New("enough")
	var seen []MinimizerResult
	var weights []float32
	min.Each = func(r MinimizerResult) (err error) {
		seen = append(seen, r)
		if len(seen) == 7 {
			weights, err = m.Weights()
			return errors.Join(enough, err)
		}
		return nil
	}
	if r, err := min.Step(); !errors.Is(err, enough) || r != seen[6] {
		t.Errorf("%+v, %v", r, err)
	}
	for i, r := range seen {
		if r.Iterations != i+1 || i > 0 && r.Loss > seen[i-1].Loss {
			t.Errorf("iteration %d: %+v", i, r)
		}
	}
	if w, err := m.Weights(); err != nil || !slices.Equal(w, weights) {
		t.Errorf("%v; the weights are not those that the last iteration left", err)
	}
	min.Each = nil
	if r := step(t, min); r.First != seen[6].Loss {
		t.Errorf("goes on from a loss of %v, stopped at %v", r.First, seen[6].Loss)
	}
}

// TestMinimizerConverges: at the minimum of a linear regression, where Steps do nothing more.
func TestMinimizerConverges(t *testing.T) {
	dev := ref.Open()
	m, err := New(dev, 1, Linear(1))
	if err != nil {
		t.Fatal(err)
	}
	values := backend.Mat(alloc(t, dev, backend.F32, 4), 0, 4, 1)
	p, err := m.Plan(PlanConfig{Rows: 4, Loss: MSE(), Values: values, Train: true})
	if err != nil {
		t.Fatal(err)
	}
	backend.Write(dev, p.X.Buf, p.X.Off, []float32{0, 1, 2, 3})
	backend.Write(dev, values.Buf, 0, []float32{1, 3, 5, 7})
	min := minimizer(t, p, LBFGS())
	if r := step(t, min); !r.Converged || !(r.Loss < 1e-9) || r.Iterations > 10 {
		t.Errorf("%+v", r)
	}
	if w, err := m.Weights(); err != nil || math.Abs(float64(w[0])-2) > 1e-4 || math.Abs(float64(w[1])-1) > 1e-4 {
		t.Errorf("weights %v, %v; want 2 and 1", w, err)
	}
	if r := step(t, min); !r.Converged || r.Iterations > 1 {
		t.Errorf("once more: %+v", r)
	}
}

// TestLineSearchError: an evaluation's error ends the search.
func TestLineSearchError(t *testing.T) {
	broken := errors.New("broken")
	for last := range 4 {
		trials := 0
		line := lineSearch{start: point{slope: -1}, size: 1, at: func(t float64, _ ...point) (point, error) {
			if trials++; trials > last {
				return point{}, broken
			}
			return point{t: t, loss: math.Abs(t-0.3) - 0.3, slope: math.Copysign(1, t-0.3)}, nil
		}}
		if _, err := line.run(0.2); err != broken || trials != last+1 {
			t.Errorf("%v after %d trials, want an error after %d", err, trials, last+1)
		}
	}
}
