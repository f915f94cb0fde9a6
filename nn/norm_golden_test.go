package nn

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// normGoldens are testdata/norms.json, which testdata/norms.py wrote with PyTorch in float64.
type normGoldens []struct {
	Name               string
	X, Target          []float64
	Start, End         []float64 // weights
	Outputs, Gradients []float64 // of the first step
	Losses             []float64
	Evaluated, Running []float64 // after the last
}

var normNets = map[string][]Layer{
	"BatchNorm":          {Linear(5, NoBias()), BatchNorm(), ReLU(), Linear(2)},
	"BatchNorm settings": {BatchNorm(Epsilon(0.01), Momentum(0.3), NoAffine()), Linear(5), Tanh(), Linear(2)},
	"LayerNorm":          {Linear(5), LayerNorm(), GELU(), Linear(2)},
	"LayerNorm settings": {Linear(5), LayerNorm(Epsilon(0.1), NoAffine()), Linear(2)},
	"RMSNorm":            {Linear(5), RMSNorm(), SiLU(), Linear(2)},
	"Residual":           {Linear(5), Residual(LayerNorm(), Linear(7), GELU(), Linear(5)), Linear(2)},
	"Concat":             {Linear(5), Tanh(), Concat(Linear(1), Sequence(Linear(3), Tanh(), Linear(1)))},
}

func TestNormGoldens(t *testing.T) {
	var goldens normGoldens
	readGolden(t, "norms", &goldens)
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, g := range goldens {
			t.Run(g.Name, func(t *testing.T) {
				l := newLesson(t, dev, Adam(0.01), MSE(), goldenRows, g.X, g.Target, normNets[g.Name])
				l.follow(trajectory{g.Start, g.Outputs, g.Gradients, g.Losses, g.End})
				y, err := l.model.Predict(singles(g.X))
				near(t, "evaluation", doubles(y, err), g.Evaluated, 1e-4)
				var running []float64
				stats, err := l.model.RunningStats()
				for _, s := range stats {
					running = append(running, doubles(s.Values, err)...)
				}
				if len(running) != len(g.Running) {
					t.Fatalf("%d running statistics, want %d", len(running), len(g.Running))
				}
				near(t, "running statistics", running, g.Running, 1e-4)
			})
		}
	})
}
