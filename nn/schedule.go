package nn

import (
	"errors"
	"fmt"
	"math"
)

// A Schedule is a factor on an optimizer's setting, most often its learning rate, that changes while training goes on.
// It counts steps of the optimizer, that is batches, from 0; [PerEpoch] has one count epochs. It is a pure function of
// the step, so a training that is resumed at a step goes on exactly. Write your own with [ScheduleFunc]. What depends on
// the losses is no schedule: see train.Plateau.
//
// Where PyTorch or Keras take the last rate, floor or end as a rate, a schedule takes it as a share of the optimizer's
// LR. Each says what it is called elsewhere: first in torch.optim.lr_scheduler, then in keras.optimizers.schedules,
// then in Hugging Face's transformers (get_…_schedule).
type Schedule interface {
	// String is how errors name the schedule: "StepDecay(30, 0.1)".
	String() string
	// Check says what is wrong with the settings. Factor is asked only where it found nothing.
	Check() error
	// Factor is the factor of a step, counted from 0. The setting times it must be finite and not negative.
	Factor(step int64) float64
}

// ScheduleFunc is a function as a [Schedule].
type ScheduleFunc func(step int64) float64

func (f ScheduleFunc) String() string { return "ScheduleFunc" }

func (f ScheduleFunc) Check() error {
	if f == nil {
		return errors.New("the function is nil")
	}
	return nil
}

func (f ScheduleFunc) Factor(step int64) float64 { return f(step) }

// schedule is what most constructors return: checked when it is made.
type schedule struct {
	text   string
	err    error
	factor func(step int64) float64
}

func (s schedule) String() string { return s.text }
func (s schedule) Check() error   { return s.err }

// Factor is NaN for settings that make no sense: some formulas would divide by a number of steps that is 0.
func (s schedule) Factor(step int64) float64 {
	if s.err != nil {
		return math.NaN()
	}
	return s.factor(step)
}

// ConstantFactor is factor at every step. An optimizer without a schedule has 1; as the second part of [Warmup] it is
// Hugging Face's constant_with_warmup.
func ConstantFactor(factor float64) Schedule {
	return schedule{fmt.Sprintf("ConstantFactor(%v)", factor), nonNegative("factor", factor),
		func(int64) float64 { return factor }}
}

// PerEpoch has s count epochs of so many steps, each step of an epoch with the same factor: what calling a PyTorch
// scheduler once an epoch does. train.StepsPerEpoch counts the steps.
func PerEpoch(steps int, s Schedule) Schedule {
	return schedule{fmt.Sprintf("PerEpoch(%d, %v)", steps, s), firstError(atLeastOne("steps", steps), checkPart(s)),
		func(step int64) float64 { return s.Factor(step / int64(steps)) }}
}

// Warmup rises in a line over the first steps to the factor that then starts with, and goes on with then, which counts
// its own steps from there; nil stands for a factor of 1. It starts from 0, as Hugging Face's _with_warmup schedules
// do; set Start for another share. PyTorch: SequentialLR of LinearLR(start_factor=Start, total_iters=steps) and then.
// Keras: warmup_steps of CosineDecay, whose warmup_target is LR and whose initial_learning_rate is Start·LR.
func Warmup(steps int, then Schedule) *WarmupSchedule {
	if then == nil {
		then = ConstantFactor(1)
	}
	return &WarmupSchedule{Steps: steps, Then: then}
}

// WarmupSchedule is made by [Warmup].
type WarmupSchedule struct {
	Steps int
	Start float64 // share of Then's first factor at step 0
	Then  Schedule
}

func (w *WarmupSchedule) String() string { return fmt.Sprintf("Warmup(%d, %v)", w.Steps, w.Then) }

func (w *WarmupSchedule) Check() error {
	return firstError(atLeastOne("steps", w.Steps), nonNegative("start", w.Start), checkPart(w.Then))
}

func (w *WarmupSchedule) Factor(step int64) float64 {
	n := int64(w.Steps)
	if step < n {
		return w.Then.Factor(0) * (w.Start + (1-w.Start)*float64(step)/float64(n))
	}
	return w.Then.Factor(step - n)
}

// checkPart checks a schedule that another is made of.
func checkPart(s Schedule) error {
	if s == nil {
		return errors.New("no schedule to go on with")
	}
	if err := s.Check(); err != nil {
		return fmt.Errorf("%v: %w", s, err)
	}
	return nil
}

// checkSchedule is for an optimizer's field, where nil stands for a factor of 1.
func checkSchedule(field string, s Schedule) error {
	if s == nil {
		return nil
	}
	if err := checkPart(s); err != nil {
		return fmt.Errorf("%s %w", field, err)
	}
	return nil
}

// scheduled is a setting at a step; check says which values it may have.
func scheduled(name string, x float64, s Schedule, step int64, check func(name string, x float64) error) (float64, error) {
	if s == nil {
		return x, nil
	}
	factor := s.Factor(step)
	if err := check(name, x*factor); err != nil {
		return 0, fmt.Errorf("schedule %v: factor %v: %w", s, factor, err)
	}
	return x * factor, nil
}

func atLeastOne(name string, n int) error {
	if n < 1 {
		return fmt.Errorf("%s %d: at least 1 is needed", name, n)
	}
	return nil
}
