package train_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestJudgementErrors: settings that make no sense are refused before the first step, and the model is left alone.
func TestJudgementErrors(t *testing.T) {
	dev := ref.Open()
	set := ringSet(dev, 64)
	for want, edit := range map[string]func(*train.EarlyStopping){
		"patience 0":             func(s *train.EarlyStopping) { s.Patience = 0 },
		"patience -1":            func(s *train.EarlyStopping) { s.Patience = -1 },
		"MinDelta NaN":           func(s *train.EarlyStopping) { s.MinDelta = math.NaN() },
		"MinDelta -0.1":          func(s *train.EarlyStopping) { s.MinDelta = -0.1 },
		"MinDelta +Inf":          func(s *train.EarlyStopping) { s.MinDelta = math.Inf(1) },
		"StartFrom -3":           func(s *train.EarlyStopping) { s.StartFrom = -3 },
		"StartFrom 26 is past":   func(s *train.EarlyStopping) { s.StartFrom = 26 },
		"Baseline NaN":           func(s *train.EarlyStopping) { s.Baseline = new(math.NaN()) },
		"Target -Inf":            func(s *train.EarlyStopping) { s.Target = new(math.Inf(-1)) },
		"Divergence NaN":         func(s *train.EarlyStopping) { s.Divergence = new(math.NaN()) },
		"Target 2 is not better": func(s *train.EarlyStopping) { s.Target, s.Divergence = new(2.0), new(1.0) },
		"Target 1 is not better": func(s *train.EarlyStopping) {
			s.Target, s.Divergence, s.Monitor = new(1.0), new(2.0), train.TrainingAccuracy()
		},
		`monitor "AUC" has no Value`:                      func(s *train.EarlyStopping) { s.Monitor = train.Monitor{Name: "AUC"} },
		`monitor "" has no Value`:                         func(s *train.EarlyStopping) { s.Monitor = train.Monitor{Maximize: true} },
		"validation loss: there is no validation set":     func(s *train.EarlyStopping) { s.Monitor = train.Monitor{} },
		"validation accuracy: there is no validation set": func(s *train.EarlyStopping) { s.Monitor = train.ValidationAccuracy() },
	} {
		stop := train.NewEarlyStopping()
		stop.Monitor = train.TrainingLoss()
		edit(stop)
		refused(t, set, config(), stop.Callback(), "early stopping: "+want)
	}
	refused(t, set, config(), train.TimeBudget(0), "a time budget of 0s")
	refused(t, set, config(), train.TimeBudget(-time.Second), "a time budget of -1s")

	x, _ := rings(64)
	values := must(data.FromFloats(dev, x, 2, data.Values(x, 2)))
	cfg, stop := config(), train.NewEarlyStopping()
	cfg.Loss, stop.Monitor = nn.MSE(), train.TrainingAccuracy()
	refused(t, values, cfg, stop.Callback(), "training accuracy: the targets are no labels")
}

func refused(t *testing.T, set *data.Set, cfg train.Config, c train.Callback, want string) {
	t.Helper()
	alive := set.Device().Stats().LiveBuffers
	cfg.Callbacks = []train.Callback{c, {Batch: func(train.Batch) error { t.Errorf("%s: a step was trained", want); return train.ErrStop }}}
	model := ringModel(set.Device())
	h, err := train.Fit(context.Background(), model, set, cfg)
	model.Release()
	if err == nil || !strings.HasPrefix(err.Error(), "train: ") || !strings.Contains(err.Error(), want) || len(h) > 0 {
		t.Errorf("%d epochs, error %v; want none and one that says %q", len(h), err, want)
	}
	if n := set.Device().Stats().LiveBuffers; n != alive {
		t.Errorf("%s: %d buffers alive, %d before", want, n, alive)
	}
}
