package f32

import "math"

// GELU is for i := range v { v[i] *= (1 + erf(v[i]/√2)) / 2 }
func GELU(v []float32) {
	for i, x := range v {
		v[i] = x * normal(x)
	}
}

// GELUGrad is for i := range v { v[i] *= (1 + erf(x[i]/√2)) / 2 + x[i]*exp(-x[i]²/2)/√(2π) }
func GELUGrad(v, x []float32) {
	x = x[:len(v)]
	for i, dy := range v {
		t := x[i]
		v[i] = dy * (normal(t) + t*(exp(t*t*-0.5)*0.398942280401432678))
	}
}

// normal is the standard normal's distribution function. It reaches 0 and 1 exactly, as the definition does.
func normal(x float32) float32 {
	if x < -6 {
		return 0
	}
	if x > 6 {
		return 1
	}
	return 0.5 + 0.5*erf(x*(1/math.Sqrt2))
}
