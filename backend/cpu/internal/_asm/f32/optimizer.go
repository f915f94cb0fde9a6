package main

// Optimizers, one pass over the weights, their gradient and their state. Roots and quotients are the processor's own,
// correctly rounded: they take less time than the memory does.
var optimizers = []function{
	loop{name: "vecSGD", vectors: "w g", scalars: "lr keep", unroll: 2, body: func(l *lane) {
		l.step("w", l.mul(l.scalar["keep"], l.in("w")), l.scalar["lr"], l.load("g"))
	}},
	loop{name: "vecMomentum", vectors: "w buf g", scalars: "lr keep mu tau", unroll: 2, body: func(l *lane) {
		b := l.mix("buf", "mu", "tau", l.load("g"))
		l.store("buf", b)
		l.step("w", l.mul(l.scalar["keep"], l.in("w")), l.scalar["lr"], b)
	}},
	loop{name: "vecNesterov", vectors: "w buf g", scalars: "lr keep mu tau", unroll: 2, body: func(l *lane) {
		g := l.load("g")
		b := l.mix("buf", "mu", "tau", g)
		l.store("buf", b)
		l.step("w", l.mul(l.scalar["keep"], l.in("w")), l.scalar["lr"], l.plus(g, b, l.scalar["mu"]))
	}},
	loop{name: "vecAdam", vectors: "w m s g", row: []string{"step", "scale", "eps", "keep", "b1", "d1", "b2", "d2"}, body: func(l *lane) {
		mi, si := l.moments()
		l.adamStep(mi, si)
	}},
	loop{name: "vecAMSGrad", vectors: "w m s most g", row: []string{"step", "scale", "eps", "keep", "b1", "d1", "b2", "d2"}, body: func(l *lane) {
		mi, si := l.moments()
		top := l.max(l.load("most"), si)
		l.store("most", top)
		l.adamStep(mi, top)
	}},
	loop{name: "vecNAdam", vectors: "w m s g", row: []string{"now", "next", "scale", "eps", "b1", "d1", "b2", "d2"}, body: func(l *lane) {
		mi, si := l.moments()
		up := l.plus(l.mul(l.scalar["now"], l.in("g")), mi, l.scalar["next"])
		l.store("w", l.sub(l.load("w"), l.div(up, l.horner(l.sqrt(si), l.scalar["scale"], l.scalar["eps"]))))
	}},
	loop{name: "vecRMSprop", vectors: "w s g", scalars: "lr alpha d eps inside", body: func(l *lane) {
		g := l.load("g")
		si := l.mix("s", "alpha", "d", g, g)
		l.store("s", si)
		den := l.add(l.sqrt(l.add(si, l.scalar["inside"])), l.scalar["eps"])
		l.store("w", l.sub(l.load("w"), l.div(l.mul(l.scalar["lr"], g), den)))
	}},
	loop{name: "vecLion", vectors: "w m g", scalars: "lr keep b1 d1 b2 d2", body: func(l *lane) {
		g := l.load("g")
		c, mi := l.mix("m", "b1", "d1", g), l.mix("m", "b2", "d2", g)
		l.store("m", mi)
		sign := l.or(l.and(c, l.bits(1<<31)), l.c(1))
		sign = l.choose(l.compare(apart, c, l.c(0)), sign, c) // what is neither above nor below 0 is 0 or NaN
		l.step("w", l.mul(l.scalar["keep"], l.in("w")), l.scalar["lr"], sign)
	}},
}

// mix is keep·state + take·(the product of x), take first: the square of a gradient alone would overflow earlier.
func (l *lane) mix(state, keep, take string, x ...vec) vec {
	t := l.scalar[take]
	for _, f := range x {
		t = l.mul(t, f)
	}
	return l.plus(t, l.scalar[keep], l.in(state))
}

// moments are Adam's, after this step.
func (l *lane) moments() (mi, si vec) {
	g := l.load("g")
	mi, si = l.mix("m", "b1", "d1", g), l.mix("s", "b2", "d2", g, g)
	l.store("m", mi)
	l.store("s", si)
	return mi, si
}

// adamStep is w ← keep·w − step·mi/(√si·scale + eps).
func (l *lane) adamStep(mi, si vec) {
	den := l.horner(l.sqrt(si), l.scalar["scale"], l.scalar["eps"])
	by := l.div(l.mul(l.scalar["step"], mi), den)
	l.store("w", l.hornerLess(l.load("w"), l.scalar["keep"], by))
}

// step stores w − rate·d, in w's place.
func (l *lane) step(name string, w, rate, d vec) { l.store(name, l.minus(w, rate, d)) }
