package f32

import "math"

// expLow and expHigh bound the arguments whose eˣ is a normal number, safely.
const expLow, expHigh = -87.3, 88.3

// exp is eˣ between expLow and expHigh, by Cody and Waite's reduction to ±ln 2/2 and a polynomial of degree 7 (Moshier's
// expf, Cephes). It is just small enough to be inlined.
func exp(x float32) float32 {
	const shift = 3 << 22 // adding it rounds to the nearest integer, which is then in the low bits
	t := x*1.44269504088896341 + shift
	r := x - (t-shift)*0.693359375 - (t-shift)*-2.12194440e-4
	p := ((((1.9875691500e-4*r+1.3981999507e-3)*r+8.3334519073e-3)*r+4.1665795894e-2)*r+1.6666665459e-1)*r + 5.0000001201e-1
	return (p*r*r + r + 1) * math.Float32frombits((math.Float32bits(t)+127)<<23)
}

// expm1 is eˣ − 1 between expLow and expHigh: exp before 1 is added, so that small arguments keep their bits.
func expm1(x float32) float32 {
	const shift = 3 << 22
	t := x*1.44269504088896341 + shift
	r := x - (t-shift)*0.693359375 - (t-shift)*-2.12194440e-4
	p := ((((1.9875691500e-4*r+1.3981999507e-3)*r+8.3334519073e-3)*r+4.1665795894e-2)*r+1.6666665459e-1)*r + 5.0000001201e-1
	s := math.Float32frombits((math.Float32bits(t) + 127) << 23)
	return (p*r*r+r)*s + (s - 1)
}

// expBeyond is for all other arguments, NaN among them.
func expBeyond(x float32) float32 { return float32(math.Exp(float64(x))) }

// Exp is for i := range v { v[i] = exp(v[i]) }
func Exp(v []float32) {
	if vectors {
		vecExp(v)
		return
	}
	for i, x := range v {
		if x > expLow && x < expHigh {
			v[i] = exp(x)
		} else {
			v[i] = expBeyond(x)
		}
	}
}

// log is the natural logarithm of a normal number.
func log(x float32) float32 {
	const sqrtHalf = 0x3f3504f3
	b := math.Float32bits(x) - sqrtHalf
	return logNear(math.Float32frombits(b&(1<<23-1)+sqrtHalf)-1, float32(int32(b)>>23))
}

// log1p is log(1 + x) for 0 ≤ x ≤ 1.
func log1p(x float32) float32 {
	if x > 0.41421356 { // 1 + x is above √2
		return logNear((x-1)*0.5, 1)
	}
	return logNear(x, 0)
}

// logNear is log(2ᵉ·(1 + m)) for 1 + m in √½…√2, by a polynomial of degree 9 (Moshier's logf, Cephes).
func logNear(m, e float32) float32 {
	z := m * m
	p := ((((((((7.0376836292e-2*m-1.1514610310e-1)*m+1.1676998740e-1)*m-1.2420140846e-1)*m+1.4249322787e-1)*m-
		1.6668057665e-1)*m+2.0000714765e-1)*m-2.4999993993e-1)*m + 3.3333331174e-1)
	return m + (p*m*z + e*-2.12194440e-4 - 0.5*z) + e*0.693359375
}

// Log is for i := range v { v[i] = log(v[i]) }
func Log(v []float32) {
	if vectors {
		vecLog(v)
		return
	}
	for i, x := range v {
		if x >= 0x1p-126 && x <= math.MaxFloat32 {
			v[i] = log(x)
		} else { // subnormals, zero, what is negative or no number
			v[i] = float32(math.Log(float64(x)))
		}
	}
}
