package train_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func smooth(dev backend.Backend) *nn.Model {
	return must(nn.New(dev, 2, nn.Linear(16), nn.Tanh(), nn.Linear(2)))
}

// TestMinimizeLearns: L-BFGS tells the rings apart, the loss never rises, the history says what an evaluation says, and
// nothing stays behind.
func TestMinimizeLearns(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	set, model := ringSet(dev, 250), smooth(dev)
	alive := dev.Stats().LiveBuffers
	var progress strings.Builder
	ended := false
	history, err := train.Minimize(context.Background(), model, set, train.MinimizeConfig{
		Loss: nn.CrossEntropy(), Validation: set, Progress: &progress,
		Callbacks: []train.Callback{{End: func(train.History, error) { ended = true }}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := dev.Stats(); s.LiveBuffers != alive {
		t.Errorf("%d buffers alive, %d before", s.LiveBuffers, alive)
	}
	for i, e := range history { // the last iteration may have found nothing to gain
		if e.Number != i+1 || e.Rows != 250 || e.Steps < 1 && i < len(history)-1 || i > 0 && e.Loss > history[i-1].Loss {
			t.Errorf("iteration %d: %+v", i+1, e)
		}
		if math.Abs(e.Loss-e.Validation.Loss) > 1e-5*(1+e.Loss) || e.Accuracy != e.Validation.Accuracy {
			t.Errorf("iteration %d: loss %v, accuracy %v, evaluated as %+v", e.Number, e.Loss, e.Accuracy, e.Validation)
		}
	}
	if last := history.Last(); last.Accuracy < 0.99 || len(history) > 200 {
		t.Errorf("accuracy %v after %d iterations", last.Accuracy, len(history))
	}
	if lines := strings.Count(progress.String(), "\n"); lines != len(history) || !strings.Contains(progress.String(), "epoch   1/200  loss") || !ended {
		t.Errorf("%d lines, ended %v:\n%s", lines, ended, progress.String())
	}
}

// TestMinimizeWeighted: the weights of rows count, and rows may go through the layers some at a time.
func TestMinimizeWeighted(t *testing.T) {
	dev := ref.Open()
	table := data.Table{X: []float32{1, 1, 1}, Cols: 1, Values: []float32{1, 5, 100}, Weights: []float32{1, 3, 0}}
	set := must(data.FromTable(dev, table))
	for _, micro := range []int{0, 2} {
		model := must(nn.New(dev, 1, nn.Linear(1, nn.NoBias())))
		must(train.Minimize(context.Background(), model, set, train.MinimizeConfig{Loss: nn.MSE(), MicroBatch: micro}))
		if w := must(model.Weights()); math.Abs(float64(w[0])-4) > 1e-5 {
			t.Errorf("%d rows at a time: the weight is %v, want the mean 4", micro, w)
		}
	}
}

// TestMinimizeEnds: a callback ends the training, with an error or without, and so does the context.
func TestMinimizeEnds(t *testing.T) {
	broken := errors.New("broken")
	ctx, cancel := context.WithCancel(context.Background())
	for _, c := range []struct {
		name string
		end  func() error
		want error
	}{
		{"stop", func() error { return train.ErrStop }, nil},
		{"error", func() error { return broken }, broken},
		{"cancel", func() error { cancel(); return nil }, context.Canceled},
	} {
		dev := ref.Open()
		cfg := train.MinimizeConfig{Loss: nn.CrossEntropy(), Callbacks: []train.Callback{{Epoch: func(e train.Epoch) error {
			if e.Number == 3 {
				return c.end()
			}
			return nil
		}}}}
		history, err := train.Minimize(ctx, smooth(dev), ringSet(dev, 64), cfg)
		if !errors.Is(err, c.want) || len(history) != 3 {
			t.Errorf("%s: %d iterations, error %v; want 3 and %v", c.name, len(history), err, c.want)
		}
	}
	dev := ref.Open()
	if h, err := train.Minimize(ctx, smooth(dev), ringSet(dev, 64), train.MinimizeConfig{Loss: nn.CrossEntropy()}); !errors.Is(err, context.Canceled) || len(h) != 0 {
		t.Errorf("cancelled before: %d iterations, %v", len(h), err)
	}
}

func TestMinimizeErrors(t *testing.T) {
	dev := ref.Open()
	set, model := ringSet(dev, 64), smooth(dev)
	wide := must(data.FromFloats(dev, make([]float32, 3), 3, data.Labels([]uint32{0})))
	opt := nn.LBFGS()
	opt.History = 0
	huge := nn.LBFGS()
	huge.LR, huge.FixedStep = 1e38, true
	for _, c := range []struct {
		set  *data.Set
		cfg  train.MinimizeConfig
		want string
	}{
		{nil, train.MinimizeConfig{Loss: nn.MSE()}, "train: a model and a training set are needed"},
		{set, train.MinimizeConfig{}, "train: a loss is needed"},
		{set, train.MinimizeConfig{Loss: nn.MSE()}, "train: MSE wants values"},
		{wide, train.MinimizeConfig{Loss: nn.CrossEntropy()}, "train: the training set has rows of 3"},
		{set, train.MinimizeConfig{Loss: nn.CrossEntropy(), Validation: wide}, "train: the validation set has rows of 3"},
		{set, train.MinimizeConfig{Loss: nn.CrossEntropy(), MicroBatch: -1}, "micro-batches of -1 rows"},
		{set, train.MinimizeConfig{Loss: nn.CrossEntropy(), Optimizer: opt}, "train: nn: LBFGS: a history of 0 pairs"},
		{set, train.MinimizeConfig{Loss: nn.CrossEntropy(), Optimizer: huge}, "train: nn: LBFGS: iteration 2: the loss is +Inf"},
		{set, train.MinimizeConfig{Loss: nn.CrossEntropy(), Callbacks: []train.Callback{{Check: func() error { return errors.New("no use") }}}}, "train: no use"},
	} {
		if _, err := train.Minimize(context.Background(), model, c.set, c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v; want %q", err, c.want)
		}
	}
}
