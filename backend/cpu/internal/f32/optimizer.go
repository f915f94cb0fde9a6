package f32

import "math"

// SGD is for i := range w { w[i] = keep*w[i] - lr*g[i] }
func SGD(w, g []float32, lr, keep float32) {
	g = g[:len(w)]
	if vectors {
		vecSGD(w, g, lr, keep)
		return
	}
	for i := range w {
		w[i] = keep*w[i] - lr*g[i]
	}
}

// Momentum is for i := range w { buf[i] = mu*buf[i] + tau*g[i]; w[i] = keep*w[i] - lr*buf[i] }
func Momentum(w, buf, g []float32, lr, keep, mu, tau float32) {
	buf, g = buf[:len(w)], g[:len(w)]
	if vectors {
		vecMomentum(w, buf, g, lr, keep, mu, tau)
		return
	}
	for i := range w {
		b := mu*buf[i] + tau*g[i]
		buf[i] = b
		w[i] = keep*w[i] - lr*b
	}
}

// Nesterov is for i := range w { buf[i] = mu*buf[i] + tau*g[i]; w[i] = keep*w[i] - lr*(g[i] + mu*buf[i]) }
func Nesterov(w, buf, g []float32, lr, keep, mu, tau float32) {
	buf, g = buf[:len(w)], g[:len(w)]
	if vectors {
		vecNesterov(w, buf, g, lr, keep, mu, tau)
		return
	}
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
	m, s, g = m[:len(w)], s[:len(w)], g[:len(w)]
	if vectors {
		vecAdam(w, m, s, g, &c.Step)
		return
	}
	step, scale, eps, keep, b1, d1, b2, d2 := c.Step, c.Scale, c.Eps, c.Keep, c.B1, c.D1, c.B2, c.D2
	for i := range w {
		x := g[i]
		mi := b1*m[i] + d1*x
		si := b2*s[i] + d2*x*x // in this order: x² alone would overflow earlier
		m[i], s[i] = mi, si
		w[i] = keep*w[i] - step*mi/(float32(math.Sqrt(float64(si)))*scale+eps)
	}
}

// AMSGrad is Adam with the largest s so far, kept in most, below the line.
func AMSGrad(w, m, s, most, g []float32, c *AdamRow) {
	m, s, most, g = m[:len(w)], s[:len(w)], most[:len(w)], g[:len(w)]
	if vectors {
		vecAMSGrad(w, m, s, most, g, &c.Step)
		return
	}
	step, scale, eps, keep, b1, d1, b2, d2 := c.Step, c.Scale, c.Eps, c.Keep, c.B1, c.D1, c.B2, c.D2
	for i := range w {
		x := g[i]
		mi := b1*m[i] + d1*x
		si := b2*s[i] + d2*x*x
		m[i], s[i] = mi, si
		top := max(most[i], si)
		most[i] = top
		w[i] = keep*w[i] - step*mi/(float32(math.Sqrt(float64(top)))*scale+eps)
	}
}

// NAdamRow is the row of constants of the op nadam.
type NAdamRow struct{ Now, Next, Scale, Eps, B1, D1, B2, D2 float32 }

// NAdam is Adam whose step is of Now*g[i] + Next*m[i].
func NAdam(w, m, s, g []float32, c *NAdamRow) {
	m, s, g = m[:len(w)], s[:len(w)], g[:len(w)]
	if vectors {
		vecNAdam(w, m, s, g, &c.Now)
		return
	}
	now, next, scale, eps, b1, d1, b2, d2 := c.Now, c.Next, c.Scale, c.Eps, c.B1, c.D1, c.B2, c.D2
	for i := range w {
		x := g[i]
		mi := b1*m[i] + d1*x
		si := b2*s[i] + d2*x*x
		m[i], s[i] = mi, si
		w[i] -= (now*x + next*mi) / (float32(math.Sqrt(float64(si)))*scale + eps)
	}
}

// RMSprop is for i := range w { s[i] = alpha*s[i] + d*g[i]²; w[i] -= lr*g[i]/(√(s[i]+inside) + eps) }
func RMSprop(w, s, g []float32, lr, alpha, d, eps, inside float32) {
	s, g = s[:len(w)], g[:len(w)]
	if vectors {
		vecRMSprop(w, s, g, lr, alpha, d, eps, inside)
		return
	}
	for i := range w {
		x := g[i]
		si := alpha*s[i] + d*x*x
		s[i] = si
		w[i] -= lr * x / (float32(math.Sqrt(float64(si+inside))) + eps)
	}
}

// Lion is for i := range w { w[i] = keep*w[i] - lr*sign(b1*m[i] + d1*g[i]); m[i] = b2*m[i] + d2*g[i] }
func Lion(w, m, g []float32, lr, keep, b1, d1, b2, d2 float32) {
	m, g = m[:len(w)], g[:len(w)]
	if vectors {
		vecLion(w, m, g, lr, keep, b1, d1, b2, d2)
		return
	}
	for i := range w {
		c := b1*m[i] + d1*g[i]
		m[i] = b2*m[i] + d2*g[i]
		switch {
		case c > 0:
			c = 1
		case c < 0:
			c = -1
		}
		w[i] = keep*w[i] - lr*c
	}
}
