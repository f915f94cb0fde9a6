package f32

import "math"

// Forward and backward are neighbours. Backward kernels take v = dy and leave v = dx.

// ReLU is for i := range v { if v[i] <= 0 { v[i] = 0 } }
func ReLU(v []float32) {
	if vectors {
		vecReLU(v)
		return
	}
	for i, x := range v {
		v[i] = math.Float32frombits(math.Float32bits(x) & positive(math.Float32bits(x)))
	}
}

// ReLUGrad is for i := range v { if y[i] <= 0 { v[i] = 0 } }
func ReLUGrad(v, y []float32) {
	y = y[:len(v)]
	if vectors {
		vecReLUGrad(v, y)
		return
	}
	for i, x := range v {
		v[i] = math.Float32frombits(math.Float32bits(x) & positive(math.Float32bits(y[i])))
	}
}

// positive is a mask, all ones unless the float of these bits is at most 0: signs are random, so a branch would be
// mispredicted every other time. Negative numbers down to −Inf are 2³¹…2³¹+Inf's bits; what is beyond is NaN.
func positive(b uint32) uint32 {
	m := ^uint32(0)
	if b-1<<31 <= 0x7f800000 {
		m = 0
	}
	if b == 0 {
		m = 0
	}
	return m
}

// Tanh is for i := range v { v[i] = tanh(v[i]) }
func Tanh(v []float32) {
	if vectors {
		vecTanh(v)
		return
	}
	for i, x := range v {
		switch {
		case x > 9:
			v[i] = 1
		case x < -9:
			v[i] = -1
		default:
			y := tanh(x)
			if y > 1 { // by a rounding: 1 − y² must not be negative
				y = 1
			} else if y < -1 {
				y = -1
			}
			v[i] = y
		}
	}
}

// tanh is x·P(x²)/Q(x²), a minimax fit on ±9, beyond which tanh is 1 in float32; the fit is off by 1.4·10⁻⁹. The quotient
// comes first, so that tiny arguments keep their bits.
func tanh(x float32) float32 {
	z := x * x
	p := ((((-1.2305130587975619e-11*z+3.0729327621373641e-8)*z+2.8069942562199316e-5)*z+0.0038714981942093367)*z+
		0.13682464846677334)*z + 1
	q := (((1.2916528417937953e-6*z+0.00039441680369992111)*z+0.027257505444715991)*z+0.47015797352193104)*z + 1
	return x * (p / q)
}

// TanhGrad is for i := range v { v[i] *= 1 - y[i]*y[i] }
func TanhGrad(v, y []float32) {
	y = y[:len(v)]
	if vectors {
		vecTanhGrad(v, y)
		return
	}
	for i := range v {
		v[i] *= 1 - y[i]*y[i]
	}
}

// SigmoidGrad is for i := range v { v[i] *= y[i] * (1 - y[i]) }
func SigmoidGrad(v, y []float32) {
	y = y[:len(v)]
	if vectors {
		vecSigmoidGrad(v, y)
		return
	}
	for i := range v {
		v[i] *= y[i] * (1 - y[i])
	}
}
