package nn

import (
	"fmt"
	"math"
)

// CosineDecay falls from 1 to floor along half a period of the cosine over so many steps, and stays there: floor +
// (1 − floor)·(1 + cos(π·step/steps))/2. Keras: CosineDecay, with alpha for floor. Hugging Face: cosine, with a floor of
// 0. PyTorch: CosineAnnealingLR, with eta_min = floor·LR; after T_max steps that rises again, and this does not.
func CosineDecay(steps int, floor float64) Schedule {
	return schedule{
		fmt.Sprintf("CosineDecay(%d, %v)", steps, floor),
		firstError(atLeastOne("steps", steps), share("floor", floor)),
		func(step int64) float64 { return cosine(1, floor, done(step, steps)) },
	}
}

// CosineRestarts is [CosineDecay] again and again, first over first steps, each time over mult times as many as the time
// before: SGDR (Loshchilov and Hutter, 2017). PyTorch: CosineAnnealingWarmRestarts, with T_0, T_mult (1 by default) and
// eta_min = floor·LR. Keras: CosineDecayRestarts, with t_mul (2 by default), m_mul = 1 and alpha. Hugging Face:
// cosine_with_hard_restarts, where mult is 1.
func CosineRestarts(first, mult int, floor float64) Schedule {
	return schedule{
		fmt.Sprintf("CosineRestarts(%d, %d, %v)", first, mult, floor),
		firstError(atLeastOne("first", first), atLeastOne("mult", mult), share("floor", floor)),
		func(step int64) float64 {
			at, period := sinceRestart(step, int64(first), int64(mult))
			return cosine(1, floor, float64(at)/float64(period))
		},
	}
}

// sinceRestart is the number of steps since the last restart and those up to the next.
func sinceRestart(step, period, mult int64) (at, of int64) {
	if mult == 1 {
		return step % period, period
	}
	for step >= period {
		step -= period
		if period > math.MaxInt64/mult {
			return step, math.MaxInt64
		}
		period *= mult
	}
	return step, period
}

// OneCycle rises from 1/25 to 1 over the first 30 % of the steps and falls to 1/250000 over the rest, both along half a
// period of the cosine: PyTorch's OneCycleLR in two phases, where LR is its max_lr, and as fast.ai does it (Smith and
// Topin, "Super-convergence", 2018). After the last step, where PyTorch fails, it stays. Set the fields of the result
// for other settings.
//
// PyTorch cycles the momentum too, from 0.95 to 0.85 and back. Here that is a second schedule:
//
//	cycle := nn.OneCycle(steps)
//	opt := nn.Adam(0.01)
//	opt.Schedule = cycle
//	opt.Beta1, opt.MomentumSchedule = 0.95, cycle.Momentum(0.85/0.95)
func OneCycle(steps int) *OneCycleSchedule {
	return &OneCycleSchedule{Steps: steps, Rise: 0.3, DivFactor: 25, FinalDivFactor: 1e4}
}

// OneCycleSchedule is made by [OneCycle].
type OneCycleSchedule struct {
	Steps          int
	Rise           float64 // share of the steps on the way up; PyTorch's pct_start
	DivFactor      float64 // the first factor is 1/DivFactor
	FinalDivFactor float64 // the last is 1/(DivFactor·FinalDivFactor)
}

func (o *OneCycleSchedule) String() string { return fmt.Sprintf("OneCycle(%d)", o.Steps) }

func (o *OneCycleSchedule) Check() error {
	return firstError(atLeastOne("steps", o.Steps), share("rise", o.Rise),
		positive("div factor", o.DivFactor), positive("final div factor", o.FinalDivFactor))
}

func (o *OneCycleSchedule) Factor(step int64) float64 {
	start := 1 / o.DivFactor
	return o.between(step, start, 1, start/o.FinalDivFactor)
}

// Momentum is the schedule that goes with o for an optimizer's momentum: 1 at the start and the end, low where the
// rate is highest.
func (o *OneCycleSchedule) Momentum(low float64) Schedule { return oneCycleMomentum{o, low} }

type oneCycleMomentum struct {
	cycle *OneCycleSchedule
	low   float64
}

func (m oneCycleMomentum) String() string { return fmt.Sprintf("%v.Momentum(%v)", m.cycle, m.low) }
func (m oneCycleMomentum) Check() error   { return firstError(m.cycle.Check(), share("low", m.low)) }

func (m oneCycleMomentum) Factor(step int64) float64 { return m.cycle.between(step, 1, m.low, 1) }

// between goes from start to peak to end. As in PyTorch the peak is at step Rise·Steps − 1, which need not be whole, and
// the fall may begin before step 0.
func (o *OneCycleSchedule) between(step int64, start, peak, end float64) float64 {
	last := float64(o.Steps) - 1
	top := o.Rise*float64(o.Steps) - 1
	switch s := min(float64(step), last); {
	case s > top:
		return cosine(peak, end, (s-top)/(last-top))
	case top == 0:
		return peak // PyTorch divides by 0
	default:
		return cosine(start, peak, s/top)
	}
}

// cosine goes from a to b as x goes from 0 to 1.
func cosine(a, b, x float64) float64 { return b + (a-b)*(1+math.Cos(math.Pi*x))/2 }

// share wants a number from 0 to 1.
func share(name string, x float64) error {
	if !(x >= 0 && x <= 1) {
		return fmt.Errorf("%s %v: 0 to 1 is needed", name, x)
	}
	return nil
}
