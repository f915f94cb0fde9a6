package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func TestNonFinite(t *testing.T) {
	nan := float32(math.NaN())
	cases := []struct {
		name   string
		poison func(x []float32)
		first  float32 // factor of the first layer's weights
		last   float32 // and of the last layer's
		where  string
	}{
		{"input", func(x []float32) { x[7] = nan }, 1, 1, "input"},
		{"first layer", func(x []float32) { x[7] = 3e38 }, 100, 1, "layer 0, Linear(4), forward"},
		{"last layer", func(x []float32) {}, 1, 3e38, "layer 2, Linear(2), forward"},
		{"gradient", func(x []float32) {}, 1, 1e20, "gradient norm"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dev := f32Device()
			x, labels := rings(64)
			c.poison(x)
			set := must(data.FromFloats(dev, x, 2, data.Labels(labels)))
			model := must(nn.New(dev, 2, nn.Linear(4), nn.ReLU(), nn.Linear(2)))
			w := must(model.Weights())
			for i := range w {
				if i < 12 {
					w[i] *= c.first
				} else {
					w[i] *= c.last * 10
				}
			}
			if err := model.SetWeights(w); err != nil {
				t.Fatal(err)
			}
			cfg := config()
			cfg.Batch, cfg.Epochs = 4, 5
			trainer := must(train.New(model, set, cfg))
			defer trainer.Release()
			_, err := trainer.Epoch(context.Background())
			var bad *train.NonFiniteError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want a NonFiniteError", err)
			}
			if bad.Where != c.where {
				t.Errorf("first bad place %q, want %q", bad.Where, c.where)
			}
			if _, again := trainer.Epoch(context.Background()); again != err {
				t.Errorf("training went on after %v: %v", err, again)
			}
			// The weights have to be those of exactly bad.Step steps.
			if got, want := must(model.Weights()), after(w, x, labels, cfg, bad.Step); !slices.Equal(got, want) {
				t.Errorf("weights after the stop are not those of %d steps:\n%v\n%v", bad.Step, got, want)
			}
		})
	}
}

// after trains from the weights w for n steps, one step a look, and returns the weights.
func after(w, x []float32, labels []uint32, cfg train.Config, n int64) []float32 {
	dev := f32Device()
	model := must(nn.New(dev, 2, nn.Linear(4), nn.ReLU(), nn.Linear(2)))
	if err := model.SetWeights(w); err != nil {
		panic(err)
	}
	trainer := must(train.New(model, must(data.FromFloats(dev, x, 2, data.Labels(labels))), cfg))
	defer trainer.Release()
	for range n {
		if _, _, err := trainer.Advance(1); err != nil {
			panic(err)
		}
	}
	return must(model.Weights())
}
