package f32

import "math"

// Activations of straight lines, and softsign.

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// steep is 1 where the float of these bits is above 0, and slope for what is not, or no number: signs are random, so a
// branch would be mispredicted every other time.
func steep(b uint32, slope float32) float32 {
	m := math.Float32bits(slope)
	if b-1 < 0x7f800000 { // from the smallest positive number to +Inf
		m = 0x3f800000
	}
	return math.Float32frombits(m)
}

// LeakyReLU is for i := range v { if !(v[i] > 0) { v[i] *= slope } }
func LeakyReLU(v []float32, slope float32) { LeakyReLUGrad(v, v, slope) }

// LeakyReLUGrad is for i := range v { if !(y[i] > 0) { v[i] *= slope } }
func LeakyReLUGrad(v, y []float32, slope float32) {
	y = y[:len(v)]
	if vectors {
		vecLeakyReLU(v, y, slope)
		return
	}
	for i := range v {
		v[i] *= steep(math.Float32bits(y[i]), slope)
	}
}

// PReLU is for i := range v { if !(x[i] > 0) { v[i] *= slope[i] } }, forward with x = v.
func PReLU(v, x, slope []float32) {
	x, slope = x[:len(v)], slope[:len(v)]
	if vectors {
		vecPReLU(v, x, slope)
		return
	}
	for i := range v {
		v[i] *= steep(math.Float32bits(x[i]), slope[i])
	}
}

// ClampGrad is for i := range v { if y[i] <= lo || y[i] >= hi { v[i] = 0 } }
func ClampGrad(v, y []float32, lo, hi float32) {
	y = y[:len(v)]
	if vectors {
		vecClampGrad(v, y, lo, hi)
		return
	}
	for i := range v {
		if y[i] <= lo || y[i] >= hi {
			v[i] = 0
		}
	}
}

// Hardswish is for i := range v { v[i] *= min(max(v[i] + 3, 0), 6) / 6 }
func Hardswish(v []float32) {
	if vectors {
		vecHardswish(v)
		return
	}
	for i, x := range v {
		v[i] = x * (min(max(x+3, 0), 6) * (1.0 / 6))
	}
}

// HardswishGrad is for i := range v { if x[i] <= -3 { v[i] = 0 } else if x[i] < 3 { v[i] *= x[i]/3 + 0.5 } }
func HardswishGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecHardswishGrad(v, x)
		return
	}
	for i, dy := range v {
		switch t := x[i]; {
		case t <= -3:
			v[i] = 0
		case t < 3:
			v[i] = dy * (t*(1.0/3) + 0.5)
		}
	}
}

// Hardsigmoid is for i := range v { v[i] = min(max(v[i] + 3, 0), 6) / 6 }
func Hardsigmoid(v []float32) {
	if vectors {
		vecHardsigmoid(v)
		return
	}
	for i, x := range v {
		v[i] = min(max(x+3, 0), 6) * (1.0 / 6)
	}
}

// HardsigmoidGrad is for i := range v { if y[i] > 0 && y[i] < 1 { v[i] /= 6 } else { v[i] = 0 } }
func HardsigmoidGrad(v, y []float32) {
	y = y[:len(v)]
	if vectors {
		vecHardsigmoidGrad(v, y)
		return
	}
	for i, dy := range v {
		if y[i] > 0 && y[i] < 1 {
			v[i] = dy * (1.0 / 6)
		} else {
			v[i] = 0
		}
	}
}

// Softsign is for i := range v { v[i] /= 1 + |v[i]| }
func Softsign(v []float32) {
	if vectors {
		vecSoftsign(v)
		return
	}
	for i, x := range v {
		v[i] = x / (1 + abs(x))
	}
}

// SoftsignGrad is for i := range v { d := 1 + |x[i]|; v[i] = v[i] / d / d }
func SoftsignGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecSoftsignGrad(v, x)
		return
	}
	for i, dy := range v {
		d := 1 / (1 + abs(x[i]))
		v[i] = dy * d * d
	}
}
