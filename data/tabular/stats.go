package tabular

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// stats is what is known of a column after some rows.
type stats struct {
	name string
	kind Kind
	rows int

	n, missing      int
	mean, m2        float64 // Welford's
	least, greatest float64
	whole           bool // all numbers are

	kept []float64 // all numbers, or as many as most of them, drawn evenly (Vitter's algorithm R)
	most int
	rng  *rand.Rand

	counted bool           // numbers are counted too: of what may be predicted
	counts  map[string]int // of texts; of numbers, while there are few
	crowded bool           // there were too many numbers to count
}

// maxCounted is how many different numbers of a column are counted.
const maxCounted = 10_000

func newStats(name string, kind Kind, most int, counted bool) *stats {
	return &stats{name: name, kind: kind, least: math.Inf(1), greatest: math.Inf(-1), whole: true, most: most, counted: counted,
		rng: rand.New(rand.NewPCG(1, 2)), counts: map[string]int{}}
}

func (s *stats) number(v float64) {
	s.rows++
	if math.IsNaN(v) {
		s.missing++
		return
	}
	s.n++
	d := v - s.mean
	s.mean += d / float64(s.n)
	s.m2 += d * (v - s.mean)
	s.least, s.greatest = min(s.least, v), max(s.greatest, v)
	s.whole = s.whole && v == math.Trunc(v)
	if len(s.kept) < s.most {
		s.kept = append(s.kept, v)
	} else if i := s.rng.IntN(s.n); i < s.most {
		s.kept[i] = v
	}
	if !s.counted || !s.whole || s.crowded {
		return
	}
	s.counts[number(v)]++
	if len(s.counts) > maxCounted {
		s.crowded, s.counts = true, map[string]int{}
	}
}

func (s *stats) text(t string, missing bool) {
	s.rows++
	if missing {
		s.missing++
		return
	}
	s.n++
	if _, ok := s.counts[t]; !ok {
		t = strings.Clone(t)
	}
	s.counts[t]++
}

// levels are the different texts, sorted.
func (s *stats) levels() []string { return slices.Sorted(maps.Keys(s.counts)) }

// quantile is numpy's, linear between two values; 0 of none.
func (s *stats) quantile(q float64) float64 {
	if len(s.kept) == 0 {
		return 0
	}
	at := q * float64(len(s.kept)-1)
	i := int(at)
	v := nth(s.kept, i)
	if i+1 == len(s.kept) {
		return v
	}
	return v + (at-float64(i))*(slices.Min(s.kept[i+1:])-v)
}

// nth brings the number of place n in order to its place, those that are not larger before it (Hoare's selection).
func nth(v []float64, n int) float64 {
	lo, hi := 0, len(v)-1
	for lo < hi {
		pivot := v[lo+(hi-lo)/2]
		i, j := lo, hi
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j
		case n >= i:
			lo = i
		default:
			return v[n]
		}
	}
	return v[n]
}

// scale is what is taken off and what is divided by. A column that has one value alone is not divided.
func (s *stats) scale(how Scale) (center, width float64) {
	width = 1
	if s.n == 0 {
		return 0, 1
	}
	switch how {
	case Standardise:
		center, width = s.mean, math.Sqrt(s.m2/float64(s.n))
	case MinMax:
		center, width = s.least, s.greatest-s.least
	case Robust:
		center, width = s.quantile(0.5), s.quantile(0.75)-s.quantile(0.25)
	}
	// Rounding leaves a little of equal numbers' spread.
	if !(width > 1e-12*math.Abs(center)) || math.IsInf(width, 0) {
		width = 1
	}
	return center, width
}
