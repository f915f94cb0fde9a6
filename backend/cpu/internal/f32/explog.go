package f32

import "math"

// exp is eˣ by Cody and Waite's reduction to ±ln 2/2 and a polynomial of degree 7 (Moshier's expf, Cephes). Where the
// result is no normal number, and for NaN, the float64 function answers.
func exp(x float32) float32 {
	if !(x > -87.3 && x < 88.3) {
		return float32(math.Exp(float64(x)))
	}
	const shift = 3 << 22 // adding it rounds to the nearest integer, which is then in the low bits
	t := x*1.44269504088896341 + shift
	k := t - shift
	r := x - k*0.693359375
	r -= k * -2.12194440e-4
	p := float32(1.9875691500e-4)
	p = p*r + 1.3981999507e-3
	p = p*r + 8.3334519073e-3
	p = p*r + 4.1665795894e-2
	p = p*r + 1.6666665459e-1
	p = p*r + 5.0000001201e-1
	p = p*r*r + r + 1
	return p * math.Float32frombits((math.Float32bits(t)+127)<<23)
}

// Exp is for i := range v { v[i] = exp(v[i]) }
func Exp(v []float32) {
	for i, x := range v {
		v[i] = exp(x)
	}
}

// log is the natural logarithm by a polynomial of degree 9 on √½…√2 (Moshier's logf, Cephes). Subnormals, zero,
// negative numbers, Inf and NaN get the float64 function's answer.
func log(x float32) float32 {
	if !(x >= 0x1p-126 && x <= math.MaxFloat32) {
		return float32(math.Log(float64(x)))
	}
	const sqrtHalf = 0x3f3504f3
	b := math.Float32bits(x) - sqrtHalf
	e := float32(int32(b) >> 23)
	m := math.Float32frombits(b&(1<<23-1)+sqrtHalf) - 1
	z := m * m
	p := float32(7.0376836292e-2)
	p = p*m - 1.1514610310e-1
	p = p*m + 1.1676998740e-1
	p = p*m - 1.2420140846e-1
	p = p*m + 1.4249322787e-1
	p = p*m - 1.6668057665e-1
	p = p*m + 2.0000714765e-1
	p = p*m - 2.4999993993e-1
	p = p*m + 3.3333331174e-1
	y := p*m*z + e*-2.12194440e-4 - 0.5*z
	return m + y + e*0.693359375
}

// Log is for i := range v { v[i] = log(v[i]) }
func Log(v []float32) {
	for i, x := range v {
		v[i] = log(x)
	}
}
