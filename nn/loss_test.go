package nn

import (
	"math"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// valued sets the values of a plan's target.
func valued(f func(b *bench) float64) func(b *bench, cfg *PlanConfig) {
	return func(b *bench, cfg *PlanConfig) {
		v := ref.Float64(cfg.Values.Buf)
		for i := range v {
			v[i] = f(b)
		}
	}
}

// rowWeights gives the rows weights, one of them 0.
func rowWeights(b *bench, cfg *PlanConfig) {
	buf, err := backend.Alloc(b.dev, backend.F32, cfg.Rows)
	if err != nil {
		panic(err)
	}
	cfg.Weights = backend.Mat(buf, 0, cfg.Rows, 1)
	for i := range ref.Float64(buf) {
		ref.Float64(buf)[i] = float64(i) / 2
	}
}

// TestLossGradients: every loss behind a small network, alone and with weights of rows, by finite differences.
func TestLossGradients(t *testing.T) {
	probability := valued(func(b *bench) float64 { return b.rng.Float64() })
	signs := valued(func(b *bench) float64 { return float64(2*b.rng.IntN(2) - 1) })
	counts := valued(func(b *bench) float64 { return float64(b.rng.IntN(5)) })
	none := func(*bench, *PlanConfig) {}
	heads := Losses(Part{Outputs: 2, Loss: CrossEntropy()}, Part{Outputs: 1, Loss: Huber(1), Weight: 0.3}, Part{Outputs: 1, Loss: BCEWithLogits(2)})
	rate := PoissonNLL()
	rate.Rate, rate.Full = true, true
	for name, c := range map[string]struct {
		loss   Loss
		values func(b *bench, cfg *PlanConfig)
		last   []Layer // after the network of 4 outputs
	}{
		"mse": {MSE(), none, nil}, "mae": {MAE(), none, nil}, "huber": {Huber(0.7), none, nil}, "smooth l1": {SmoothL1(0.4), none, nil},
		"log cosh": {LogCosh(), none, nil}, "hinge": {Hinge(), signs, nil}, "bce": {BCEWithLogits(2, 0.5, 1, 3), probability, nil},
		"focal": {Focal(0.25, 2), probability, nil}, "focal, no alpha": {Focal(-1, 0.5), probability, nil}, "poisson": {PoissonNLL(), counts, nil},
		"poisson rate": {rate, counts, []Layer{Softplus()}}, "kl": {KLDiv(), probability, []Layer{LogSoftmax()}},
		"kl log": {&KLDivLoss{LogTarget: true, Mean: true}, none, []Layer{LogSoftmax()}}, "quantile": {Quantile(0.1, 0.4, 0.6, 0.9), none, nil},
		"gauss": {GaussianNLL(), none, []Layer{Softplus()}}, "cross-entropy": {CrossEntropy(), none, nil},
		"cross-entropy with all":         {&CrossEntropyLoss{ClassWeights: []float64{1, 2, 0.5, 3}, Smoothing: 0.2, Ignore: true, IgnoreIndex: 2}, none, nil},
		"cross-entropy of probabilities": {&CrossEntropyLoss{Probabilities: true, ClassWeights: []float64{1, 2, 0.5, 3}}, probability, nil},
		"nll":                            {&NLLLoss{ClassWeights: []float64{1, 2, 0.5, 3}, Ignore: true, IgnoreIndex: 1}, none, []Layer{LogSoftmax()}},
		"sum":                            {Sum(MSE()), none, nil}, "heads": {heads, none, nil},
	} {
		t.Run(name, func(t *testing.T) {
			layers := append([]Layer{Linear(5), Tanh(), Linear(4)}, c.last...)
			checkGradients(t, 3, c.loss, layers, c.values)
			checkGradients(t, 3, c.loss, layers, c.values, rowWeights)
		})
	}
}

// TestWeightsOfNothing: a batch whose rows all weigh 0 has loss 0 and leaves the weights alone.
func TestWeightsOfNothing(t *testing.T) {
	b := newBench(t, 3, 2, CrossEntropy(), []Layer{Linear(3)}, rowWeights, func(_ *bench, cfg *PlanConfig) { clear(ref.Float64(cfg.Weights.Buf)) })
	if got := b.loss(); got != 0 {
		t.Errorf("loss %v", got)
	}
	for i, g := range ref.Float64(b.plan.grads) {
		if g != 0 {
			t.Fatalf("gradient %d is %v", i, g)
		}
	}
	if r, err := b.plan.Results(1); err != nil || r[0].Weight != 0 || !r[0].Finite() {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestResultWeights: what a loss is a mean over is the sum of the rows' weights, for several heads too.
func TestResultWeights(t *testing.T) {
	heads := Losses(Part{Outputs: 1, Loss: MSE()}, Part{Outputs: 1, Loss: MAE(), Weight: 2})
	for _, loss := range []Loss{MSE(), Hinge(), Quantile(0.1, 0.5), GaussianNLL(), CrossEntropy(), heads, Losses(Part{Outputs: 2, Loss: NLL()})} {
		b := newBench(t, 4, 3, loss, []Layer{Linear(2), Softplus()}, rowWeights) // 0, ½, 1, 1½
		b.loss()
		if r, err := b.plan.Results(1); err != nil || r[0].Weight != 3 {
			t.Errorf("%v: %+v, %v", loss, r, err)
		}
	}
}

// TestLabelsAreCounted: rows that are right are counted by every loss that takes labels, those without one left out.
func TestLabelsAreCounted(t *testing.T) {
	nll := &NLLLoss{Ignore: true, IgnoreIndex: -100}
	for _, loss := range []Loss{CrossEntropy(), NLL(), nll, Losses(Part{Outputs: 3, Loss: nll}), Sum(NLL())} {
		onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
			m, err := New(dev, 3, LogSoftmax())
			if err != nil {
				t.Fatal(err)
			}
			labels := backend.Mat(alloc(t, dev, backend.U32, 4), 0, 4, 1)
			backend.Write(dev, labels.Buf, 0, []uint32{0, 2, backend.NoRow, 2})
			p, err := m.Plan(PlanConfig{Rows: 4, Loss: loss, Labels: labels})
			if err != nil {
				t.Fatal(err)
			}
			backend.Write(dev, p.X.Buf, p.X.Off, []float32{3, 1, 2, 0, 0, 1, 9, 8, 7, 1, 1, 0})
			if err := p.Begin(0, 1); err != nil {
				t.Fatal(err)
			}
			backend.Do(dev, p.Calls...)
			if r, err := p.Results(1); err != nil || r[0].Correct != 2 {
				t.Errorf("%v: %+v, %v", loss, r, err)
			}
		})
	}
}

func TestLossMisuse(t *testing.T) {
	nan := math.NaN()
	for want, loss := range map[string]Loss{
		"Huber(0): delta 0":                              Huber(0),
		"Huber(NaN): delta NaN":                          Huber(nan),
		"SmoothL1(-1): beta -1":                          SmoothL1(-1),
		"BCEWithLogits[-1]: positive weight -1":          BCEWithLogits(-1),
		"BCEWithLogits[1 2 3]: 3 positive weights for 2": BCEWithLogits(1, 2, 3),
		"Focal(2, 2): alpha 2":                           Focal(2, 2),
		"Focal(0.25, -1): gamma -1":                      Focal(0.25, -1),
		"PoissonNLL: epsilon 0":                          &PoissonNLLLoss{},
		"GaussianNLL: epsilon NaN":                       &GaussianNLLLoss{Epsilon: nan},
		"Quantile[]: no quantiles":                       Quantile(),
		"Quantile[0 0.5]: quantile 0":                    Quantile(0, 0.5),
		"Quantile[0.5]: 1 quantiles for 2 outputs":       Quantile(0.5),
		"CrossEntropy: weight of class 1, -1":            &CrossEntropyLoss{ClassWeights: []float64{1, -1}},
		"CrossEntropy: 3 class weights for 2 outputs":    &CrossEntropyLoss{ClassWeights: []float64{1, 1, 1}},
		"CrossEntropy: smoothing 1":                      &CrossEntropyLoss{Smoothing: 1},
		"CrossEntropy: ignore index -100 without Ignore": &CrossEntropyLoss{IgnoreIndex: -100},
		"CrossEntropy: there are no labels to ignore":    &CrossEntropyLoss{Probabilities: true, Ignore: true},
		"CrossEntropy: there are no labels to smooth":    &CrossEntropyLoss{Probabilities: true, Smoothing: 0.1},
		"NLL: ignore index 3 without Ignore":             &NLLLoss{IgnoreIndex: 3},
		"Losses(): no parts":                             Losses(),
		"part 0: no loss":                                Losses(Part{Outputs: 2}),
		"part 0: 0 outputs":                              Losses(Part{Loss: MSE()}),
		"part 1: weight -1":                              Losses(Part{Outputs: 1, Loss: MSE()}, Part{Outputs: 1, Loss: MSE(), Weight: -1}),
		"part 0: delta 0":                                Losses(Part{Outputs: 2, Loss: Huber(0)}),
		"part 0, GaussianNLL: 1 outputs are no means":    Losses(Part{Outputs: 1, Loss: GaussianNLL()}, Part{Outputs: 1, Loss: MSE()}),
		"parts of 3 outputs together for 2 outputs":      Losses(Part{Outputs: 3, Loss: MSE()}),
		"Sum(Huber(0)): delta 0":                         Sum(Huber(0)),
	} {
		m, err := New(ref.Open(), 2, Linear(2))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Plan(PlanConfig{Rows: 3, Loss: loss}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
