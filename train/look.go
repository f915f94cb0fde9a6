package train

import (
	"errors"
	"math"
)

// Rate is the learning rate of the last step, or of the first if none is done; NaN for an optimizer that does not tell.
func (t *Trainer) Rate() float64 {
	if o, ok := t.cfg.Optimizer.(interface{ Rate(int64) (float64, error) }); ok {
		if rate, err := o.Rate(max(t.step-1, 0)); err == nil {
			return rate
		}
	}
	return math.NaN()
}

// Gradients waits for the steps that were queued and returns the gradient of the last one, laid out as nn.Model.Weights.
// It is that of the batch, before any clipping.
func (t *Trainer) Gradients() ([]float32, error) {
	l := t.full
	if t.rest != nil && t.batch == 0 {
		l = t.rest // which an epoch ends with
	}
	if t.step == 0 || l == nil {
		return nil, errors.New("train: there are no gradients before the first step")
	}
	return l.plan.Gradients()
}
