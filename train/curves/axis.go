package curves

import (
	"math"
	"strconv"
)

// An axis maps values to [0, 1].
type axis struct {
	log    bool
	lo, hi float64
	ticks  []float64
	digits int // behind the point, of the ticks' labels; −1 for as many as each needs
}

// newAxis holds lo to hi. A tight one ends with the values, another at ticks. Whole axes have ticks at whole numbers alone.
func newAxis(lo, hi float64, log, tight, whole bool) axis {
	a := axis{log: log, lo: lo, hi: hi, digits: -1}
	if lo == hi {
		a.widen()
	}
	if log {
		a.logarithmic(tight)
	}
	if len(a.ticks) < 2 {
		a.linear(tight || log, whole)
	}
	return a
}

// widen makes room about a single value.
func (a *axis) widen() {
	switch {
	case a.log:
		a.lo, a.hi = a.lo/2, a.hi*2
	case a.lo == 0:
		a.lo, a.hi = -1, 1
	default:
		by := math.Abs(a.lo) / 2
		a.lo, a.hi = a.lo-by, a.hi+by
	}
}

// linear has about five ticks, at multiples of 1, 2 or 5 of a power of ten.
func (a *axis) linear(tight, whole bool) {
	step := nice((a.hi - a.lo) / 5)
	if whole {
		step = max(step, 1)
	}
	from, to := a.lo/step, a.hi/step
	if tight {
		from, to = math.Ceil(from-1e-6), math.Floor(to+1e-6)
	} else {
		from, to = math.Floor(from+1e-6), math.Ceil(to-1e-6)
		a.lo, a.hi = from*step, to*step
	}
	a.ticks = nil
	for i := from; i <= to; i++ {
		a.ticks = append(a.ticks, i*step+0) // no −0
	}
	if len(a.ticks) > 0 && whole && a.lo == math.Trunc(a.lo) && a.ticks[0]-a.lo >= 0.4*step {
		a.ticks = append([]float64{a.lo}, a.ticks...) // the first epoch
	}
	if most := max(math.Abs(a.lo), math.Abs(a.hi)); most < 1e7 && step > 0.9e-5 {
		a.digits = max(0, int(-math.Floor(math.Log10(step)+1e-6)))
	}
}

// logarithmic has ticks at the decades, and at 2 and 5 of each where they are few.
func (a *axis) logarithmic(tight bool) {
	if !tight {
		a.lo, a.hi = below(a.lo), above(a.hi)
	}
	span := math.Log10(a.hi / a.lo)
	every := math.Ceil(span / 8)
	for e := math.Floor(math.Log10(a.lo)) - 1; e <= math.Log10(a.hi)+1; e++ {
		if math.Mod(e, every) != 0 {
			continue
		}
		for _, m := range []float64{1, 2, 5} {
			if t := m * math.Pow(10, e); (m == 1 || span <= 3) && t >= a.lo*(1-1e-9) && t <= a.hi*(1+1e-9) {
				a.ticks = append(a.ticks, t)
			}
		}
	}
}

// nice is the smallest of …, 0.5, 1, 2, 5, 10, … that is not below x.
func nice(x float64) float64 {
	e := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*e >= x*(1-1e-9) {
			return m * e
		}
	}
	return 10 * e
}

// above is nice, below the largest of those that is not above x.
func above(x float64) float64 { return nice(x) }
func below(x float64) float64 { return 1 / nice(1/x) }

// at is where a value lies, from 0 to 1.
func (a *axis) at(v float64) float64 {
	if a.log {
		return math.Log(v/a.lo) / math.Log(a.hi/a.lo)
	}
	return (v - a.lo) / (a.hi - a.lo)
}

// tick is a tick's label.
func (a *axis) tick(v float64) string {
	if a.digits >= 0 {
		return strconv.FormatFloat(v, 'f', a.digits, 64)
	}
	return short(v, 6)
}

// short is v with so many digits.
func short(v float64, digits int) string {
	return strconv.FormatFloat(v, 'g', digits, 64)
}
