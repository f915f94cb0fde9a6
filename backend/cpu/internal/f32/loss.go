package f32

// Losses of one prediction, and their gradients, which take v = ds, the factor that comes back, and leave v = dx.

// Huber is for i := range v { d := |v[i]|; if d <= delta { v[i] = scale*d*d/2 } else { v[i] = scale*delta*(d - delta/2) } }
func Huber(v []float32, delta, scale float32) {
	if vectors {
		vecHuber(v, delta, scale)
		return
	}
	for i, x := range v {
		d := abs(x)
		m := min(d, delta)
		v[i] = m * scale * (d - 0.5*m)
	}
}

// HuberGrad is for i := range v { v[i] *= scale * min(max(x[i], -delta), delta) }
func HuberGrad(v, x []float32, delta, scale float32) {
	x = x[:len(v)]
	if vectors {
		vecHuberGrad(v, x, delta, scale)
		return
	}
	for i := range v {
		t := x[i]
		if abs(t) < 0x1p-126 { // a subnormal number would lose its bits to the first product
			t = 0
		}
		v[i] *= scale * min(max(t, -delta), delta)
	}
}

// LogCosh is for i := range v { v[i] = log(cosh(v[i])) }
func LogCosh(v []float32) {
	if vectors {
		vecLogCosh(v)
		return
	}
	for i, x := range v {
		d := abs(x)
		v[i] = d + (log1p(exp(max(-2*d, expLow))) - 0.693147180559945309)
	}
}

// LogCoshGrad is for i := range v { v[i] *= tanh(x[i]) }
func LogCoshGrad(v, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecLogCoshGrad(v, x)
		return
	}
	for i := range v {
		v[i] *= min(max(tanh(min(max(x[i], -9), 9)), -1), 1)
	}
}

// BCE is for i := range v { v[i] = (1-t[i])*v[i] + (1+(p[i]-1)*t[i])*log(1+exp(-v[i])) }
func BCE(v, t, p []float32) {
	t, p = t[:len(v)], p[:len(v)]
	if vectors {
		vecBCE(v, t, p)
		return
	}
	for i, x := range v {
		v[i] = (1-t[i])*x + (1+(p[i]-1)*t[i])*softplus(-x)
	}
}

// BCEGrad is for i := range v { v[i] *= (1 - t[i]) - (1+(p[i]-1)*t[i])/(1+exp(x[i])) }
func BCEGrad(v, x, t, p []float32) {
	x, t, p = x[:len(v)], t[:len(v)], p[:len(v)]
	if vectors {
		vecBCEGrad(v, x, t, p)
		return
	}
	for i := range v {
		s := 1 / (1 + exp(min(max(x[i], expLow), expHigh)))
		v[i] *= (1 - t[i]) - (1+(p[i]-1)*t[i])*s
	}
}

// Poisson is for i := range v { v[i] = exp(v[i]) - t[i]*v[i] }
func Poisson(v, t []float32) {
	t = t[:len(v)]
	if vectors {
		vecPoisson(v, t)
		return
	}
	for i, x := range v {
		v[i] = expAny(x) - t[i]*x
	}
}

// PoissonGrad is for i := range v { v[i] *= exp(x[i]) - t[i] }
func PoissonGrad(v, x, t []float32) {
	x, t = x[:len(v)], t[:len(v)]
	if vectors {
		vecPoissonGrad(v, x, t)
		return
	}
	for i := range v {
		v[i] *= expAny(x[i]) - t[i]
	}
}

func expAny(x float32) float32 {
	if x > expLow && x < expHigh {
		return exp(x)
	}
	return expBeyond(x)
}

// Pinball is for i := range v { d := t[i] - v[i]; v[i] = max(q[i]*d, (q[i]-1)*d) }
func Pinball(v, t, q []float32) {
	t, q = t[:len(v)], q[:len(v)]
	if vectors {
		vecPinball(v, t, q)
		return
	}
	for i, x := range v {
		d := t[i] - x
		v[i] = max(q[i]*d, (q[i]-1)*d)
	}
}

// PinballGrad is for i := range v { v[i] *= ([t[i] < x[i]] or half where neither is larger) - q[i] }
func PinballGrad(v, x, t, q []float32) {
	x, t, q = x[:len(v)], t[:len(v)], q[:len(v)]
	if vectors {
		vecPinballGrad(v, x, t, q)
		return
	}
	for i := range v {
		f := float32(0.5)
		if t[i] > x[i] {
			f = 0
		} else if t[i] < x[i] {
			f = 1
		}
		v[i] *= f - q[i]
	}
}

// AddSign is for i := range v { v[i] += a * sign(x[i]) }, the sign of NaN being NaN.
func AddSign(v []float32, a float32, x []float32) {
	x = x[:len(v)]
	if vectors {
		vecAddSign(v, x, a)
		return
	}
	for i := range v {
		s := x[i]
		if s > 0 {
			s = 1
		} else if s < 0 {
			s = -1
		}
		v[i] += a * s
	}
}
