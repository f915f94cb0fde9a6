package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"

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

// State is an optimizer with its state vectors for a model, on the model's device. The optimizer's learning rate and
// schedules may be changed between steps; fields that decide how many state vectors there are may not, nor may the
// weight decay.
type State struct {
	model  *Model
	opt    Optimizer
	slots  []*backend.Buffer
	consts int
}

// NewState checks the optimizer's settings and makes its state for the model.
func NewState(m *Model, opt Optimizer) (*State, error) {
	if m == nil || opt == nil {
		return nil, errors.New("nn: a state needs a model and an optimizer")
	}
	if err := opt.Check(); err != nil {
		return nil, fmt.Errorf("nn: %v: %w", opt, err)
	}
	s := &State{model: m, opt: opt, consts: opt.Consts()}
	if s.consts < 0 || s.consts > backend.MaxConsts {
		return nil, fmt.Errorf("nn: %v: a row of %d constants: 0 to %d", opt, s.consts, backend.MaxConsts)
	}
	for i := range opt.Slots() {
		buf, err := backend.Alloc(m.dev, backend.F32, m.size)
		if err != nil {
			s.Release()
			return nil, fmt.Errorf("nn: %v: state: %w", opt, err)
		}
		s.slots = append(s.slots, buf)
		if from, ok := opt.(starter); ok {
			if x := from.start(i); x != 0 {
				backend.Write(m.dev, buf, 0, slices.Repeat([]float32{float32(x)}, m.size))
			}
		}
	}
	return s, nil
}

// A starter has state vectors that do not start from 0.
type starter interface{ start(slot int) float64 }

// Release gives back the state's memory.
func (s *State) Release() {
	if s == nil {
		return
	}
	for _, b := range s.slots {
		b.Release()
	}
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
