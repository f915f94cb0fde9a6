package nn

import "math"

// A point is a place along a direction.
type point struct {
	t, loss, slope   float64 // slope is the loss's derivative by t
	largest, correct float64 // |g|, rows that are right
	slot             int     // of its gradient
}

// lineSearch looks for a step that fulfils the strong Wolfe conditions: loss(t) ≤ loss(0) + c₁·t·slope(0) and
// |slope(t)| ≤ −c₂·slope(0). It goes on until such a step lies behind it, then narrows the interval down (Nocedal and
// Wright, 2006, algorithms 3.5 and 3.6), with PyTorch's safeguards and limits.
type lineSearch struct {
	start point
	size  float64 // the largest component of the direction
	// at evaluates a step; the gradients of the kept points have to survive it.
	at func(t float64, kept ...point) (point, error)

	trials  int // after the first
	ends    [2]point
	low     int  // the end with the lower loss
	stalled bool // the last trial was close to an end
}

const (
	wolfeDecrease  = 1e-4 // c₁
	wolfeCurvature = 0.9  // c₂
	mostTrials     = 25
	leastInterval  = 1e-9 // of a parameter: PyTorch's, whatever the change tolerance
)

// run returns the best step that was found, t being the first trial.
func (l *lineSearch) run(t float64) (point, error) {
	found, err := l.bracket(t)
	l.order()
	for err == nil && !found && l.trials < mostTrials && math.Abs(l.ends[1].t-l.ends[0].t)*l.size >= leastInterval {
		found, err = l.narrow()
	}
	return l.ends[l.low], err
}

// bracket goes on from t, by up to ten times, until a step is found or lies between the ends.
func (l *lineSearch) bracket(t float64) (found bool, err error) {
	before := l.start
	p, err := l.at(t)
	for ; err == nil && l.trials < mostTrials; l.trials++ {
		l.ends = [2]point{before, p}
		switch {
		case l.tooHigh(p) || l.trials > 1 && p.loss >= before.loss:
			return false, nil
		case l.flat(p):
			l.ends[0] = p
			return true, nil
		case p.slope >= 0:
			return false, nil
		}
		t = interpolate(before, p, p.t+0.01*(p.t-before.t), 10*p.t)
		before = p
		p, err = l.at(t, before)
	}
	l.ends = [2]point{l.start, p}
	return false, err
}

// narrow tries a step between the ends, which replaces one of them.
func (l *lineSearch) narrow() (found bool, err error) {
	p, err := l.at(l.between(), l.ends[0], l.ends[1])
	if err != nil {
		return false, err
	}
	l.trials++
	low, high := &l.ends[l.low], &l.ends[1-l.low]
	if l.tooHigh(p) || p.loss >= low.loss {
		*high = p
		l.order()
		return false, nil
	}
	found = l.flat(p)
	if !found && p.slope*(high.t-low.t) >= 0 {
		*high = *low
	}
	*low = p
	return found, nil
}

// between is the minimum of the cubic through the ends. One that comes close to an end twice running, or lies at it, is
// moved a tenth of the interval away.
func (l *lineSearch) between() float64 {
	a, b := min(l.ends[0].t, l.ends[1].t), max(l.ends[0].t, l.ends[1].t)
	t := interpolate(l.ends[0], l.ends[1], a, b)
	tenth := 0.1 * (b - a)
	stalled := min(b-t, t-a) < tenth
	if stalled && (l.stalled || t >= b || t <= a) {
		stalled = false
		if math.Abs(t-b) < math.Abs(t-a) {
			t = b - tenth
		} else {
			t = a + tenth
		}
	}
	l.stalled = stalled
	return t
}

func (l *lineSearch) order() {
	l.low = 0
	if l.ends[0].loss > l.ends[1].loss {
		l.low = 1
	}
}

// tooHigh is the first Wolfe condition not met, flat the second met.
func (l *lineSearch) tooHigh(p point) bool {
	return p.loss > l.start.loss+wolfeDecrease*p.t*l.start.slope
}

func (l *lineSearch) flat(p point) bool { return math.Abs(p.slope) <= -wolfeCurvature*l.start.slope }

// interpolate is where the cubic with the losses and slopes of a and b has its minimum (Nocedal and Wright, 2006, equation
// 3.59), kept between lo and hi, and their middle where it has none.
func interpolate(a, b point, lo, hi float64) float64 {
	if a.t > b.t {
		a, b = b, a
	}
	d1 := a.slope + b.slope - 3*(a.loss-b.loss)/(a.t-b.t)
	square := d1*d1 - a.slope*b.slope
	if !(square >= 0) {
		return (lo + hi) / 2
	}
	d2 := math.Sqrt(square)
	t := b.t - (b.t-a.t)*(b.slope+d2-d1)/(b.slope-a.slope+2*d2)
	return min(max(t, lo), hi)
}
