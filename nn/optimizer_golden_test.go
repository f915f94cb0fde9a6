package nn

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// optimizerGoldens are testdata/optimizers.json, which testdata/optimizers.py wrote with PyTorch in float64.
type optimizerGoldens []struct {
	Name       string
	X, Target  []float64
	Start, End []float64 // weights
	Losses     []float64
	Averaged   []float64 // of updates.json
}

func goldenOptimizers() map[string]Optimizer {
	sgd := func(lr float64, set func(o *SGDOptimizer)) Optimizer { o := SGD(lr); set(o); return o }
	adam := func(o *AdamOptimizer, set func(o *AdamOptimizer)) Optimizer { set(o); return o }
	nadam := func(lr float64, set func(o *NAdamOptimizer)) Optimizer { o := NAdam(lr); set(o); return o }
	radam := func(lr float64, set func(o *RAdamOptimizer)) Optimizer { o := RAdam(lr); set(o); return o }
	rmsprop := func(lr float64, set func(o *RMSpropOptimizer)) Optimizer { o := RMSprop(lr); set(o); return o }
	adagrad := func(lr float64, set func(o *AdagradOptimizer)) Optimizer { o := Adagrad(lr); set(o); return o }
	lion := func(lr float64, set func(o *LionOptimizer)) Optimizer { o := Lion(lr); set(o); return o }
	return map[string]Optimizer{
		"SGD":              SGD(0.2),
		"SGD nesterov":     sgd(0.05, func(o *SGDOptimizer) { o.Momentum, o.Nesterov, o.WeightDecay = 0.9, true, 0.01 }),
		"SGD dampening":    sgd(0.1, func(o *SGDOptimizer) { o.Momentum, o.Dampening = 0.8, 0.3 }),
		"Adam":             Adam(0.02),
		"Adam amsgrad":     adam(Adam(0.05), func(o *AdamOptimizer) { o.Beta1, o.Beta2, o.AMSGrad, o.WeightDecay = 0.8, 0.9, true, 0.02 }),
		"Adam epsilon hat": adam(Adam(0.02), func(o *AdamOptimizer) { o.Beta2, o.Epsilon, o.EpsilonHat = 0.99, 1e-2, true }),
		"AdamW":            adam(AdamW(0.02), func(o *AdamOptimizer) { o.WeightDecay = 0.1 }),
		"AdamW amsgrad":    adam(AdamW(0.05), func(o *AdamOptimizer) { o.Beta1, o.Beta2, o.AMSGrad = 0.8, 0.9, true }),
		"NAdam":            NAdam(0.02),
		"NAdam decay": nadam(0.02, func(o *NAdamOptimizer) {
			o.Beta1, o.Beta2, o.MomentumDecay, o.WeightDecay, o.Epsilon = 0.8, 0.95, 0.5, 0.05, 1e-4
		}),
		"RAdam":            RAdam(0.02),
		"RAdam rectified":  radam(0.02, func(o *RAdamOptimizer) { o.Beta2, o.WeightDecay = 0.9, 0.01 }),
		"RMSprop":          RMSprop(0.005),
		"RMSprop momentum": rmsprop(0.002, func(o *RMSpropOptimizer) { o.Alpha, o.Momentum, o.WeightDecay = 0.9, 0.8, 0.01 }),
		"RMSprop centered": rmsprop(0.002, func(o *RMSpropOptimizer) { o.Alpha, o.Momentum, o.Centered, o.Epsilon = 0.9, 0.5, true, 1e-3 }),
		"RMSprop inside":   rmsprop(0.005, func(o *RMSpropOptimizer) { o.Alpha, o.EpsilonInside, o.Epsilon = 0.9, true, 1e-3 }),
		"Adagrad":          Adagrad(0.05),
		"Adagrad decay":    adagrad(0.1, func(o *AdagradOptimizer) { o.LRDecay, o.Initial, o.WeightDecay = 0.1, 0.2, 0.05 }),
		"Adagrad inside":   adagrad(0.05, func(o *AdagradOptimizer) { o.Initial, o.EpsilonInside, o.Epsilon = 0.1, true, 1e-3 }),
		"Lion":             Lion(0.005),
		"Lion decay":       lion(0.01, func(o *LionOptimizer) { o.Beta1, o.Beta2, o.WeightDecay = 0.8, 0.9, 0.5 }),
	}
}

// TestOptimizerGoldens trains 20 steps with each optimizer and is where PyTorch is.
func TestOptimizerGoldens(t *testing.T) {
	var goldens optimizerGoldens
	readGolden(t, "optimizers", &goldens)
	optimizers := goldenOptimizers()
	if len(optimizers) != len(goldens) {
		t.Errorf("%d optimizers for %d goldens", len(optimizers), len(goldens))
	}
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, g := range goldens {
			t.Run(g.Name, func(t *testing.T) {
				opt := optimizers[g.Name]
				l := newLesson(t, dev, opt, MSE(), goldenRows, g.X, g.Target, []Layer{Linear(8), Tanh(), Linear(2)})
				l.follow(trajectory{Start: g.Start, Losses: g.Losses, End: g.End})
			})
		}
	})
}
