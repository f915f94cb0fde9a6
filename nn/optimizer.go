package nn

import (
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// An Optimizer turns gradients into updates. Everything that changes with the step is in a row of constants, a pure
// function of the step's number, so that training resumes exactly.
type Optimizer interface {
	// String is how errors name the optimizer.
	String() string
	// Check says what is wrong with the settings.
	Check() error
	// Slots is the number of state vectors, each as long as the parameters and starting from 0.
	Slots() int
	// Consts is the length of a row of constants.
	Consts() int
	// Row fills the row of constants of a step, counted from 0. Its error says which setting a schedule has taken out
	// of its range; Plan.Begin adds the step.
	Row(step int64, row []float32) error
	// Update is the chain from the gradient g to the updated parameters w; where the 1×1 flag ok is 0 it changes
	// nothing.
	Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain
}

// OptimizerCommon is what the optimizers of this package have in common.
type OptimizerCommon struct {
	LR          float64  // learning rate
	Schedule    Schedule // the factor on LR at each step; nil stands for 1
	WeightDecay float64
}

// fill writes a row of constants.
func fill(row []float32, x ...float64) {
	for i := range x {
		row[i] = float32(x[i])
	}
}

// Rate is the learning rate of a step, counted from 0: LR times the schedule's factor.
func (c *OptimizerCommon) Rate(step int64) (float64, error) {
	return scheduled("learning rate", c.LR, c.Schedule, step, nonNegative)
}

func (c *OptimizerCommon) common() *OptimizerCommon { return c }

// Common is the learning rate, its schedule and the weight decay of an optimizer, to be read and changed; nil for one that
// does not embed OptimizerCommon.
func Common(opt Optimizer) *OptimizerCommon {
	if d, ok := opt.(decaying); ok {
		return d.common()
	}
	return nil
}

func (c *OptimizerCommon) check() error {
	return firstError(nonNegative("learning rate", c.LR), checkSchedule("schedule", c.Schedule), nonNegative("weight decay", c.WeightDecay))
}

// decayed starts a chain with g, plus the gradient of the L2 penalty where there is one.
func (c *OptimizerCommon) decayed(g, w backend.Tensor) backend.Chain {
	chain := backend.Chain{backend.Load(g)}
	if c.WeightDecay != 0 {
		chain = chain.Then(backend.Axpy(float32(c.WeightDecay), w))
	}
	return chain
}

// nonNegative wants a finite number that float32 holds and that is not below 0.
func nonNegative(name string, x float64) error {
	if !(x >= 0 && x <= math.MaxFloat32) {
		return fmt.Errorf("%s %v: it has to be finite and not negative", name, x)
	}
	return nil
}

// positive wants a number that float32 holds with all its bits: 0/0 is what Adam makes of a gradient of 0 without ε.
func positive(name string, x float64) error {
	const least = 1.1754943508222875e-38
	if !(x >= least && x <= math.MaxFloat32) {
		return fmt.Errorf("%s %v: it has to be finite and at least %.2g", name, x, least)
	}
	return nil
}

// zeroOr lets 0 stand for none.
func zeroOr(check func(name string, x float64) error, name string, x float64) error {
	if x == 0 {
		return nil
	}
	return check(name, x)
}

// keep is what decoupled decay leaves of a weight at a learning rate: 1 − lr·WeightDecay.
func (c *OptimizerCommon) keep(lr float64) (float64, error) {
	keep := 1 - lr*c.WeightDecay
	if !(keep >= 0) {
		return 0, fmt.Errorf("learning rate %v times weight decay %v is above 1, which turns the weights around", lr, c.WeightDecay)
	}
	return keep, nil
}

func fraction(name string, x float64) error {
	if !(x >= 0 && float32(x) < 1) {
		return fmt.Errorf("%s %v: 0 ≤ %s < 1 is needed", name, x, name)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
