package nn

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// lbfgsGoldens is testdata/lbfgs.json, which testdata/lbfgs.py wrote with PyTorch in float64.
type lbfgsGoldens struct {
	Cases []lbfgsGolden
	Lines []struct {
		Name           string
		Trial, T, Loss float64
		Evaluations    int
	}
}

type lbfgsGolden struct {
	golden
	Settings struct {
		LR              *float64
		MaxIter         int     `json:"max_iter"`
		MaxEval         int     `json:"max_eval"`
		HistorySize     int     `json:"history_size"`
		ToleranceChange float64 `json:"tolerance_change"`
		ToleranceGrad   float64 `json:"tolerance_grad"`
		LineSearch      string  `json:"line_search_fn"`
	}
	Steps []struct {
		Loss                           float64 // before
		Iterations, Evaluations, Pairs int
		End                            []float64
	}
}

// optimizer has the settings that the case changes.
func (g *lbfgsGolden) optimizer() *LBFGSOptimizer {
	opt, s := LBFGS(), &g.Settings
	opt.FixedStep = s.LineSearch == ""
	opt.Evaluations = s.MaxEval
	if s.LR != nil {
		opt.LR = *s.LR
	}
	if s.MaxIter > 0 {
		opt.Iterations = s.MaxIter
	}
	if s.HistorySize > 0 {
		opt.History = s.HistorySize
	}
	if s.ToleranceChange > 0 {
		opt.ChangeTolerance = s.ToleranceChange
	}
	if s.ToleranceGrad > 0 {
		opt.GradTolerance = s.ToleranceGrad
	}
	return opt
}

// TestLBFGSGoldens: losses, weights, and the numbers of iterations, evaluations and kept pairs are PyTorch's.
//
// The host reads float32 from every device, so that on ref too the cubic through two losses agrees to 1e-6. In float32
// rounding grows from step to step, the more the smaller a pair's y is beside the gradients that it is the difference of:
// PyTorch's own float32 is off by 5e-6 at most in these cases, but by 5e-5 in the last.
func TestLBFGSGoldens(t *testing.T) {
	var goldens lbfgsGoldens
	readGolden(t, "lbfgs", &goldens)
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, g := range goldens.Cases {
			tolerance := 1e-5
			switch {
			case dev.Info().Device == "ref":
				tolerance = 1e-6
			case g.Name == "fixed curvature":
				tolerance = 1e-4
			}
			t.Run(g.Name, func(t *testing.T) { g.follow(t, dev, tolerance) })
		}
	})
}

func (g *lbfgsGolden) follow(t *testing.T, dev backend.Backend, tolerance float64) {
	m, p := g.plan(t, dev)
	min, err := NewMinimizer(p, g.optimizer())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(min.Release)
	var losses, wants []float64
	for i, want := range g.Steps {
		r, err := min.Step()
		if err != nil {
			t.Fatal(err)
		}
		if r.Iterations != want.Iterations || r.Evaluations != want.Evaluations || len(min.pairs) != want.Pairs {
			t.Fatalf("step %d: %+v, %d pairs; PyTorch has %+v", i, r, len(min.pairs), want)
		}
		losses, wants = append(losses, r.First), append(wants, want.Loss)
		w, err := m.Weights()
		near(t, "weights", doubles(w, err), want.End, 10*tolerance)
	}
	near(t, "losses", losses, wants, tolerance)
}

// plan is the case's network and batch.
func (g *lbfgsGolden) plan(t *testing.T, dev backend.Backend) (*Model, *Plan) {
	m, err := New(dev, goldenInputs, g.layers()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Release)
	if err := m.SetWeights(singles(g.Start)); err != nil {
		t.Fatal(err)
	}
	cfg := PlanConfig{Rows: goldenRows, Train: true, Loss: map[string]Loss{"mse": MSE(), "huber": Huber(1), "xent": CrossEntropy()}[g.Loss]}
	if g.Loss == "xent" {
		labels := make([]uint32, len(g.Target))
		for i, l := range g.Target {
			labels[i] = uint32(l)
		}
		cfg.Labels = backend.Mat(alloc(t, dev, backend.U32, len(labels)), 0, goldenRows, 1)
		backend.Write(dev, cfg.Labels.Buf, 0, labels)
	} else {
		cfg.Values = backend.Mat(alloc(t, dev, backend.F32, len(g.Target)), 0, goldenRows, m.Outputs())
		backend.Write(dev, cfg.Values.Buf, 0, singles(g.Target))
	}
	p, err := m.Plan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	backend.Write(dev, p.X.Buf, p.X.Off, singles(g.X))
	return m, p
}

// lines are the functions of testdata/lbfgs.py with their derivatives.
var lines = map[string][2]func(t float64) float64{
	"parabola": {func(t float64) float64 { return (t - 1) * (t - 1) }, func(t float64) float64 { return 2 * (t - 1) }},
	"quartic":  {func(t float64) float64 { return math.Pow(t-2, 4) - t }, func(t float64) float64 { return 4*math.Pow(t-2, 3) - 1 }},
	"wave":     {func(t float64) float64 { return -math.Sin(5*t) - t/2 }, func(t float64) float64 { return -5*math.Cos(5*t) - 0.5 }},
	"wall":     {func(t float64) float64 { return -t + math.Exp(20*(t-1)) }, func(t float64) float64 { return -1 + 20*math.Exp(20*(t-1)) }},
	"kink":     {func(t float64) float64 { return math.Abs(t - 0.3) }, func(t float64) float64 { return math.Copysign(1, t-0.3) }},
	"slope":    {func(t float64) float64 { return -t }, func(t float64) float64 { return -1 }},
}

// TestLineSearchGoldens: the line search takes PyTorch's steps, and those that it ends with before its limits fulfil the
// strong Wolfe conditions.
func TestLineSearchGoldens(t *testing.T) {
	var goldens lbfgsGoldens
	readGolden(t, "lbfgs", &goldens)
	for _, g := range goldens.Lines {
		evaluations := 0
		f, slope := lines[g.Name][0], lines[g.Name][1]
		at := func(t float64, _ ...point) (point, error) {
			evaluations++
			return point{t: t, loss: f(t), slope: slope(t)}, nil
		}
		start, _ := at(0)
		evaluations = 0
		line := lineSearch{start: start, size: 1, at: at}
		p, err := line.run(g.Trial)
		if err != nil || evaluations != g.Evaluations || !(math.Abs(p.t-g.T) <= 1e-9*g.T) || !(math.Abs(p.loss-g.Loss) <= 1e-9*math.Max(1, math.Abs(g.Loss))) {
			t.Errorf("%s from %v: t %v, loss %v after %d evaluations, PyTorch has %v, %v, %d", g.Name, g.Trial, p.t, p.loss, evaluations, g.T, g.Loss, g.Evaluations)
		}
		if g.Name != "kink" && g.Name != "slope" && (line.tooHigh(p) || !line.flat(p)) {
			t.Errorf("%s from %v: t %v does not fulfil the Wolfe conditions", g.Name, g.Trial, p.t)
		}
	}
}
