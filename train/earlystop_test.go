package train_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// devices are those that the loop's promises are held to: gl too, where it is built.
var devices = map[string]func(testing.TB) backend.Backend{
	"ref": func(testing.TB) backend.Backend { return ref.Open() },
	"cpu": func(testing.TB) backend.Backend { return cpu.Open() },
}

// A judged training has its early stopping see made-up values, and keeps the model as it was after each epoch.
type judged struct {
	stop    *train.EarlyStopping
	cfg     train.Config
	model   *nn.Model
	weights [][]float32
	stats   [][]nn.RunningStat
	reason  error
	history train.History
	err     error
}

func newJudged(dev backend.Backend, values ...float64) *judged {
	j := &judged{stop: train.NewEarlyStopping(), cfg: config()}
	j.model = must(nn.New(dev, 2, nn.Linear(4), nn.BatchNorm(), nn.Tanh(), nn.Linear(2)))
	j.stop.Monitor = train.Monitor{Name: "made-up", Value: func(e train.Epoch) float64 { return values[e.Number-1] }}
	j.cfg.Epochs, j.cfg.ReadEvery = len(values), 2
	return j
}

func (j *judged) fit(ctx context.Context, dev backend.Backend, before ...train.Callback) *judged {
	var at *train.Training
	watch := train.Callback{
		Begin: func(t *train.Training) error { at = t; return nil },
		Epoch: func(train.Epoch) error {
			j.weights = append(j.weights, must(j.model.Weights()))
			j.stats = append(j.stats, must(j.model.RunningStats()))
			return nil
		},
		End: func(train.History, error) { j.reason = at.Stopped() },
	}
	j.cfg.Callbacks = append(append(before, watch), j.stop.Callback())
	set := ringSet(dev, 250)
	j.history, j.err = train.Fit(ctx, j.model, set, j.cfg)
	set.Release()
	return j
}

// holds checks that the model is, bit for bit, what it was after an epoch.
func (j *judged) holds(t *testing.T, epoch int) {
	t.Helper()
	if len(j.weights) < epoch {
		t.Fatalf("%d epochs were trained, want at least %d; error %v", len(j.weights), epoch, j.err)
	}
	if !slices.Equal(must(j.model.Weights()), j.weights[epoch-1]) || !reflect.DeepEqual(must(j.model.RunningStats()), j.stats[epoch-1]) {
		t.Errorf("the model is not what it was after epoch %d", epoch)
	}
}

