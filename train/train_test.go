package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// rings are points around the origin, class 1 outside the unit circle.
func rings(n int) (x []float32, labels []uint32) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range n {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		x = append(x, float32(a), float32(b))
		label := uint32(0)
		if a*a+b*b > 1 {
			label = 1
		}
		labels = append(labels, label)
	}
	return x, labels
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ringSet(dev backend.Backend, n int) *data.Set {
	x, labels := rings(n)
	return must(data.FromFloats(dev, x, 2, data.Labels(labels)))
}

func ringModel(dev backend.Backend) *nn.Model {
	return must(nn.New(dev, 2, nn.Linear(16), nn.Tanh(), nn.Dropout(0.1), nn.Linear(2)))
}

func config() train.Config {
	return train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.02), Epochs: 25, Batch: 32, Seed: 5}
}

func TestFitLearns(t *testing.T) {
	dev := ref.Open()
	set, model := ringSet(dev, 250), ringModel(dev)
	cfg := config()
	cfg.Validation = set
	reported := 0
	cfg.Callbacks = []train.Callback{{Epoch: func(train.Epoch) error { reported++; return nil }}}
	history, err := train.Fit(context.Background(), model, set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	first, last := history[0], history[len(history)-1]
	if len(history) != 25 || reported != 25 || first.Number != 1 || last.Number != 25 {
		t.Errorf("%d epochs, %d reports, numbers %d to %d", len(history), reported, first.Number, last.Number)
	}
	if last.Rows != 250 || last.Steps != 8 { // 7 of 32 and one of 26
		t.Errorf("an epoch of %d rows in %d steps, want 250 in 8", last.Rows, last.Steps)
	}
	if last.Validation.Accuracy < 0.93 || last.Loss > first.Loss/2 {
		t.Errorf("loss %v to %v, test accuracy %v", first.Loss, last.Loss, last.Validation.Accuracy)
	}
	model.Release()
	set.Release()
	if s := dev.Stats(); s.LiveBuffers != 0 {
		t.Errorf("%d buffers alive at the end", s.LiveBuffers)
	}
}

// TestEvaluate compares with a score from Predict, over a set with a ragged end.
func TestEvaluate(t *testing.T) {
	dev := ref.Open()
	x, labels := rings(1203)
	set, model := ringSet(dev, 1203), ringModel(dev)
	got, err := train.Evaluate(model, set, nn.CrossEntropy())
	if err != nil {
		t.Fatal(err)
	}
	y := must(model.Predict(x))
	var loss, right float64
	for i, label := range labels {
		a, b := float64(y[2*i]), float64(y[2*i+1])
		loss += math.Log(math.Exp(a)+math.Exp(b)) - [2]float64{a, b}[label]
		if (b > a) == (label == 1) {
			right++
		}
	}
	if math.Abs(got.Loss-loss/1203) > 1e-6 || got.Accuracy != right/1203 || got.Rows != 1203 {
		t.Errorf("score %+v, want loss %v, accuracy %v", got, loss/1203, right/1203)
	}
}

func TestSameSeedSameWeights(t *testing.T) {
	run := func(seed uint64) []float32 {
		dev := ref.Open()
		model, cfg := ringModel(dev), config()
		cfg.Epochs, cfg.Seed = 2, seed
		must(train.Fit(context.Background(), model, ringSet(dev, 100), cfg))
		return must(model.Weights())
	}
	if a := run(1); !slices.Equal(a, run(1)) || slices.Equal(a, run(2)) {
		t.Error("seed 1 twice should give the same weights, seed 2 others")
	}
}

// TestMSE trains a regression, with values as targets.
func TestMSE(t *testing.T) {
	dev := ref.Open()
	x, _ := rings(200)
	y := make([]float32, 200)
	for i := range y {
		y[i] = 2*x[2*i] - x[2*i+1] + 0.5
	}
	set := must(data.FromFloats(dev, x, 2, data.Values(y, 1)))
	model := must(nn.New(dev, 2, nn.Linear(1)))
	sgd := nn.SGD(0.05)
	sgd.Momentum = 0.5
	history, err := train.Fit(context.Background(), model, set, train.Config{Loss: nn.MSE(), Optimizer: sgd, Epochs: 30, Batch: 20})
	if err != nil {
		t.Fatal(err)
	}
	w := must(model.Weights())
	for i, want := range []float32{2, -1, 0.5} {
		if d := w[i] - want; !(d*d < 1e-6) {
			t.Errorf("weights %v, want 2, -1, 0.5; last loss %v", w, history[29].Loss)
			break
		}
	}
}

func TestCancel(t *testing.T) {
	dev := ref.Open()
	ctx, cancel := context.WithCancel(context.Background())
	cfg := config()
	cfg.Callbacks = []train.Callback{{Epoch: func(e train.Epoch) error {
		if e.Number == 2 {
			cancel()
		}
		return nil
	}}}
	history, err := train.Fit(ctx, ringModel(dev), ringSet(dev, 64), cfg)
	if !errors.Is(err, context.Canceled) || len(history) != 2 {
		t.Errorf("%d epochs, error %v; want 2 and context.Canceled", len(history), err)
	}
}

func TestDeviceFailure(t *testing.T) {
	dev := ref.Open()
	trainer := must(train.New(ringModel(dev), ringSet(dev, 64), config()))
	lost := errors.New("lost context")
	backend.Fail(dev, lost)
	for range 2 {
		if _, err := trainer.Epoch(context.Background()); !errors.Is(err, lost) {
			t.Errorf("got %v, want the device's failure", err)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	dev := ref.Open()
	set, model := ringSet(dev, 64), ringModel(dev)
	x, labels := rings(64)
	wide := must(data.FromFloats(dev, make([]float32, 64*3), 3, data.Labels(labels)))
	many := must(data.FromFloats(dev, x, 2, data.Labels(append(labels[:63:63], 255))))
	values := must(data.FromFloats(dev, x, 2, data.Values(x, 2)))
	elsewhere := ringSet(ref.Open(), 64)
	cases := []struct {
		name string
		set  *data.Set
		edit func(*train.Config)
		want string
	}{
		{"batch", set, func(c *train.Config) { c.Batch = 0 }, "batches of 0 rows"},
		{"epochs", set, func(c *train.Config) { c.Epochs = 0 }, "0 epochs"},
		{"no loss", set, func(c *train.Config) { c.Loss = nil }, "a loss and an optimizer are needed"},
		{"no set", nil, func(c *train.Config) {}, "a training set are needed"},
		{"NaN rate", set, func(c *train.Config) { c.Optimizer = nn.Adam(math.NaN()) }, "Adam: learning rate NaN"},
		{"momentum", set, func(c *train.Config) { c.Optimizer = &nn.SGDOptimizer{Momentum: 1} }, "SGD: momentum 1"},
		{"width", wide, func(c *train.Config) {}, "rows of 3 values, the model takes 2"},
		{"labels", many, func(c *train.Config) {}, "labels up to 255, the model's 2 outputs tell 0 to 1 apart"},
		{"values for labels", values, func(c *train.Config) {}, "CrossEntropy wants labels, the training set has values"},
		{"labels for values", set, func(c *train.Config) { c.Loss = nn.MSE() }, "MSE wants values to predict, the training set has labels"},
		{"validation set", set, func(c *train.Config) { c.Validation = wide }, "the validation set has rows of 3"},
		{"device", elsewhere, func(c *train.Config) {}, "another device than the model"},
		{"read every", set, func(c *train.Config) { c.ReadEvery = -1 }, "every -1 steps"},
	}
	for _, c := range cases {
		cfg := config()
		c.edit(&cfg)
		_, err := train.Fit(context.Background(), model, c.set, cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", c.name, err, c.want)
		}
	}
}

// TestReadEvery: how often the host looks changes nothing.
func TestReadEvery(t *testing.T) {
	run := func(every int) []float32 {
		dev := ref.Open()
		model, cfg := ringModel(dev), config()
		cfg.Epochs, cfg.ReadEvery = 3, every
		must(train.Fit(context.Background(), model, ringSet(dev, 250), cfg))
		return must(model.Weights())
	}
	want := run(1)
	for _, every := range []int{2, 3, 64} {
		if !slices.Equal(run(every), want) {
			t.Errorf("looking every %d steps gives other weights than every step", every)
		}
	}
}

// TestAdvanceErrors: a number of steps that makes no sense changes nothing.
func TestAdvanceErrors(t *testing.T) {
	dev := ref.Open()
	trainer := must(train.New(ringModel(dev), ringSet(dev, 64), config()))
	for _, n := range []int{0, -1} {
		if _, _, err := trainer.Advance(n); err == nil {
			t.Errorf("no error for %d steps", n)
		}
	}
	if results, rows, err := trainer.Advance(1); err != nil || len(results) != 1 || rows != 32 {
		t.Errorf("%d steps of %d rows, error %v", len(results), rows, err)
	}
}

// TestMicroBatch: an epoch with micro-batches goes as one without, its ragged last batch among it.
func TestMicroBatch(t *testing.T) {
	dev := ref.Open()
	set := ringSet(dev, 250)
	fit := func(micro int) float64 {
		model := must(nn.New(dev, 2, nn.Linear(16), nn.Tanh(), nn.Linear(2)))
		cfg := config()
		cfg.Epochs, cfg.MicroBatch = 3, micro
		return must(train.Fit(context.Background(), model, set, cfg)).Last().Loss
	}
	if whole, parts := fit(0), fit(10); math.Abs(whole-parts) > 1e-6 {
		t.Errorf("a loss of %v with 10 rows at a time, %v with all", parts, whole)
	}
	cfg := config()
	cfg.MicroBatch = -1
	if _, err := train.Fit(context.Background(), ringModel(dev), set, cfg); err == nil || !strings.Contains(err.Error(), "micro-batches of -1 rows") {
		t.Errorf("%v", err)
	}
}
