package nn

import (
	"math"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// lossGoldens are testdata/losses.json, which testdata/losses.py wrote with PyTorch in float64.
type lossGoldens struct {
	Rows                    int
	Classes, Pos, Quantiles []float64
	Cases                   []struct {
		Name              string
		Cols              int
		Outputs, Gradient []float64
		Loss              float64
		Labels            []uint32
		Values, Weights   []float64
		Training          struct {
			LR                    float64
			X, Start, Losses, End []float64
		}
	}
}

// behind is what a case's network ends in, for losses that do not take just any number.
func behind(name string) []Layer {
	switch {
	case strings.HasPrefix(name, "KLDiv"), strings.HasPrefix(name, "NLL"):
		return []Layer{LogSoftmax()}
	case strings.HasPrefix(name, "GaussianNLL"), name == "PoissonNLL rate":
		return []Layer{Softplus()}
	}
	return nil
}

// losses are the losses by the names of the cases.
func (g *lossGoldens) losses() map[string]Loss {
	with := func(l *CrossEntropyLoss, set func(l *CrossEntropyLoss)) Loss { set(l); return l }
	nll := func(set func(l *NLLLoss)) Loss { l := NLL(); set(l); return l }
	poisson := func(set func(l *PoissonNLLLoss)) Loss { l := PoissonNLL(); set(l); return l }
	kl := func(set func(l *KLDivLoss)) Loss { l := KLDiv(); set(l); return l }
	gaussian := GaussianNLL()
	gaussian.Full, gaussian.Epsilon = true, 1e-3
	return map[string]Loss{
		"MSE": MSE(), "MSE weighted": MSE(), "MSE sum": Sum(MSE()), "MAE": MAE(), "MAE weighted": MAE(),
		"Huber 1": Huber(1), "Huber 0.5": Huber(0.5), "SmoothL1 1": SmoothL1(1), "SmoothL1 0.25": SmoothL1(0.25), "SmoothL1 0": SmoothL1(0),
		"LogCosh": LogCosh(), "Hinge": Hinge(),
		"BCEWithLogits": BCEWithLogits(), "BCEWithLogits weighted": BCEWithLogits(), "BCEWithLogits pos": BCEWithLogits(g.Pos...),
		"Focal": Focal(0.25, 2), "Focal hard": Focal(-1, 1.5), "Focal 0": Focal(0.75, 0),
		"PoissonNLL": PoissonNLL(), "PoissonNLL full": poisson(func(l *PoissonNLLLoss) { l.Full = true }),
		"PoissonNLL rate": poisson(func(l *PoissonNLLLoss) { l.Rate = true }),
		"KLDiv":           KLDiv(), "KLDiv mean": kl(func(l *KLDivLoss) { l.Mean = true }), "KLDiv log": kl(func(l *KLDivLoss) { l.LogTarget = true }),
		"Quantile": Quantile(g.Quantiles...), "Quantile weighted": Quantile(g.Quantiles...),
		"GaussianNLL": GaussianNLL(), "GaussianNLL full": gaussian,
		"CrossEntropy": CrossEntropy(), "CrossEntropy weighted": CrossEntropy(), "CrossEntropy sum": Sum(CrossEntropy()),
		"CrossEntropy classes":          with(CrossEntropy(), func(l *CrossEntropyLoss) { l.ClassWeights = g.Classes }),
		"CrossEntropy classes weighted": with(CrossEntropy(), func(l *CrossEntropyLoss) { l.ClassWeights = g.Classes }),
		"CrossEntropy smooth":           with(CrossEntropy(), func(l *CrossEntropyLoss) { l.Smoothing = 0.1 }),
		"CrossEntropy smooth classes":   with(CrossEntropy(), func(l *CrossEntropyLoss) { l.ClassWeights, l.Smoothing = g.Classes, 0.2 }),
		"CrossEntropy ignore":           with(CrossEntropy(), func(l *CrossEntropyLoss) { l.Ignore, l.IgnoreIndex = true, -100 }),
		"CrossEntropy ignore 1": with(CrossEntropy(), func(l *CrossEntropyLoss) {
			l.Ignore, l.IgnoreIndex, l.Smoothing, l.ClassWeights = true, 1, 0.1, g.Classes
		}),
		"CrossEntropy probabilities": with(CrossEntropy(), func(l *CrossEntropyLoss) { l.Probabilities = true }),
		"NLL":                        NLL(), "NLL classes": nll(func(l *NLLLoss) { l.ClassWeights = g.Classes }),
		"NLL ignore": nll(func(l *NLLLoss) { l.Ignore, l.IgnoreIndex = true, -100 }),
		"Losses":     Losses(Part{Outputs: 2, Loss: CrossEntropy()}, Part{Outputs: 2, Loss: MSE(), Weight: 0.25}),
	}
}

func TestLossGoldens(t *testing.T) {
	var g lossGoldens
	readGolden(t, "losses", &g)
	losses := g.losses()
	if len(losses) != len(g.Cases) {
		t.Errorf("%d losses for %d goldens", len(losses), len(g.Cases))
	}
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, c := range g.Cases {
			t.Run(c.Name, func(t *testing.T) {
				cfg := PlanConfig{Rows: g.Rows, Loss: losses[c.Name], Train: true, InputGrad: true}
				if c.Labels != nil {
					cfg.Labels = backend.Mat(alloc(t, dev, backend.U32, len(c.Labels)), 0, g.Rows, len(c.Labels)/g.Rows)
					backend.Write(dev, cfg.Labels.Buf, 0, c.Labels)
				}
				for to, from := range map[*backend.Tensor][]float64{&cfg.Values: c.Values, &cfg.Weights: c.Weights} {
					if from != nil {
						*to = backend.Mat(alloc(t, dev, backend.F32, len(from)), 0, g.Rows, len(from)/g.Rows)
						backend.Write(dev, to.Buf, 0, singles(from))
					}
				}
				l := learner(t, dev, c.Cols, nil, cfg, through{})
				backend.Write(dev, l.plan.X.Buf, l.plan.X.Off, singles(c.Outputs))
				if got := l.step(0); !(math.Abs(got-c.Loss) <= 1e-5*math.Max(1, math.Abs(c.Loss))) {
					t.Errorf("the loss is %v, PyTorch has %v", got, c.Loss)
				}
				near(t, "gradient", l.read(l.plan.DX), c.Gradient, 1e-5)

				own := c.Training
				cfg.InputGrad = false
				l = learner(t, dev, len(own.X)/g.Rows, SGD(own.LR), cfg, append([]Layer{Linear(c.Cols)}, behind(c.Name)...)...)
				backend.Write(dev, l.plan.X.Buf, l.plan.X.Off, singles(own.X))
				l.follow(trajectory{Start: own.Start, Losses: own.Losses, End: own.End})
			})
		}
	})
}

// learner is a lesson of a plan whose target is there already; without an optimizer the parameters stay.
func learner(t *testing.T, dev backend.Backend, inputs int, opt Optimizer, cfg PlanConfig, layers ...Layer) *lesson {
	t.Helper()
	m, err := New(dev, inputs, layers...)
	if err == nil && opt != nil {
		cfg.State, err = NewState(m, opt)
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Plan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &lesson{t, dev, m, p}
}

// through is a layer that changes nothing: what a loss sees is the input.
type through struct{}

type throughNode int

func (through) String() string                      { return "through" }
func (through) Bind(_ *Scope, in int) (Node, error) { return throughNode(in), nil }
func (n throughNode) Width() int                    { return int(n) }

func (throughNode) Forward(_ *Plan, x Value) (Value, Backward) {
	return x, func(dy Value) Value { return dy }
}
