package train

import (
	"errors"
	"math"

	"github.com/gloss-ml/gloss/nn"
)

// Model is the model that is trained.
func (t *Trainer) Model() *nn.Model { return t.model }

// Step is the number of steps that are done.
func (t *Trainer) Step() int64 { return t.step }

// Labels is the number of labels of a row: 0 where targets are values, and there is no accuracy.
func (t *Trainer) Labels() int {
	labels, _ := t.set.Target()
	return labels
}

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
