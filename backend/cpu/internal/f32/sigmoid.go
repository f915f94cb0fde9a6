package f32

import "math"

// Activations made of exponentials and logarithms. Where an exponential is no normal number but the result may be one,
// float64 computes it.

// Sigmoid is for i := range v { v[i] = 1 / (1 + exp(-v[i])) }
func Sigmoid(v []float32) {
	if vectors {
		vecSigmoid(v)
		return
	}
	for i, x := range v {
		if x < -expLow && x > -expHigh {
			v[i] = 1 / (1 + exp(-x))
		} else {
			v[i] = 1 / (1 + expBeyond(-x))
		}
	}
}

// SiLU is for i := range v { v[i] /= 1 + exp(-v[i]) }
func SiLU(v []float32) {
	if vectors {
		vecSiLU(v)
		return
	}
	for i, x := range v {
		if x < -expLow && x > -expHigh {
			v[i] = x / (1 + exp(-x))
		} else { // the quotient is a normal number where the exponential no longer is one
			v[i] = float32(float64(x) / (1 + math.Exp(-float64(x))))
		}
	}
}

// SiLUGrad is for i := range v { s := 1 / (1 + exp(-x[i])); v[i] *= s * (1 + x[i]*(1-s)) }
func SiLUGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecSiLUGrad(v, x)
		return
	}
	for i, dy := range v {
		if t := x[i]; t < -expLow && t > -expHigh {
			s := 1 / (1 + exp(-t))
			v[i] = dy * (s * (1 + t*(1-s)))
		} else {
			s := 1 / (1 + math.Exp(-float64(t)))
			v[i] = float32(float64(dy) * (s * (1 + float64(t)*(1-s))))
		}
	}
}

// Mish is for i := range v { v[i] *= tanh(log(1 + exp(v[i]))) }
func Mish(v []float32) {
	if vectors {
		vecMish(v)
		return
	}
	for i, x := range v {
		switch {
		case x > 20:
		case x > expLow:
			n := exp(x)
			w := n * (n + 2)
			v[i] = x * (w / (w + 2))
		default:
			v[i] = float32(float64(x) * math.Exp(float64(x)))
		}
	}
}

// MishGrad is for i := range v { t, s := tanh(log(1 + exp(x[i]))), 1/(1+exp(-x[i])); v[i] *= t + x[i]*s*(1-t*t) }
func MishGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecMishGrad(v, x)
		return
	}
	for i, dy := range v {
		switch t := x[i]; {
		case t > 20:
			v[i] = dy * (1 + t*0) // NaN at +Inf
		case t > expLow:
			n := exp(t)
			w := n * (n + 2)
			d := w + 2
			v[i] = dy * ((w*d + 4*t*n*(n+1)) / (d * d))
		default:
			v[i] = float32(float64(dy) * (math.Exp(float64(t)) * (1 + float64(t))))
		}
	}
}

// softplus is log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|).
func softplus(x float32) float32 {
	a := abs(x)
	if !(a < -expLow) {
		return max(x, 0) + expBeyond(-a)
	}
	return max(x, 0) + log1p(exp(-a))
}

// Softplus is for i := range v { if z := beta*v[i]; !(z > threshold) { v[i] = log(1+exp(z)) / beta } }
func Softplus(v []float32, beta, threshold float32) {
	if vectors {
		vecSoftplus(v, beta, threshold)
		return
	}
	for i, x := range v {
		switch z := x * beta; {
		case z > threshold:
		case z < expLow:
			v[i] = float32(math.Exp(float64(z)) / float64(beta))
		default:
			v[i] = softplus(z) / beta
		}
	}
}

// SoftplusGrad is for i := range v { if z := beta*x[i]; !(z > threshold) { v[i] /= 1 + exp(-z) } }
func SoftplusGrad(v, x []float32, beta, threshold float32) {
	x = x[:len(v)]
	if vectors {
		vecSoftplusGrad(v, x, beta, threshold)
		return
	}
	for i, dy := range v {
		switch z := x[i] * beta; {
		case z > threshold:
		case z < -expLow && z > -expHigh:
			v[i] = dy / (1 + exp(-z))
		default:
			v[i] = float32(float64(dy) / (1 + math.Exp(-float64(z))))
		}
	}
}

// LogSigmoid is for i := range v { v[i] = -log(1 + exp(-v[i])) }
func LogSigmoid(v []float32) {
	if vectors {
		vecLogSigmoid(v)
		return
	}
	for i, x := range v {
		v[i] = -softplus(-x)
	}
}

// LogSigmoidGrad is for i := range v { v[i] *= 1 - exp(y[i]) }
func LogSigmoidGrad(v, y []float32) {
	y = y[:len(v)]
	if vectors {
		vecLogSigmoidGrad(v, y)
		return
	}
	for i := range v {
		v[i] *= -expm1(max(y[i], saturated))
	}
}

// saturated is an argument from which on downward eˣ − 1 is −1 in float32.
const saturated = -30

// ELU is for i := range v { if v[i] > 0 { v[i] *= pos } else { v[i] = neg * (exp(rate*v[i]) - 1) } }
func ELU(v []float32, neg, pos, rate float32) {
	if vectors {
		vecELU(v, neg, pos, rate)
		return
	}
	for i, x := range v { // one of the two terms is 0: no branch to mispredict
		v[i] = pos*max(x, 0) + neg*expm1(max(min(rate*x, 0), saturated))
	}
}

// ELUGrad is for i := range v { if y[i] <= 0 { v[i] *= rate * (y[i] + neg) } else { v[i] *= pos } }
func ELUGrad(v, y []float32, neg, pos, rate float32) {
	y = y[:len(v)]
	if vectors {
		vecELUGrad(v, y, neg, pos, rate)
		return
	}
	for i := range v {
		m := positive(math.Float32bits(y[i]))
		v[i] *= math.Float32frombits(math.Float32bits(pos)&m | math.Float32bits(rate*(y[i]+neg))&^m)
	}
}
