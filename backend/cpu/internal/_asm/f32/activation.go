package main

import "math"

// smooth is a loop that changes v by a formula so long that one vector a turn keeps the processor busy.
func smooth(unroll int, name, vectors, scalars string, f func(l *lane) vec) function {
	return loop{name: name, vectors: vectors, scalars: scalars, unroll: unroll, body: func(l *lane) { l.store("v", f(l)) }}
}

var activations = []function{
	smooth(2, "vecExp", "v", "", func(l *lane) vec { return l.fullExp(l.load("v")) }),
	smooth(2, "vecLog", "v", "", func(l *lane) vec { return l.log(l.load("v")) }),
	smooth(2, "vecTanh", "v", "", func(l *lane) vec { return l.tanh(l.load("v")) }),
	smooth(2, "vecSigmoid", "v", "", func(l *lane) vec {
		e := l.exp(l.within(l.neg(l.load("v")), low, high))
		return l.div(l.k(1), l.add(e, l.c(1)))
	}),
	smooth(2, "vecSiLU", "v", "", func(l *lane) vec { x := l.load("v"); return l.timesSigmoid(x, x) }),
	smooth(2, "vecSiLUGrad", "v x", "", func(l *lane) vec { return l.siluGrad(l.load("v"), l.load("x")) }),
	smooth(2, "vecMish", "v", "", func(l *lane) vec {
		x := l.load("v")
		h := l.exp(l.atLeast(l.mul(l.atMost(x, 20), l.c(0.5)), low))
		n := l.mul(h, h)
		w := l.add(n, l.c(2))
		den := l.horner(l.copy(n), w, l.c(2))
		return l.mul(l.mul(l.div(l.mul(h, w), den), x), h) // e^x may be no normal number where the product is one
	}),
	smooth(2, "vecMishGrad", "v x", "", func(l *lane) vec { return l.mishGrad(l.load("v"), l.load("x")) }),
	smooth(2, "vecSoftplus", "v", "beta threshold", func(l *lane) vec {
		x := l.load("v")
		z := l.mul(x, l.scalar["beta"])
		h := l.half(z)
		y := l.mul(l.div(l.log1pOf(l.mul(h, h)), l.scalar["beta"]), h)
		y = l.horner(y, h, l.max(l.zero(), x))
		return l.choose(l.compare(greater, z, l.scalar["threshold"]), x, y)
	}),
	smooth(2, "vecSoftplusGrad", "v x", "beta threshold", func(l *lane) vec {
		z, dy := l.mul(l.scalar["beta"], l.in("x")), l.load("v")
		return l.choose(l.compare(greater, z, l.scalar["threshold"]), dy, l.timesSigmoid(dy, z))
	}),
	smooth(2, "vecLogSigmoid", "v", "", func(l *lane) vec {
		x := l.load("v")
		h := l.half(x)
		return l.minus(l.min(l.zero(), x), h, l.mul(l.log1pOf(l.mul(h, h)), h))
	}),
	smooth(2, "vecLogSigmoidGrad", "v y", "", func(l *lane) vec {
		return l.mul(l.neg(l.expm1(l.atLeast(l.load("y"), saturated))), l.in("v"))
	}),
	smooth(2, "vecELU", "v", "neg pos rate", func(l *lane) vec {
		x := l.load("v")
		e := l.expm1(l.within(l.mul(x, l.scalar["rate"]), saturated, 0))
		return l.plus(l.mul(l.scalar["pos"], l.max(l.zero(), x)), l.scalar["neg"], e)
	}),
	smooth(2, "vecGELU", "v", "", func(l *lane) vec {
		x := l.load("v")
		return l.mul(l.normal(x), x)
	}),
	smooth(2, "vecGELUGrad", "v x", "", func(l *lane) vec {
		x := l.load("x")
		e := l.exp(l.atLeast(l.mul(l.mul(x, x), l.c(-0.5)), low))
		f := l.horner(l.mul(e, l.c(0.398942280401432678)), x, l.normal(x))
		return l.mul(f, l.in("v"))
	}),
	smooth(2, "vecGELUTanh", "v", "", func(l *lane) vec {
		x := l.load("v")
		c := l.within(x, -tanhEnd, tanhEnd)
		u := l.mul(c, l.poly(l.mul(c, c), -tanhB, -tanhA))
		return l.div(x, l.add(l.exp(l.within(u, low, high)), l.c(1)))
	}),
	smooth(2, "vecGELUTanhGrad", "v x", "", func(l *lane) vec { return l.mul(l.geluTanhSlope(l.load("x")), l.in("v")) }),
}

