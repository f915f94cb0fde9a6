package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// StepDecay is gamma^⌊step/every⌋. PyTorch: StepLR, whose gamma is 0.1 by default. Keras: ExponentialDecay with
// staircase.
func StepDecay(every int, gamma float64) Schedule {
	return schedule{
		fmt.Sprintf("StepDecay(%d, %v)", every, gamma),
		firstError(atLeastOne("every", every), nonNegative("gamma", gamma)),
		func(step int64) float64 { return math.Pow(gamma, float64(step/int64(every))) },
	}
}

// MultiStepDecay is gamma^n after n of the milestones, steps in ascending order from which on the factor is gamma times
// what it was. PyTorch: MultiStepLR, whose gamma is 0.1 by default. Keras: PiecewiseConstantDecay, with boundaries of one
// less.
func MultiStepDecay(gamma float64, milestones ...int) Schedule {
	milestones = slices.Clone(milestones)
	text := fmt.Sprint(gamma)
	for _, m := range milestones {
		text += fmt.Sprintf(", %d", m)
	}
	return schedule{
		"MultiStepDecay(" + text + ")",
		firstError(nonNegative("gamma", gamma), ascending("milestones", milestones)),
		func(step int64) float64 {
			n := 0
			for n < len(milestones) && int64(milestones[n]) <= step {
				n++
			}
			return math.Pow(gamma, float64(n))
		},
	}
}

func ascending(name string, steps []int) error {
	if len(steps) == 0 {
		return fmt.Errorf("no %s", name)
	}
	for i, s := range steps {
		if s < 1 || i > 0 && s <= steps[i-1] {
			return fmt.Errorf("%s %s: numbers of at least 1 that ascend are needed", name, strings.Trim(fmt.Sprint(steps), "[]"))
		}
	}
	return nil
}

// ExponentialDecay is gamma^step. PyTorch: ExponentialLR. Keras: ExponentialDecay(decay_rate, decay_steps), where gamma
// is decay_rate^(1/decay_steps).
func ExponentialDecay(gamma float64) Schedule {
	return schedule{
		fmt.Sprintf("ExponentialDecay(%v)", gamma), nonNegative("gamma", gamma),
		func(step int64) float64 { return math.Pow(gamma, float64(step)) },
	}
}

// LinearRamp goes from one factor to another in a line over so many steps, and stays there. PyTorch: LinearLR, by
// default from 1/3 to 1 in 5 steps. From 1 to 0, Hugging Face's linear schedule.
func LinearRamp(from, to float64, steps int) Schedule {
	return schedule{
		fmt.Sprintf("LinearRamp(%v, %v, %d)", from, to, steps),
		firstError(nonNegative("from", from), nonNegative("to", to), atLeastOne("steps", steps)),
		func(step int64) float64 { return from + (to-from)*done(step, steps) },
	}
}

// PolynomialDecay is end + (1 − end)·(1 − step/steps)^power, and end after that. PyTorch: PolynomialLR, whose power is
// 1 by default and whose end is 0. Keras: PolynomialDecay, end_learning_rate a share of LR. Hugging Face:
// polynomial_decay.
func PolynomialDecay(steps int, power, end float64) Schedule {
	return schedule{
		fmt.Sprintf("PolynomialDecay(%d, %v, %v)", steps, power, end),
		firstError(atLeastOne("steps", steps), positive("power", power), nonNegative("end", end)),
		func(step int64) float64 { return end + (1-end)*math.Pow(1-done(step, steps), power) },
	}
}

// InverseSqrtDecay is min(t/warmup, √(warmup/t)) with t = step + 1: a line up to 1 at the step numbered warmup when
// steps are counted from 1, then falling with the root of the step (Vaswani et al., "Attention is all you need", 2017,
// whose factor in front, 1/√(d·warmup), is LR here). Hugging Face: inverse_sqrt, which takes t = step, so that its first
// step changes nothing. PyTorch: a LambdaLR. It is a warm-up of its own and needs no [Warmup].
func InverseSqrtDecay(warmup int) Schedule {
	return schedule{
		fmt.Sprintf("InverseSqrtDecay(%d)", warmup), atLeastOne("warmup", warmup),
		func(step int64) float64 {
			r := (float64(step) + 1) / float64(warmup)
			return min(r, 1/math.Sqrt(r))
		},
	}
}

// done is how much of so many steps is over: 0 to 1.
func done(step int64, steps int) float64 {
	return min(float64(step)/float64(steps), 1)
}
