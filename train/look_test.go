package train_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestRate: callbacks can ask for the rate of the last step.
func TestRate(t *testing.T) {
	dev := ref.Open()
	m := ringModel(dev)
	opt := nn.SGD(0.5)
	opt.Schedule = nn.ScheduleFunc(func(step int64) float64 { return math.Pow(0.5, float64(step)) })
	var of *train.Trainer
	cfg := config()
	cfg.Optimizer, cfg.Epochs = opt, 2
	cfg.Callbacks = []train.Callback{{
		Begin: func(training *train.Training) error {
			tr := training.Trainer
			if of = tr; tr.Step() != 0 || tr.Rate() != 0.5 {
				t.Errorf("begin: step %d, rate %v", tr.Step(), tr.Rate())
			}
			if _, err := tr.Gradients(); err == nil {
				t.Error("there are gradients before the first step")
			}
			return nil
		},
		Epoch: func(e train.Epoch) error {
			if want := int64(e.Number * e.Steps); of.Step() != want || of.Rate() != 0.5*math.Pow(0.5, float64(want-1)) {
				t.Errorf("epoch %d: step %d, rate %v", e.Number, of.Step(), of.Rate())
			}
			return nil
		},
	}}
	if _, err := train.Fit(context.Background(), m, ringSet(dev, 250), cfg); err != nil {
		t.Fatal(err)
	}
}

// TestTrainerGradients: they are what turned the weights before the last step into those after it, also where that was a
// smaller batch.
func TestTrainerGradients(t *testing.T) {
	for _, rows := range []int{64, 70, 20} {
		dev := ref.Open()
		m := ringModel(dev)
		cfg := config()
		cfg.Optimizer = nn.SGD(1)
		tr := must(train.New(m, ringSet(dev, rows), cfg))
		for range (rows + 31) / 32 {
			before := must(m.Weights())
			if _, _, err := tr.Advance(1); err != nil {
				t.Fatal(err)
			}
			after, g := must(m.Weights()), must(tr.Gradients())
			for i := range g {
				if d := float64(before[i] - g[i] - after[i]); !(math.Abs(d) <= 1e-6) {
					t.Fatalf("%d rows, step %d: element %d: gradient %v, weight %v → %v", rows, tr.Step(), i, g[i], before[i], after[i])
				}
			}
			if !slices.ContainsFunc(g, func(x float32) bool { return x != 0 }) {
				t.Error("all gradients are 0")
			}
		}
		tr.Release()
	}
}

// own is an optimizer that tells no learning rate.
type own struct{ nn.Optimizer }

func (own) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	return nn.SGD(0.1).Update(g, ok, w, slots, consts)
}

func TestNoRate(t *testing.T) {
	dev := ref.Open()
	cfg := config()
	cfg.Optimizer = own{nn.SGD(0.1)}
	tr := must(train.New(ringModel(dev), ringSet(dev, 64), cfg))
	defer tr.Release()
	if r := tr.Rate(); !math.IsNaN(r) {
		t.Errorf("an optimizer that tells no rate has rate %v", r)
	}
}
