package plot

import (
	"math"
	"strconv"
)

// decades is the span from which on an axis is logarithmic: on a linear one the shortest bar would be a hair.
const decades = 10

// An axis maps values to [0, 1].
type axis struct {
	log      bool
	lo, hi   float64
	from     float64 // where bars start
	relative bool
	ticks    []float64
}

// newAxis holds all values. Bars of ratios start at 1 on a logarithmic axis, to either side.
func newAxis(values []float64, relative bool) axis {
	a := axis{relative: relative}
	least, most := math.Inf(1), 0.0
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	if relative {
		least, most = min(least, 1), max(most, 1)
	}
	if a.log = most/least > decades; a.log {
		a.logarithmic(least, most)
	} else {
		a.linear(most)
	}
	return a
}

func (a *axis) linear(most float64) {
	step := below(most / 4)
	n := math.Ceil(most / step * (1 - 1e-9)) // ticks at 0, step, …, n·step
	for i := 0.0; i <= n; i++ {
		a.ticks = append(a.ticks, i*step)
	}
	a.hi = n * step
}

// logarithmic has ticks at the decades, and at 2 and 5 of each where they are few.
func (a *axis) logarithmic(least, most float64) {
	a.lo, a.hi = below(least), above(most)
	if a.from = 1; !a.relative {
		a.lo = below(least * 0.7) // the shortest bar is to be seen, too
		a.from = a.lo
	}
	span := math.Log10(a.hi / a.lo)
	every := math.Ceil(span / 10)
	for e := math.Floor(math.Log10(a.lo)) - 1; e <= math.Log10(a.hi)+1; e++ {
		if math.Mod(e, every) != 0 {
			continue
		}
		for _, m := range []float64{1, 2, 5} {
			if t := m * math.Pow(10, e); (m == 1 || span <= 2.5) && t >= a.lo*(1-1e-9) && t <= a.hi*(1+1e-9) {
				a.ticks = append(a.ticks, t)
			}
		}
	}
}

// below is the largest of …, 0.5, 1, 2, 5, 10, … that is not above x, above the smallest that is not below.
func below(x float64) float64 { return round125(x, false) }
func above(x float64) float64 { return round125(x, true) }

func round125(x float64, up bool) float64 {
	e := math.Pow(10, math.Floor(math.Log10(x)))
	steps := []float64{0.5, 1, 2, 5, 10, 20}
	out := steps[0] * e
	for _, s := range steps {
		if up && s*e >= x*(1-1e-9) {
			return s * e
		}
		if s*e <= x*(1+1e-9) {
			out = s * e
		}
	}
	return out
}

// at is where a value lies, from 0 to 1.
func (a *axis) at(v float64) float64 {
	if a.log {
		return math.Log(v/a.lo) / math.Log(a.hi/a.lo)
	}
	return v / a.hi
}

// tick is a tick's label.
func (a *axis) tick(v float64) string {
	short := func(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }
	switch {
	case a.relative && v >= 1000:
		return strconv.FormatFloat(v, 'f', 0, 64) + "×"
	case a.relative:
		return short(v) + "×"
	case v == 0:
		return "0"
	case v < 0.9999e-3:
		return short(v*1e6) + " µs"
	case v < 0.9999:
		return short(v*1e3) + " ms"
	}
	return short(v) + " s"
}
