package backendtest

import "math"

// The contract's numbers (docs/design.md, "Numbers").
const (
	opShare   = 1e-5    // of an op's result
	termShare = 0x1p-20 // of the largest term that an op adds or subtracts
	roundoff  = 0x1p-24 // of a float32 operation
)

// smallest is the least normal float32: results below it may read as zero.
const smallest = 0x1p-126

// A bound says what an element may be.
type bound struct{ want, tol float64 }

// holds reports whether got is right: NaN for NaN, Inf for the same Inf, once want has been rounded to float32, and
// within tol elsewhere, give or take one subnormal step. A tol that is NaN holds for nothing.
func (b bound) holds(got float32) bool {
	g, w := float64(got), float64(float32(b.want))
	switch {
	case math.IsNaN(w):
		return math.IsNaN(g)
	case math.IsInf(w, 0):
		return g == w
	case g == 0 && math.Abs(w) < smallest:
		return true
	}
	return math.Abs(g-b.want) <= b.tol+0x1p-149
}

// sumBound is the bound on a sum of k terms whose magnitudes add up to total.
func sumBound(sum float64, k int, total float64) bound {
	return bound{sum, float64(k+2) * roundoff * total}
}

// share is what one op may be off by, besides what its input was off by.
func share(want, s float64) float64 { return opShare*math.Abs(want) + termShare*s }

// flush is what a device does to subnormal inputs: nothing, or one of the zeros. A zero's sign is not promised either.
type flush func(float64) float64

var flushes = [...]flush{
	func(x float64) float64 { return x },
	func(x float64) float64 {
		if math.Abs(x) < smallest {
			return math.Copysign(0, x)
		}
		return x
	},
	func(x float64) float64 {
		if math.Abs(x) < smallest {
			return 0
		}
		return x
	},
}
