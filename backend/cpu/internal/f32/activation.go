package f32

import "math"

// Forward and backward are neighbours. Backward kernels take v = dy and leave v = dx.

// ReLU is for i := range v { if v[i] <= 0 { v[i] = 0 } }
func ReLU(v []float32) {
	for i, x := range v {
		v[i] = math.Float32frombits(math.Float32bits(x) & positive(math.Float32bits(x)))
	}
}

// ReLUGrad is for i := range v { if y[i] <= 0 { v[i] = 0 } }
func ReLUGrad(v, y []float32) {
	y = y[:len(v)]
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

// tanh is a rational function on ±7.9, where tanh is 1 within 3·10⁻⁷ (Eigen's fit of degree 13 over 6, MPL 2.0). The
// quotient comes first, so that tiny arguments keep their bits.
func tanh(x float32) float32 {
	c := min(max(x, -7.90531110763549805), 7.90531110763549805)
	z := c * c
	p := float32(-2.76076847742355e-16)
	p = p*z + 2.00018790482477e-13
	p = p*z - 8.60467152213735e-11
	p = p*z + 5.12229709037114e-08
	p = p*z + 1.48572235717979e-05
	p = p*z + 6.37261928875436e-04
	p = p*z + 4.89352455891786e-03
	q := float32(1.19825839466702e-06)
	q = q*z + 1.18534705686654e-04
	q = q*z + 2.26843463243900e-03
	q = q*z + 4.89352518554385e-03
	return c * (p / q)
}

// Tanh is for i := range v { v[i] = tanh(v[i]) }
func Tanh(v []float32) {
	for i, x := range v {
		v[i] = tanh(x)
	}
}

// TanhGrad is for i := range v { v[i] *= 1 - y[i]*y[i] }
func TanhGrad(v, y []float32) {
	y = y[:len(v)]
	for i := range v {
		v[i] *= 1 - y[i]*y[i]
	}
}

// Sigmoid is for i := range v { v[i] = 1 / (1 + exp(-v[i])) }
func Sigmoid(v []float32) {
	for i, x := range v {
		v[i] = 1 / (1 + exp(-x))
	}
}

// SigmoidGrad is for i := range v { v[i] *= y[i] * (1 - y[i]) }
func SigmoidGrad(v, y []float32) {
	y = y[:len(v)]
	for i := range v {
		v[i] *= y[i] * (1 - y[i])
	}
}

// erf is a rational function on ±4, beyond which erf is 1 in float32 (Eigen's fit of degree 13 over 8, MPL 2.0).
func erf(x float32) float32 {
	c := min(max(x, -4), 4)
	z := c * c
	p := float32(-2.72614225801306e-10)
	p = p*z + 2.77068142495902e-08
	p = p*z - 2.10102402082508e-06
	p = p*z - 5.69250639462346e-05
	p = p*z - 7.34990630326855e-04
	p = p*z - 2.95459980854025e-03
	p = p*z - 1.60960333262415e-02
	q := float32(-1.45660718464996e-05)
	q = q*z - 2.13374055278905e-04
	q = q*z - 1.68282697438203e-03
	q = q*z - 7.37332916720468e-03
	q = q*z - 1.42647390514189e-02
	return c * (p / q)
}
