package backendtest

import (
	"math"
	"math/rand/v2"
)

// normal draws from a normal distribution of standard deviation std.
func normal(std float64) fill {
	return func(r *rand.Rand) float32 { return float32(std * r.NormFloat64()) }
}

// positive draws magnitudes between lo and hi, evenly on a logarithmic scale.
func positive(lo, hi float64) fill {
	return func(r *rand.Rand) float32 { return float32(lo * math.Pow(hi/lo, r.Float64())) }
}

// spread draws numbers of either sign whose magnitudes lie between lo and hi, evenly on a logarithmic scale: functions
// go wrong at small and large arguments, which a normal distribution hardly meets.
func spread(lo, hi float64) fill {
	p := positive(lo, hi)
	return func(r *rand.Rand) float32 {
		if r.IntN(2) == 0 {
			return -p(r)
		}
		return p(r)
	}
}

// integers draws whole numbers from −n to n. Their sums and products are exact in float32 up to 2²⁴, in any order:
// one missing term in a hundred thousand shows.
func integers(n int) fill {
	return func(r *rand.Rand) float32 { return float32(r.IntN(2*n+1) - n) }
}

// flags draws 0 and 1.
func flags(r *rand.Rand) float32 { return float32(r.IntN(2)) }

// unit draws probabilities, the two ends among them.
func unit(r *rand.Rand) float32 {
	switch r.IntN(4) {
	case 0:
		return 0
	case 1:
		return 1
	}
	return r.Float32()
}

func constant(c float32) fill { return func(*rand.Rand) float32 { return c } }

// poison is what a result that must not be read holds.
func poison(*rand.Rand) float32 { return float32(math.NaN()) }

// listed repeats the given numbers.
func listed(x ...float32) fill {
	i := -1
	return func(*rand.Rand) float32 { i++; return x[i%len(x)] }
}

// edges are arguments at which functions go wrong: zeros, exp's ends, subnormals, the largest, Inf and NaN.
var edges = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 45, -45, 88, -88, 88.7, 89, -89, 104, -104,
	1e-40, -1e-40, 1e-45, 1.1754944e-38, 1e-20, -1e-20, 1e15, -1e15,
	3e38, -3e38, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
}

func noise(r *rand.Rand) uint32 { return r.Uint32() }

// sameBits compares bit for bit, NaN and zeros' signs included.
func sameBits(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}
