package f32

import "math"

// Sum is s := 0.0; for i := range v { s += float64(v[i]) }, in eight sums, element i in sum i mod 8, that are added in
// pairs. All bodies add in this order, so they end in the same bits.
func Sum(v []float32) float64 {
	if vectors {
		return vecSum(v)
	}
	var s [8]float64
	for ; len(v) >= 8; v = v[8:] {
		addTo(&s, (*[8]float32)(v))
	}
	if len(v) > 0 {
		var rest [8]float32
		copy(rest[:], v)
		addTo(&s, &rest)
	}
	return total(&s)
}

func addTo(s *[8]float64, x *[8]float32) {
	s[0] += float64(x[0])
	s[1] += float64(x[1])
	s[2] += float64(x[2])
	s[3] += float64(x[3])
	s[4] += float64(x[4])
	s[5] += float64(x[5])
	s[6] += float64(x[6])
	s[7] += float64(x[7])
}

func total(s *[8]float64) float64 {
	return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
}

// SumSquares is Sum of the float32 squares of v.
func SumSquares(v []float32) float64 {
	if vectors {
		return vecSumSquares(v)
	}
	var s [8]float64
	for ; len(v) >= 8; v = v[8:] {
		x := (*[8]float32)(v)
		addTo(&s, &[8]float32{x[0] * x[0], x[1] * x[1], x[2] * x[2], x[3] * x[3], x[4] * x[4], x[5] * x[5], x[6] * x[6], x[7] * x[7]})
	}
	if len(v) > 0 {
		var rest [8]float32
		copy(rest[:], v)
		Square(rest[:])
		addTo(&s, &rest)
	}
	return total(&s)
}

// ExpSum is for i := range e { e[i] = exp(z[i] - shift) }, none of the arguments above 0, and Sum of e.
func ExpSum(e, z []float32, shift float32) float64 {
	z = z[:len(e)]
	if vectors {
		return vecExpSum(e, z, shift)
	}
	for i, x := range z {
		e[i] = x - shift
	}
	Exp(e)
	return Sum(e)
}

// Accumulate is for i := range v { acc[i mod len(acc)] += float64(v[i]) }, v being whole rows.
func Accumulate(acc []float64, v []float32) {
	if len(acc) == 0 || len(v) < len(acc) {
		return
	}
	if vectors {
		vecAccumulate(acc, v, len(v)/len(acc))
		return
	}
	for ; len(v) >= len(acc); v = v[len(acc):] {
		addRow(acc, v)
	}
}

func addRow(acc []float64, v []float32) {
	v = v[:len(acc)]
	for len(acc) >= 4 {
		a, x := (*[4]float64)(acc), (*[4]float32)(v)
		a[0] += float64(x[0])
		a[1] += float64(x[1])
		a[2] += float64(x[2])
		a[3] += float64(x[3])
		acc, v = acc[4:], v[4:]
	}
	for i := range acc {
		acc[i] += float64(v[i])
	}
}

// Finite is ok := true; for i := range v { ok = ok && v[i]-v[i] == 0 }
func Finite(v []float32) bool {
	if vectors {
		return vecFinite(v)
	}
	// x−x is 0 for what is finite and NaN for the rest, and a NaN stays in the sum.
	var a, b, c, d float32
	for len(v) >= 4 {
		x := (*[4]float32)(v)
		a += x[0] - x[0]
		b += x[1] - x[1]
		c += x[2] - x[2]
		d += x[3] - x[3]
		v = v[4:]
	}
	for _, x := range v {
		a += x - x
	}
	return a+b+c+d == 0
}

// Largest is the largest number of v and where it is first; NaN is none. Where there is none, it is −Inf at len(v).
func Largest(v []float32) (top float32, at int) {
	if vectors {
		return vecLargest(v)
	}
	top, at = float32(math.Inf(-1)), len(v)
	for i, x := range v {
		if x > top || x == top && at == len(v) {
			top, at = x, i
		}
	}
	return top, at
}