// saturated is an argument from which on downward eˣ − 1 is −1 in float32.
const saturated = -30

func (m *machine) tanh(x vec) vec {
	x = m.within(x, -9, 9)
	z := m.mul(x, x)
	p := m.poly(z, -1.2305130587975619e-11, 3.0729327621373641e-8, 2.8069942562199316e-5, 0.0038714981942093367, 0.13682464846677334, 1)
	q := m.poly(z, 1.2916528417937953e-6, 0.00039441680369992111, 0.027257505444715991, 0.47015797352193104, 1)
	return m.within(m.mul(m.div(p, q), x), -1, 1)
}

// timesSigmoid is y/(1 + e⁻ˣ), for negative x y·eˣ/(1 + eˣ): the result may be a normal number where eˣ is none.
func (m *machine) timesSigmoid(y, x vec) vec {
	h := m.half(x)
	up := m.choose(m.negative(x), m.mul(m.mul(y, h), h), y)
	return m.div(up, m.add(m.mul(h, h), m.c(1)))
}

// siluGrad is dy·s·(1 + x·(1 − s)), s = 1/(1 + e⁻ˣ).
func (m *machine) siluGrad(dy, x vec) vec {
	h, below := m.half(x), m.negative(x)
	q := m.mul(h, h)
	d := m.div(m.k(1), m.add(q, m.c(1)))
	u := m.horner(m.choose(below, d, m.mul(q, d)), x, m.c(1))
	a := m.choose(below, h, m.k(1))                   // s is a·a·d
	return m.mul(m.mul(m.mul(a, d), dy), m.mul(a, u)) // in this order: dy·u alone would overflow earlier
}

// mishGrad is dy times the derivative of x·w/(w + 2), w = n·(n + 2), n = eˣ.
func (m *machine) mishGrad(dy, x vec) vec {
	c := m.within(x, 2*low, 20)
	h := m.exp(m.mul(c, m.c(0.5)))
	n := m.mul(h, h)
	n2 := m.add(n, m.c(2))
	d := m.horner(m.copy(n), n2, m.c(2))
	b := m.mul(m.mul(c, m.c(4)), m.add(n, m.c(1)))
	b = m.div(m.plus(b, n2, d), m.mul(d, d))
	b = m.plus(b, x, m.c(0)) // NaN at infinities
	return m.mul(m.mul(m.mul(b, h), dy), h)
}

// normal is the standard normal's distribution function, 0 below −beyond.
func (m *machine) normal(x vec) vec {
	const beyond = 5.5
	c := m.within(x, -beyond, beyond)
	z := m.mul(c, c)
	p := m.poly(z, 2.2975772201374272e-8, 6.2910714450238657e-6, 0.00016363011724659547, 0.0046457400608279611, 0.033370798546095704,
		0.39894228040143268)
	q := m.poly(z, 1.1995469364589666e-6, 7.184262130649797e-5, 0.0018553445702661912, 0.02836480958793484, 0.2503146791419711, 1)
	n := m.atMost(m.horner(m.div(p, q), c, m.c(0.5)), 1)
	return m.keep(m.compare(notLess, x, m.c(-beyond)), n)
}

// GELU's approximation takes 2u = x·(tanhA + tanhB·x²); at ±tanhEnd e^−|2u| is 0.
const tanhA, tanhB, tanhEnd = 1.5957691216057308, 0.07135481627260025, 10.5

func (m *machine) geluTanhSlope(x vec) vec {
	c := m.within(x, -tanhEnd, tanhEnd)
	z := m.mul(c, c)
	u := m.or(m.mul(c, m.poly(z, tanhB, tanhA)), m.bits(1<<31))
	q := m.exp(m.atLeast(u, low))
	d := m.div(m.k(1), m.add(q, m.c(1)))
	qd := m.mul(q, d)
	f := m.horner(m.mul(m.mul(qd, d), x), m.poly(z, 3*tanhB, tanhA), m.choose(m.negative(x), qd, d))
	// Below −9 the slope is less than float32 can say, but negative: an infinite dy meets its sign. Below −21 the
	// definition is 0 too.
	far := m.choose(m.compare(less, x, m.c(-21)), m.mul(x, m.c(0)), m.k(-math.SmallestNonzeroFloat32))
	return m.choose(m.compare(less, x, m.c(-9)), far, f)
}
