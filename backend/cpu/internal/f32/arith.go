package f32

import "math"

// Fill is for i := range v { v[i] = c }
func Fill(v []float32, c float32) {
	if vectors {
		vecFill(v, c)
		return
	}
	for i := range v {
		v[i] = c
	}
}

// Add is for i := range v { v[i] += x[i] }
func Add(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecAdd(v, x)
		return
	}
	for len(v) >= 4 {
		a, b := (*[4]float32)(v), (*[4]float32)(x)
		a[0] += b[0]
		a[1] += b[1]
		a[2] += b[2]
		a[3] += b[3]
		v, x = v[4:], x[4:]
	}
	for i := range v {
		v[i] += x[i]
	}
}

// AddC is for i := range v { v[i] += c }
func AddC(v []float32, c float32) {
	if vectors {
		vecAddC(v, c)
		return
	}
	for i := range v {
		v[i] += c
	}
}

// Sub is for i := range v { v[i] -= x[i] }
func Sub(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecSub(v, x)
		return
	}
	for len(v) >= 4 {
		a, b := (*[4]float32)(v), (*[4]float32)(x)
		a[0] -= b[0]
		a[1] -= b[1]
		a[2] -= b[2]
		a[3] -= b[3]
		v, x = v[4:], x[4:]
	}
	for i := range v {
		v[i] -= x[i]
	}
}

// Mul is for i := range v { v[i] *= x[i] }
func Mul(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecMul(v, x)
		return
	}
	for len(v) >= 4 {
		a, b := (*[4]float32)(v), (*[4]float32)(x)
		a[0] *= b[0]
		a[1] *= b[1]
		a[2] *= b[2]
		a[3] *= b[3]
		v, x = v[4:], x[4:]
	}
	for i := range v {
		v[i] *= x[i]
	}
}

// MulC is for i := range v { v[i] *= c }
func MulC(v []float32, c float32) {
	if vectors {
		vecMulC(v, c)
		return
	}
	for i := range v {
		v[i] *= c
	}
}

// Scale is for i := range v { v[i] *= c }, but 0 where c is 0, whatever v[i] was.
func Scale(v []float32, c float32) {
	switch c {
	case 0:
		clear(v)
	case 1:
	default:
		MulC(v, c)
	}
}

// Scaled is for i := range v { v[i] = c * x[i] }
func Scaled(v, x []float32, c float32) {
	x = x[:len(v)]
	if vectors {
		vecScaled(v, x, c)
		return
	}
	for i := range v {
		v[i] = c * x[i]
	}
}

// Div is for i := range v { v[i] /= x[i] }
func Div(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecDiv(v, x)
		return
	}
	for i := range v {
		v[i] /= x[i]
	}
}

// DivC is for i := range v { v[i] /= c }
func DivC(v []float32, c float32) {
	if vectors {
		vecDivC(v, c)
		return
	}
	for i := range v {
		v[i] /= c
	}
}

// SubMul is for i := range v { v[i] -= x[i] * y[i] }
func SubMul(v, x, y []float32) {
	x, y = x[:len(v)], y[:len(v)]
	if vectors {
		vecSubMul(v, x, y)
		return
	}
	for i := range v {
		v[i] -= x[i] * y[i]
	}
}

// Axpy is for i := range v { v[i] += a * x[i] }
func Axpy(v []float32, a float32, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecAxpy(v, x, a)
		return
	}
	for len(v) >= 4 {
		d, s := (*[4]float32)(v), (*[4]float32)(x)
		d[0] += a * s[0]
		d[1] += a * s[1]
		d[2] += a * s[2]
		d[3] += a * s[3]
		v, x = v[4:], x[4:]
	}
	for i := range v {
		v[i] += a * x[i]
	}
}

// Affine is for i := range v { v[i] = a*v[i] + b }
func Affine(v []float32, a, b float32) {
	if vectors {
		vecAffine(v, a, b)
		return
	}
	for i := range v {
		v[i] = a*v[i] + b
	}
}

// Clamp is for i := range v { v[i] = min(max(v[i], lo), hi) }, NaN staying NaN.
func Clamp(v []float32, lo, hi float32) {
	if vectors {
		vecClamp(v, lo, hi)
		return
	}
	for i, x := range v {
		if x < lo {
			v[i] = lo
		} else if x > hi {
			v[i] = hi
		}
	}
}

// Square is for i := range v { v[i] *= v[i] }
func Square(v []float32) { Mul(v, v) }

// Abs is for i := range v { v[i] = |v[i]| }
func Abs(v []float32) {
	if vectors {
		vecAbs(v)
		return
	}
	for i, x := range v {
		v[i] = abs(x)
	}
}

// Sqrt is for i := range v { v[i] = √v[i] }
func Sqrt(v []float32) {
	if vectors {
		vecSqrt(v)
		return
	}
	for i, x := range v {
		v[i] = float32(math.Sqrt(float64(x)))
	}
}

// Recip is for i := range v { v[i] = 1 / v[i] }
func Recip(v []float32) {
	if vectors {
		vecRecip(v)
		return
	}
	for i, x := range v {
		v[i] = 1 / x
	}
}

// SquareGrad is for i := range v { v[i] *= 2 * x[i] }
func SquareGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecSquareGrad(v, x)
		return
	}
	for i := range v {
		v[i] = v[i] * x[i] * 2
	}
}

// AbsGrad is for i := range v { if x[i] < 0 { v[i] = -v[i] } else if x[i] == 0 { v[i] = 0 } }
func AbsGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecAbsGrad(v, x)
		return
	}
	for i := range v {
		b := math.Float32bits(x[i])
		y := math.Float32bits(v[i])
		if x[i] == x[i] { // NaN has no sign
			y ^= b & (1 << 31)
		}
		if b<<1 == 0 {
			y = 0
		}
		v[i] = math.Float32frombits(y)
	}
}

// SqrtGrad is for i := range v { v[i] *= 0.5 / y[i] }
func SqrtGrad(v, y []float32) {
	y = y[:len(v)]
	if vectors {
		vecSqrtGrad(v, y)
		return
	}
	for i := range v {
		v[i] *= 0.5 / y[i]
	}
}

// RecipGrad is for i := range v { v[i] = -(v[i] * y[i]) * y[i] }
func RecipGrad(v, y []float32) {
	y = y[:len(v)]
	for i := range v {
		t := float64(y[i]) // v·y may be no normal float32 where v·y² is one
		v[i] = float32(-(float64(v[i]) * t) * t)
	}
}
