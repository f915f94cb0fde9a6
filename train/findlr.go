package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
)

// LRSweep is the range of learning rates that [FindLR] tries. Make it with [NewLRSweep] and set fields.
type LRSweep struct {
	From, To  float64 // the rates of the first and the last step, 0 < From < To
	Steps     int     // at least 2
	Smoothing float64 // share of the running mean of the losses that a step leaves, 0 ≤ Smoothing < 1; 0 for none
	Diverged  float64 // the sweep ends where the smoothed loss is so many times its least; +Inf for never
}

// NewLRSweep has fastai's defaults (lr_find): 100 steps from 1e-7 to 10, a mean that keeps 0.98, an end at 4 times the least.
// Lightning's Tuner.lr_find goes from 1e-8 to 1.
func NewLRSweep() *LRSweep {
	return &LRSweep{From: 1e-7, To: 10, Steps: 100, Smoothing: 0.98, Diverged: 4}
}

// Check says what is wrong with the settings.
func (s *LRSweep) Check() error {
	switch {
	case !(s.From > 0 && s.From < s.To && s.To <= math.MaxFloat32):
		return fmt.Errorf("rates from %v to %v: 0 < From < To is needed, and To has to be finite", s.From, s.To)
	case s.Steps < 2:
		return fmt.Errorf("a sweep of %d steps: at least 2 are needed", s.Steps)
	case !(s.Smoothing >= 0 && s.Smoothing < 1):
		return fmt.Errorf("smoothing %v: 0 ≤ smoothing < 1 is needed", s.Smoothing)
	case !(s.Diverged > 1):
		return fmt.Errorf("an end at %v times the least loss: more than 1 is needed", s.Diverged)
	}
	return nil
}

// rate is the learning rate of a step, counted from 0: the logarithms are evenly spaced.
func (s *LRSweep) rate(step int64) float64 {
	return s.From * math.Pow(s.To/s.From, float64(step)/float64(s.Steps-1))
}

// FindLR looks for a learning rate: it trains with rates that grow from step to step until the loss diverges (Smith, 2017,
// section 3.3, with fastai's even steps of the logarithm), and leaves the model and the optimizer as they were, bit for bit. A nil sweep stands for
// NewLRSweep(). Of cfg it uses what decides on a step: Loss, Optimizer, Batch, MicroBatch, Seed and Update; the optimizer's
// LR and Schedule do not count. It goes over the set again where that is shorter than the sweep.
//
// A loss or gradient that is not finite ends the sweep as divergence does, but at the first step, where it is a
// [NonFiniteError]. With an error, ctx's for example, the curve has the steps before it.
func FindLR(ctx context.Context, m *nn.Model, set *data.Set, cfg Config, sweep *LRSweep) (curve LRCurve, err error) {
	if sweep == nil {
		sweep = NewLRSweep()
	}
	if err := sweep.Check(); err != nil {
		return curve, fmt.Errorf("train: learning rate finder: %w", err)
	}
	if cfg.Optimizer == nil {
		return curve, errors.New("train: learning rate finder: an optimizer is needed")
	}
	common := nn.Common(cfg.Optimizer)
	if common == nil {
		return curve, fmt.Errorf("train: learning rate finder: %v: an optimizer without OptimizerCommon has no learning rate", cfg.Optimizer)
	}
	defer func(lr float64, s nn.Schedule) { common.LR, common.Schedule = lr, s }(common.LR, common.Schedule)
	common.LR, common.Schedule = 1, nn.ScheduleFunc(sweep.rate)
	cfg.Epochs, cfg.Validation, cfg.Progress, cfg.Callbacks, cfg.ReadEvery = 1, nil, nil, nil, 1
	t, err := New(m, set, cfg)
	if err != nil {
		return curve, err
	}
	defer t.Release()
	before, err := m.Snapshot()
	if err != nil {
		return curve, fmt.Errorf("train: learning rate finder: %w", err)
	}
	defer before.Release()
	defer before.Restore()
	return sweep.run(ctx, t)
}

// run trains step by step: each loss decides on whether there is a next one.
func (s *LRSweep) run(ctx context.Context, t *Trainer) (curve LRCurve, err error) {
	curve.skip = s.Steps / 10
	mean, least := 0.0, math.Inf(1)
	for i := range s.Steps {
		if err := contextError(ctx); err != nil {
			return curve, &InterruptedError{Epoch: t.next(), Err: err}
		}
		results, _, err := t.Advance(1)
		if bad := (*NonFiniteError)(nil); errors.As(err, &bad) && i > 0 {
			curve.Diverged = true
			return curve, nil
		}
		if err != nil {
			return curve, err
		}
		loss := results[0].Loss
		mean = s.Smoothing*mean + (1-s.Smoothing)*loss
		smooth := mean / (1 - math.Pow(s.Smoothing, float64(i+1))) // the mean starts from 0, as Adam's
		curve.Rates = append(curve.Rates, s.rate(int64(i)))
		curve.Losses = append(curve.Losses, loss)
		curve.Smoothed = append(curve.Smoothed, smooth)
		least = min(least, smooth)
		if smooth > least+(s.Diverged-1)*math.Abs(least) { // fastai's Diverged·least, for losses below 0 too
			curve.Diverged = true
			return curve, nil
		}
	}
	return curve, nil
}