// TestEarlyStopping: when hand-made sequences end a training, what for, and whose weights it leaves.
func TestEarlyStopping(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		values []float64
		edit   func(*train.EarlyStopping)
		epochs int
		best   int
		reason string
	}{
		{"patience", []float64{5, 3, 4, 3, 3, 1}, func(s *train.EarlyStopping) { s.Patience = 3 }, 5, 2, "no better made-up for 3 epochs; the weights are those of epoch 2"},
		{"patience 1", []float64{5, 3, 3, 1}, func(s *train.EarlyStopping) { s.Patience = 1 }, 3, 2, "for 1 epochs"},
		{"bad epochs in a row only", []float64{5, 6, 4, 6, 3, 6, 2}, func(s *train.EarlyStopping) { s.Patience = 2 }, 7, 7, ""},
		{"the first of equals", []float64{2, 1, 1}, func(s *train.EarlyStopping) {}, 3, 2, ""},
		{"never", []float64{1, 2, 3, 4}, func(s *train.EarlyStopping) { s.Patience = math.MaxInt }, 4, 1, ""},
		{"maximize", []float64{.5, .7, .6, .65, .9}, func(s *train.EarlyStopping) { s.Monitor.Maximize, s.Patience = true, 2 }, 4, 2, "for 2 epochs"},
		{"small steps are bad, and the best all the same", []float64{1, .95, .91, 0}, func(s *train.EarlyStopping) { s.MinDelta, s.Patience = .1, 2 }, 3, 3, "for 2 epochs"},
		{"small steps add up", []float64{1, .95, .89, .88, .78}, func(s *train.EarlyStopping) { s.MinDelta, s.Patience = .1, 2 }, 5, 5, ""},
		{"relative", []float64{100, 95, 91, 0}, func(s *train.EarlyStopping) { s.MinDelta, s.Relative, s.Patience = .1, true, 2 }, 3, 3, "for 2 epochs"},
		{"relative to a negative", []float64{-100, -105, -111, -112}, func(s *train.EarlyStopping) { s.MinDelta, s.Relative, s.Patience = .1, true, 2 }, 4, 4, ""},
		{"start from", []float64{0, 9, 5, 6, 7, 1}, func(s *train.EarlyStopping) { s.StartFrom, s.Patience = 3, 2 }, 5, 3, "for 2 epochs"},
		{"baseline", []float64{9, 8, 7, 1}, func(s *train.EarlyStopping) { s.Baseline, s.Patience = new(5.0), 3 }, 3, 3, "for 3 epochs"},
		{"baseline met", []float64{9, 8, 4, 5, 6, 1}, func(s *train.EarlyStopping) { s.Baseline, s.Patience = new(5.0), 3 }, 6, 6, ""},
		{"target", []float64{3, 2, 1, 0}, func(s *train.EarlyStopping) { s.Target = new(1.0) }, 3, 3, "made-up 1 has reached 1"},
		{"divergence", []float64{3, 2, 2.5, 9, 0}, func(s *train.EarlyStopping) { s.Divergence = new(3.0) }, 4, 2, "made-up 9 is worse than 3; the weights are those of epoch 2"},
		{"NaN", []float64{3, 2, nan, 1}, func(s *train.EarlyStopping) {}, 3, 2, "made-up NaN"},
		{"Inf", []float64{3, -inf, 1}, func(s *train.EarlyStopping) {}, 2, 1, "made-up -Inf"},
		{"NaN is a bad epoch", []float64{nan, 2, nan, nan, 1}, func(s *train.EarlyStopping) { s.CheckFinite, s.Patience = false, 2 }, 4, 2, "for 2 epochs"},
		{"keep the last", []float64{3, 4, 5, 6}, func(s *train.EarlyStopping) { s.KeepLast, s.Patience = true, 2 }, 3, 3, "early stopping: no better made-up for 2 epochs"},
		{"nothing was judged", []float64{nan, nan}, func(s *train.EarlyStopping) { s.CheckFinite = false }, 2, 2, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dev := ref.Open()
			j := newJudged(dev, c.values...)
			c.edit(j.stop)
			alive := dev.Stats().LiveBuffers
			j.fit(context.Background(), dev)
			if j.err != nil || len(j.history) != c.epochs {
				t.Fatalf("%d epochs, error %v; want %d", len(j.history), j.err, c.epochs)
			}
			if (j.reason != nil) != (c.reason != "") || j.reason != nil && (!errors.Is(j.reason, train.ErrStop) || !strings.Contains(j.reason.Error(), c.reason)) {
				t.Errorf("stopped for %v, want %q", j.reason, c.reason)
			}
			j.holds(t, c.best)
			if st := j.stop.State; st.Seen && !j.stop.KeepLast && (st.BestEpoch != c.best || st.Best != c.values[c.best-1]) {
				t.Errorf("%+v, want epoch %d", st, c.best)
			}
			if n := dev.Stats().LiveBuffers; n != alive {
				t.Errorf("%d buffers alive, %d before", n, alive)
			}
		})
	}
}

// endings are the ways in which a training ends in its fifth epoch; the second is its best, and fourth for the error.
var endings = map[string]struct {
	want     error
	epochs   int
	best     int
	callback func(*judged, context.CancelCauseFunc) train.Callback
}{
	"the end": {nil, 8, 2, func(*judged, context.CancelCauseFunc) train.Callback { return train.Callback{} }},
	"cancel": {context.Canceled, 4, 2, func(_ *judged, cancel context.CancelCauseFunc) train.Callback {
		return inEpoch5(func() error { cancel(nil); return nil })
	}},
	"stop": {nil, 4, 2, func(*judged, context.CancelCauseFunc) train.Callback {
		return inEpoch5(func() error { return train.ErrStop })
	}},
	"error": {errBroken, 4, 2, func(*judged, context.CancelCauseFunc) train.Callback {
		return inEpoch5(func() error { return errBroken })
	}},
	"error of an epoch that is the best": {errBroken, 2, 2, func(*judged, context.CancelCauseFunc) train.Callback {
		return train.Callback{Epoch: func(e train.Epoch) error {
			if e.Number == 2 {
				return errBroken
			}
			return nil
		}}
	}},
	"NaN": {errNonFinite, 4, 2, func(j *judged, _ context.CancelCauseFunc) train.Callback {
		return inEpoch5(func() error {
			w := must(j.model.Weights())
			w[0] = float32(math.NaN())
			return j.model.SetWeights(w)
		})
	}},
}

