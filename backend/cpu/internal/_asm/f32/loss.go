package main

// Losses of one prediction, and their gradients, whose v is the factor that comes back.
var losses = []function{
	smooth(2, "vecHuber", "v", "delta scale", func(l *lane) vec {
		d := l.abs(l.load("v"))
		m := l.min(l.scalar["delta"], d) // m·(d − m/2) is both branches
		return l.mul(l.mul(m, l.scalar["scale"]), l.minus(d, m, l.c(0.5)))
	}),
	smooth(2, "vecHuberGrad", "v x", "delta scale", func(l *lane) vec {
		x := l.load("x")
		x = l.keep(l.compare(notLess, l.abs(x), l.c(0x1p-126)), x) // a subnormal number would lose its bits
		x = l.min(l.scalar["delta"], l.max(l.neg(l.scalar["delta"]), x))
		return l.mul(l.mul(x, l.scalar["scale"]), l.in("v"))
	}),
	smooth(2, "vecLogCosh", "v", "", func(l *lane) vec {
		d := l.abs(l.load("v"))
		q := l.exp(l.atLeast(l.mul(d, l.c(-2)), low))
		return l.add(l.horner(l.log1pOf(q), q, l.c(-0.693147180559945309)), d)
	}),
	smooth(2, "vecLogCoshGrad", "v x", "", func(l *lane) vec { return l.mul(l.tanh(l.load("x")), l.in("v")) }),
	smooth(2, "vecBCE", "v t p", "", func(l *lane) vec {
		x := l.load("v")
		h := l.half(x)
		soft := l.horner(l.mul(l.log1pOf(l.mul(h, h)), h), h, l.max(l.zero(), l.neg(x))) // log(1 + e⁻ˣ)
		t := l.load("t")
		return l.horner(soft, l.positiveWeight(t), l.mul(l.sub(l.k(1), t), x))
	}),
	smooth(2, "vecBCEGrad", "v x t p", "", func(l *lane) vec {
		e := l.exp(l.within(l.load("x"), low, high))
		s := l.div(l.k(1), l.add(e, l.c(1)))
		t := l.load("t")
		return l.mul(l.minus(l.sub(l.k(1), t), l.positiveWeight(t), s), l.in("v"))
	}),
	smooth(2, "vecPoisson", "v t", "", func(l *lane) vec {
		x := l.load("v")
		return l.minus(l.fullExp(x), x, l.in("t"))
	}),
	smooth(2, "vecPoissonGrad", "v x t", "", func(l *lane) vec {
		return l.mul(l.sub(l.fullExp(l.load("x")), l.in("t")), l.in("v"))
	}),
	smooth(2, "vecPinball", "v t q", "", func(l *lane) vec {
		d := l.sub(l.load("t"), l.in("v"))
		q := l.load("q")
		return l.max(l.mul(q, d), l.mul(l.sub(q, l.c(1)), d))
	}),
	smooth(2, "vecPinballGrad", "v x t q", "", func(l *lane) vec {
		x, t, q := l.load("x"), l.load("t"), l.load("q")
		f := l.choose(l.compare(greater, t, x), l.c(0), l.choose(l.compare(less, t, x), l.c(1), l.k(0.5)))
		return l.mul(l.sub(f, q), l.in("v"))
	}),
	smooth(2, "vecAddSign", "v x", "a", func(l *lane) vec {
		return l.plus(l.load("v"), l.scalar["a"], l.sign(l.load("x")))
	}),
}

// positiveWeight is 1 + (p − 1)·t.
func (l *lane) positiveWeight(t vec) vec { return l.horner(l.sub(l.load("p"), l.c(1)), t, l.c(1)) }

// sign is −1, 1, 0 or NaN.
func (m *machine) sign(x vec) vec {
	one := m.or(m.and(x, m.bits(1<<31)), m.c(1))
	return m.choose(m.compare(apart, x, m.c(0)), one, x)
}
