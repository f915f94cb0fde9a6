package f32

// GELU is for i := range v { v[i] *= (1 + erf(v[i]/√2)) / 2 }
func GELU(v []float32) {
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