var errBroken, errNonFinite = errors.New("broken"), errors.New("not finite")

// inEpoch5 calls f in the middle of it.
func inEpoch5(f func() error) train.Callback {
	return train.Callback{Batch: func(b train.Batch) error {
		if b.Epoch.Number == 5 && b.Epoch.Steps == 4 {
			return f()
		}
		return nil
	}}
}

// TestBestWeightsWhatever: whatever ends a training, the best weights and running statistics are back, on each device.
func TestBestWeightsWhatever(t *testing.T) {
	for device, open := range devices {
		for name, c := range endings {
			t.Run(device+"/"+name, func(t *testing.T) {
				dev := open(t)
				defer dev.Close()
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				j := newJudged(dev, 5, 3, 4, 4, 4, 4, 4, 4)
				j.fit(ctx, dev, c.callback(j, cancel))
				var bad *train.NonFiniteError
				switch {
				case c.want == errNonFinite:
					if !errors.As(j.err, &bad) || bad.Step != 4*8+4 || bad.Where != "layer 0, Linear(4), forward" {
						t.Errorf("error %v", j.err)
					}
				case !errors.Is(j.err, c.want) || (j.err == nil) != (c.want == nil):
					t.Errorf("error %v, want %v", j.err, c.want)
				}
				if len(j.history) != c.epochs {
					t.Errorf("%d epochs, want %d", len(j.history), c.epochs)
				}
				j.holds(t, c.best)
			})
		}
	}
}

// TestTimeBudget: the first look past the budget is the last, in an epoch or, with all its steps done, behind it. The clock
// is synctest's, which moves by what the callback sleeps alone.
func TestTimeBudget(t *testing.T) {
	for _, c := range []struct {
		look   int // of epoch 5, whose 5 looks are behind 2, 4, 6, 7 and 8 steps
		epochs int
	}{{1, 4}, {3, 4}, {5, 5}} {
		synctest.Test(t, func(t *testing.T) {
			dev, looks := ref.Open(), 0
			j := newJudged(dev, 5, 3, 4, 4, 4, 4, 4, 4)
			var out strings.Builder
			j.cfg.Progress = &out
			j.fit(context.Background(), dev, train.Callback{Batch: func(b train.Batch) error {
				if b.Epoch.Number == 5 {
					if looks++; looks == c.look {
						time.Sleep(2 * time.Hour)
					}
				}
				return nil
			}}, train.TimeBudget(time.Hour))
			if j.err != nil || len(j.history) != c.epochs || looks != c.look {
				t.Errorf("%d epochs and %d looks, error %v; want %d and %d", len(j.history), looks, j.err, c.epochs, c.look)
			}
			if want := "the time budget of 1h0m0s is used up"; j.reason == nil || j.reason.Error() != want || !strings.HasSuffix(out.String(), "\n"+want+"\n") {
				t.Errorf("reason %v, progress:\n%s", j.reason, out.String())
			}
			j.holds(t, 2)
		})
	}
}

// TestEarlyStoppingReads: judging epochs and keeping the best costs no read and no wait.
func TestEarlyStoppingReads(t *testing.T) {
	for device, open := range devices {
		t.Run(device, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			set := ringSet(dev, 250)
			run := func(callbacks ...train.Callback) backend.Stats {
				cfg, model := config(), ringModel(dev)
				cfg.Epochs, cfg.Validation, cfg.Callbacks = 6, set, callbacks
				before := dev.Stats()
				must(train.Fit(context.Background(), model, set, cfg))
				return dev.Stats().Sub(before)
			}
			plain, judged := run(), run(train.NewEarlyStopping().Callback())
			if judged.Reads != plain.Reads || judged.Waits-plain.Waits > 1 || judged.BytesRead != plain.BytesRead || judged.Writes != plain.Writes {
				t.Errorf("with early stopping %+v, without %+v", judged, plain)
			}
		})
	}
}
