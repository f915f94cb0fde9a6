package train_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestFindLR: a sweep takes the rates that it says, finds one that trains, ends at divergence, and leaves model, optimizer
// and device as they were.
func TestFindLR(t *testing.T) {
	for device, open := range devices {
		t.Run(device, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			set := ringSet(dev, 250)
			model := must(nn.New(dev, 2, nn.Linear(16), nn.BatchNorm(), nn.Tanh(), nn.Linear(2)))
			cfg, opt := config(), nn.SGD(0.3)
			cfg.Batch = 250 // the same rows at each step: a curve without noise
			opt.Schedule = nn.Warmup(10, nil)
			cfg.Optimizer = opt
			w, stats, alive := must(model.Weights()), must(model.RunningStats()), dev.Stats().LiveBuffers
			sweep := train.NewLRSweep()
			sweep.From, sweep.To, sweep.Steps, sweep.Smoothing = 1e-4, 1e4, 81, 0.8
			curve := must(train.FindLR(context.Background(), model, set, cfg, sweep))
			if n := dev.Stats().LiveBuffers; n != alive {
				t.Errorf("%d buffers alive, %d before", n, alive)
			}
			if !slices.Equal(must(model.Weights()), w) || !reflect.DeepEqual(must(model.RunningStats()), stats) {
				t.Error("the model is not what it was")
			}
			if rate, err := opt.Rate(5); opt.LR != 0.3 || err != nil || rate != 0.15 {
				t.Errorf("the optimizer has rate %v, and %v at step 5", opt.LR, rate)
			}
			n := len(curve.Rates)
			if !curve.Diverged || n < 20 || n >= 81 || len(curve.Losses) != n || len(curve.Smoothed) != n {
				t.Fatalf("%d points, diverged: %v", n, curve.Diverged)
			}
			for i, rate := range curve.Rates {
				if want := 1e-4 * math.Pow(10, float64(i)/10); !(math.Abs(rate-want) <= 1e-12*want) {
					t.Fatalf("step %d has rate %v, want %v", i, rate, want)
				}
			}
			s := must(curve.Suggest())
			for _, lr := range []float64{s.Steepest, s.Minimum} {
				if !(lr > 1e-3 && lr < 100) {
					t.Errorf("suggestion %+v", s)
				}
			}
			// The first losses are those of training with the sweep as the schedule.
			opt.LR, opt.Schedule = 1e-4, nn.ScheduleFunc(func(step int64) float64 { return math.Pow(10, float64(step)/10) })
			trainer := must(train.New(model, set, cfg))
			defer trainer.Release()
			for i, want := range curve.Losses[:20] {
				results, _, err := trainer.Advance(1)
				if err != nil || !(math.Abs(results[0].Loss-want) <= 1e-5) {
					t.Fatalf("step %d: %v, %v; the sweep has %v", i, results, err, want)
				}
			}
		})
	}
}

// TestFindLREnds: a cancelled sweep and one that meets what is not finite restore the model too.
func TestFindLREnds(t *testing.T) {
	dev := f32Device()
	defer dev.Close()
	set, model := ringSet(dev, 250), ringModel(dev)
	w := must(model.Weights())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if c, err := train.FindLR(ctx, model, set, config(), nil); !errors.Is(err, context.Canceled) || len(c.Rates) != 0 {
		t.Errorf("%d points, %v", len(c.Rates), err)
	}
	if !slices.Equal(must(model.Weights()), w) {
		t.Error("the model is not what it was")
	}
	// An output of 1e29 squared is no float32, whatever the rounding.
	line := must(data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1)))
	linear := must(nn.New(dev, 1, nn.Linear(1)))
	w = must(linear.Weights())
	sweep := train.NewLRSweep()
	sweep.From, sweep.To, sweep.Steps, sweep.Diverged = 1e30, 1e38, 20, math.Inf(1)
	cfg := config()
	cfg.Loss, cfg.Optimizer, cfg.Batch = nn.MSE(), nn.SGD(1), 4
	if c, err := train.FindLR(context.Background(), linear, line, cfg, sweep); err != nil || !c.Diverged || len(c.Rates) == 0 || len(c.Rates) > 3 {
		t.Errorf("%d points, %v", len(c.Rates), err)
	}
	if !slices.Equal(must(linear.Weights()), w) {
		t.Error("the linear model is not what it was")
	}
	cfg = config()
	nan := must(data.FromFloats(dev, []float32{float32(math.NaN()), 1}, 2, data.Labels([]uint32{0})))
	var bad *train.NonFiniteError
	cfg.Batch = 1
	if _, err := train.FindLR(context.Background(), model, nan, cfg, nil); !errors.As(err, &bad) || bad.Where != "input" {
		t.Errorf("%v", err)
	}
}

// TestLRSuggest: the suggestions of hand-made curves, without their ends.
func TestLRSuggest(t *testing.T) {
	rates := []float64{.001, .01, .1, 1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7}
	for _, c := range []struct {
		losses            []float64
		steepest, minimum float64 // 0: an error
	}{
		{[]float64{9, 8, 5, 4, 4, 4.5, 0, 0, 0, 0, 0}, .01, .1},
		{[]float64{9, 9, 9, 9, 9, 8, 0, 0, 0, 0, 0}, 10, 10},
		{[]float64{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0}, 0, 0},
		{[]float64{9, 8, 7, 6, 5, 4}, 0, 0},
		{nil, 0, 0},
	} {
		s, err := train.LRCurve{Rates: rates[:len(c.losses)], Smoothed: c.losses}.Suggest()
		if (err == nil) != (c.steepest > 0) || s.Steepest != c.steepest || s.Minimum != c.minimum {
			t.Errorf("%v: %+v, %v", c.losses, s, err)
		}
	}
}

func TestFindLRErrors(t *testing.T) {
	dev := f32Device()
	defer dev.Close()
	set, model := ringSet(dev, 64), ringModel(dev)
	for want, edit := range map[string]func(*train.LRSweep){
		"rates from 0 to 10":       func(s *train.LRSweep) { s.From = 0 },
		"rates from NaN to 10":     func(s *train.LRSweep) { s.From = math.NaN() },
		"rates from 10 to 1":       func(s *train.LRSweep) { s.From, s.To = 10, 1 },
		"rates from 1e-07 to +Inf": func(s *train.LRSweep) { s.To = math.Inf(1) },
		"a sweep of 1 steps":       func(s *train.LRSweep) { s.Steps = 1 },
		"smoothing 1":              func(s *train.LRSweep) { s.Smoothing = 1 },
		"smoothing NaN":            func(s *train.LRSweep) { s.Smoothing = math.NaN() },
		"at 1 times the least":     func(s *train.LRSweep) { s.Diverged = 1 },
		"at NaN times the least":   func(s *train.LRSweep) { s.Diverged = math.NaN() },
	} {
		sweep := train.NewLRSweep()
		edit(sweep)
		if _, err := train.FindLR(context.Background(), model, set, config(), sweep); err == nil || !strings.Contains(err.Error(), "train: learning rate finder: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	for want, edit := range map[string]func(*train.Config){
		"an optimizer is needed":  func(c *train.Config) { c.Optimizer = nil },
		"without OptimizerCommon": func(c *train.Config) { c.Optimizer = struct{ nn.Optimizer }{nn.Adam(1)} },
		"batches of 0 rows":       func(c *train.Config) { c.Batch = 0 },
	} {
		cfg := config()
		edit(&cfg)
		if _, err := train.FindLR(context.Background(), model, set, cfg, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
