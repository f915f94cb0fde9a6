package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/nn"
)

// Plateau lowers an optimizer's learning rate when a metric has stopped getting better: PyTorch's ReduceLROnPlateau,
// number for number. Make it with [NewPlateau], set fields, and give its Callback to Fit:
//
//	opt := nn.SGD(0.1)
//	cfg.Optimizer = opt
//	cfg.Callbacks = append(cfg.Callbacks, train.NewPlateau().Callback(&opt.LR, nil))
//
// A schedule of the optimizer goes on as a factor on the lowered rate. Checkpoints hold State and the optimizer's LR; the
// Callbacks of two plateaus in one training need different Keys for that.
//
// Keras' ReduceLROnPlateau has min_delta for an absolute Threshold, and lowers the rate with bad epoch number patience;
// this does, as PyTorch, with the one after it.
type Plateau struct {
	Factor    float64 // what the rate is multiplied with, 0 < Factor < 1
	Patience  int     // bad epochs in a row that are put up with
	Threshold float64 // how much better than the best an epoch must be, else it is bad
	Absolute  bool    // Threshold is a difference, not a share of the best
	Maximize  bool    // larger is better, as for accuracy
	Cooldown  int     // epochs after a change that are not bad, whatever they are
	MinLR     float64 // the rate is not taken below
	MinChange float64 // changes that are not larger are left out; PyTorch's eps

	State PlateauState
}

// PlateauState is what a Plateau remembers.
type PlateauState struct {
	Best    float64 // metric so far, if Seen
	Seen    bool    // whether there was an epoch that counts for Best
	Bad     int     // bad epochs in a row
	Cooling int     // epochs of the cool-down that are left
}

// NewPlateau has PyTorch's defaults: factor 0.1, patience 10, a relative threshold of 1e-4, and smaller is better.
func NewPlateau() *Plateau {
	return &Plateau{Factor: 0.1, Patience: 10, Threshold: 1e-4, MinChange: 1e-8}
}

// Check says what is wrong with the settings.
func (p *Plateau) Check() error {
	switch {
	case !(p.Factor > 0 && p.Factor < 1):
		return fmt.Errorf("plateau: factor %v: 0 < factor < 1 is needed", p.Factor)
	case p.Patience < 0 || p.Cooldown < 0:
		return fmt.Errorf("plateau: patience %d, cooldown %d: neither can be negative", p.Patience, p.Cooldown)
	}
	for _, x := range []struct {
		name  string
		value float64
	}{{"threshold", p.Threshold}, {"lowest rate", p.MinLR}, {"smallest change", p.MinChange}} {
		if !(x.value >= 0 && x.value <= math.MaxFloat64) {
			return fmt.Errorf("plateau: %s %v: it has to be finite and not negative", x.name, x.value)
		}
	}
	return nil
}

// Observe takes the metric of an epoch and returns what the learning rate lr becomes. NaN is never better.
func (p *Plateau) Observe(metric, lr float64) float64 {
	s := &p.State
	s.Bad++
	if p.better(metric) {
		s.Best, s.Seen, s.Bad = metric, true, 0
	}
	if s.Cooling > 0 {
		s.Cooling--
		s.Bad = 0
	}
	if s.Bad <= p.Patience {
		return lr
	}
	s.Bad, s.Cooling = 0, p.Cooldown
	if lower := max(lr*p.Factor, p.MinLR); lr-lower > p.MinChange {
		return lower
	}
	return lr
}

func (p *Plateau) better(metric float64) bool {
	best, sign := p.State.Best, 1.0
	if p.Maximize {
		sign = -1
	}
	switch {
	case !p.State.Seen:
		return metric*sign < math.Inf(1)
	case p.Absolute:
		return metric*sign < best*sign-p.Threshold
	default: // a share of a negative best is the wrong way round: as in PyTorch
		return metric*sign < best*sign*(1-sign*p.Threshold)
	}
}

// Callback observes a metric after each epoch and changes *lr, the LR of the optimizer that Fit was given. Where metric
// is nil it is the validation loss, or the training loss if there is no validation set.
func (p *Plateau) Callback(lr *float64, metric func(Epoch) float64) Callback {
	if metric == nil {
		metric = lossOf
	}
	return Callback{
		Check: func() error {
			if lr == nil {
				return errors.New("plateau: no learning rate to change")
			}
			return p.Check()
		},
		Epoch: func(e Epoch) error {
			*lr = p.Observe(metric(e), *lr)
			return nil
		},
		Key:  "plateau",
		Save: func() (nn.Extra, error) { return remembered(plateauMemory{p.State, *lr}) },
		Load: func(x nn.Extra) error {
			m, err := recalled[plateauMemory](x)
			if err != nil {
				return err
			}
			p.State, *lr = m.State, m.LR
			return nil
		},
	}
}

// plateauMemory is what a training that is resumed needs.
type plateauMemory struct {
	State PlateauState
	LR    float64
}

func lossOf(e Epoch) float64 {
	if e.Validation.Rows > 0 {
		return e.Validation.Loss
	}
	return e.Loss
}
