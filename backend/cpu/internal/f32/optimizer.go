package f32

import "math"

// SGD is for i := range w { w[i] = keep*w[i] - lr*g[i] }
func SGD(w, g []float32, lr, keep float32) {
	g = g[:len(w)]
	for i := range w {
		w[i] = keep*w[i] - lr*g[i]
	}
}

// Momentum is for i := range w { buf[i] = mu*buf[i] + tau*g[i]; w[i] = keep*w[i] - lr*buf[i] }
func Momentum(w, buf, g []float32, lr, keep, mu, tau float32) {
	buf, g = buf[:len(w)], g[:len(w)]
	for i := range w {
		b := mu*buf[i] + tau*g[i]
		buf[i] = b
		w[i] = keep*w[i] - lr*b
	}
}

// Nesterov is for i := range w { buf[i] = mu*buf[i] + tau*g[i]; w[i] = keep*w[i] - lr*(g[i] + mu*buf[i]) }
func Nesterov(w, buf, g []float32, lr, keep, mu, tau float32) {
	buf, g = buf[:len(w)], g[:len(w)]
	for i := range w {
		b := mu*buf[i] + tau*g[i]
		buf[i] = b
		w[i] = keep*w[i] - lr*(g[i]+mu*b)
	}
}

// AdamRow is the row of constants of the op adam.
type AdamRow struct{ Step, Scale, Eps, Keep, B1, D1, B2, D2 float32 }

// Adam is for i := range w { m[i] = B1*m[i] + D1*g[i]; s[i] = B2*s[i] + D2*g[i]²; w[i] = Keep*w[i] - Step*m[i]/(√s[i]*Scale + Eps) }
func Adam(w, m, s, g []float32, c *AdamRow) {
	step, scale, eps, keep, b1, d1, b2, d2 := c.Step, c.Scale, c.Eps, c.Keep, c.B1, c.D1, c.B2, c.D2
	m, s, g = m[:len(w)], s[:len(w)], g[:len(w)]
	for i := range w {
		x := g[i]
		mi := b1*m[i] + d1*x
		si := b2*s[i] + d2*x*x // in this order: x² alone would overflow earlier
		m[i], s[i] = mi, si
		w[i] = keep*w[i] - step*mi/(float32(math.Sqrt(float64(si)))*scale+eps)
	}
}
