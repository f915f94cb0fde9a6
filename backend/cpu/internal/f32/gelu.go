package f32

import "math"

// GELU is for i := range v { v[i] *= (1 + erf(v[i]/√2)) / 2 }
func GELU(v []float32) {
	if vectors {
		vecGELU(v)
		return
	}
	for i, x := range v {
		switch {
		case x < -beyond: // the definition reaches 0 too: −Inf becomes NaN in both
			v[i] = x * 0
		case !(x > beyond):
			v[i] = x * normal(x)
		}
	}
}

// GELUGrad is for i := range v { v[i] *= (1 + erf(x[i]/√2)) / 2 + x[i]*exp(-x[i]²/2)/√(2π) }
func GELUGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecGELUGrad(v, x)
		return
	}
	for i, dy := range v {
		if t := x[i]; t >= -beyond && t <= beyond {
			v[i] = dy * (normal(t) + t*(exp(t*t*-0.5)*0.398942280401432678))
		} else {
			v[i] = dy * geluSlope(t)
		}
	}
}

// geluSlope is for arguments beyond the fit.
func geluSlope(x float32) float32 {
	step := float32(0)
	if x > 0 {
		step = 1
	}
	return step + x*(expBeyond(x*x*-0.5)*0.398942280401432678)
}

const beyond = 5.5

// normal is the standard normal's distribution function, ½ + x·P(x²)/Q(x²): a minimax fit on ±beyond, off by 2·10⁻⁸.
func normal(x float32) float32 {
	z := x * x
	p := (((((2.2975772201374272e-8)*z+6.2910714450238657e-6)*z+0.00016363011724659547)*z+0.0046457400608279611)*z+
		0.033370798546095704)*z + 0.39894228040143268
	q := (((((1.1995469364589666e-6)*z+7.184262130649797e-5)*z+0.0018553445702661912)*z+0.02836480958793484)*z+
		0.2503146791419711)*z + 1
	return 0.5 + x*(p/q)
}

// GELU's approximation takes 2u = x·(tanhA + tanhB·x²). Beyond ±tanhBeyond it is x or 0 in float32.
const tanhA, tanhB, tanhBeyond = 1.5957691216057308, 0.07135481627260025, 9

// GELUTanh is for i := range v { v[i] *= (1 + tanh(√(2/π)*(v[i] + 0.044715*v[i]³))) / 2 }
func GELUTanh(v []float32) {
	if vectors {
		vecGELUTanh(v)
		return
	}
	for i, x := range v {
		switch {
		case x > tanhBeyond:
		case x < -tanhBeyond:
			v[i] = x * 0 // NaN at −Inf
		default:
			v[i] = x / (1 + exp(-x*(tanhA+tanhB*x*x)))
		}
	}
}

// GELUTanhGrad is for i := range v { v[i] *= the derivative of GELUTanh at x[i] }
func GELUTanhGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecGELUTanhGrad(v, x)
		return
	}
	for i, dy := range v {
		switch t := x[i]; {
		case t > tanhBeyond:
			v[i] = dy * (1 + t*0)
		case t < -21: // the definition is 0 too
			v[i] = dy * (t * 0)
		case t < -tanhBeyond: // less than float32 can say, but negative: an infinite dy meets its sign
			v[i] = dy * -math.SmallestNonzeroFloat32
		default:
			z := t * t
			e := exp(-t * (tanhA + tanhB*z))
			s := 1 / (1 + e)
			v[i] = dy * (s + t*(e*s*s)*(tanhA+3*tanhB*z))
		}
	}
}
