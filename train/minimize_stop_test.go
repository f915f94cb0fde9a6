package train_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestMinimizeBestWeights: early stopping judges L-BFGS' iterations as epochs.
func TestMinimizeBestWeights(t *testing.T) {
	why := errors.New("why")
	for device, open := range devices {
		for _, end := range []string{"patience", "the end", "cancel"} {
			t.Run(device+"/"+end, func(t *testing.T) {
				dev := open(t)
				defer dev.Close()
				model := smooth(dev)
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				values := []float64{5, 4, 3, 4, 5, 6, 7, 8}
				stop := train.NewEarlyStopping()
				stop.Monitor.Value = func(e train.Epoch) float64 { return values[e.Number-1] }
				cfg := train.MinimizeConfig{Loss: nn.CrossEntropy(), Optimizer: nn.LBFGS()}
				cfg.Optimizer.Iterations = len(values)
				if end == "patience" {
					stop.Patience = 2
				}
				var best []float32
				cfg.Callbacks = []train.Callback{{Epoch: func(e train.Epoch) error {
					if e.Number == 3 {
						best = must(model.Weights())
					}
					if end == "cancel" && e.Number == 6 {
						cancel(why)
					}
					return nil
				}}, stop.Callback()}
				var out strings.Builder
				cfg.Progress = &out
				h, err := train.Minimize(ctx, model, ringSet(dev, 250), cfg)
				want := map[string]int{"patience": 5, "the end": 8, "cancel": 6}[end]
				if len(h) != want || (err != nil) != (end == "cancel") || err != nil && !(errors.Is(err, why) && errors.Is(err, context.Canceled)) {
					t.Errorf("%d iterations, error %v; want %d", len(h), err, want)
				}
				if strings.Contains(out.String(), "no better monitored value for 2 epochs; the weights are those of epoch 3\n") != (end == "patience") {
					t.Errorf("progress:\n%s", out.String())
				}
				if !slices.Equal(must(model.Weights()), best) {
					t.Error("the weights are not those of the third iteration")
				}
			})
		}
	}
}
