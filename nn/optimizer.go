package nn

import (
	"errors"
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

// NewState checks the optimizer's settings and makes its state for the model, all zeros.
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
	for range opt.Slots() {
		buf, err := backend.Alloc(m.dev, backend.F32, m.size)
		if err != nil {
			s.Release()
			return nil, fmt.Errorf("nn: %v: state: %w", opt, err)
		}
		s.slots = append(s.slots, buf)
	}
	return s, nil
}

// Release gives back the state's memory.
func (s *State) Release() {
	if s == nil {
		return
	}
	for _, b := range s.slots {
		b.Release()
	}
}

// SGDOptimizer is stochastic gradient descent as PyTorch's SGD: the rate stands outside the momentum's buffer, which
// starts with the first gradient. WeightDecay is L2: added to the gradient before the momentum.
type SGDOptimizer struct {
	OptimizerCommon
	Momentum         float64  // 0 ≤ μ < 1; 0 keeps no buffer
	MomentumSchedule Schedule // the factor on Momentum at each step, as OneCycleSchedule.Momentum; nil stands for 1
}

// SGD is plain gradient descent, w ← w − lr·g; set the fields of the result for more.
func SGD(lr float64) *SGDOptimizer { return &SGDOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}} }

func (o *SGDOptimizer) String() string { return "SGD" }

func (o *SGDOptimizer) Check() error {
	err := firstError(o.check(), fraction("momentum", o.Momentum), checkSchedule("momentum schedule", o.MomentumSchedule))
	if err == nil && o.Momentum == 0 && o.MomentumSchedule != nil {
		err = fmt.Errorf("momentum schedule %v is a factor on Momentum, which is 0", o.MomentumSchedule)
	}
	return err
}

func (o *SGDOptimizer) Slots() int {
	if o.Momentum == 0 {
		return 0
	}
	return 1
}

func (o *SGDOptimizer) Consts() int {
	if o.Momentum == 0 {
		return 2
	}
	return 5
}

func (o *SGDOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	mu, err2 := scheduled("momentum", o.Momentum, o.MomentumSchedule, step, fraction)
	row[0], row[1] = float32(lr), 1            // no decoupled decay
	row[2], row[3], row[4] = float32(mu), 1, 0 // no dampening, no Nesterov
	return firstError(err, err2)
}

func (o *SGDOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	c := o.decayed(g, w)
	if o.Momentum == 0 {
		return c.Then(backend.SGD(ok, w, consts))
	}
	return c.Then(backend.Momentum(ok, w, slots[0], consts))
}

// AdamOptimizer is Adam as PyTorch computes it: w ← w − lr/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + ε) (Kingma and Ba, 2015).
// WeightDecay is L2: added to the gradient.
type AdamOptimizer struct {
	OptimizerCommon
	Beta1, Beta2     float64
	Epsilon          float64
	MomentumSchedule Schedule // the factor on Beta1 at each step, as OneCycleSchedule.Momentum; nil stands for 1
}

// Adam has PyTorch's defaults, β₁ 0.9, β₂ 0.999, ε 1e-8; set the fields of the result for others.
func Adam(lr float64) *AdamOptimizer {
	return &AdamOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
}

func (o *AdamOptimizer) String() string { return "Adam" }

func (o *AdamOptimizer) Check() error {
	return firstError(o.check(), fraction("beta1", o.Beta1), fraction("beta2", o.Beta2), checkSchedule("momentum schedule", o.MomentumSchedule),
		nonNegative("first step's rate, lr/(1−beta1),", o.LR/(1-o.Beta1)), positive("epsilon", o.Epsilon))
}

func (o *AdamOptimizer) Slots() int  { return 2 }
func (o *AdamOptimizer) Consts() int { return 8 }

func (o *AdamOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	beta1, err2 := scheduled("beta1", o.Beta1, o.MomentumSchedule, step, fraction)
	t := float64(step + 1)
	for i, x := range [8]float64{
		lr / (1 - math.Pow(beta1, t)), 1 / math.Sqrt(1-math.Pow(o.Beta2, t)), o.Epsilon, 1,
		beta1, 1 - beta1, o.Beta2, 1 - o.Beta2,
	} {
		row[i] = float32(x)
	}
	return firstError(err, err2)
}

func (o *AdamOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	return o.decayed(g, w).Then(backend.Adam(ok, w, slots[0], slots[1], consts))
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
