package main

// changed is a loop that changes v.
func changed(name, vectors, scalars string, f func(l *lane) vec) function {
	return loop{name: name, vectors: vectors, scalars: scalars, unroll: 2, body: func(l *lane) { l.store("v", f(l)) }}
}

var arith = []function{
	loop{name: "vecFill", vectors: "v", scalars: "c", unroll: 4, body: func(l *lane) { l.store("v", l.scalar["c"]) }},
	changed("vecAdd", "v x", "", func(l *lane) vec { return l.add(l.load("v"), l.in("x")) }),
	changed("vecAddC", "v", "c", func(l *lane) vec { return l.add(l.scalar["c"], l.in("v")) }),
	changed("vecSub", "v x", "", func(l *lane) vec { return l.sub(l.load("v"), l.in("x")) }),
	changed("vecMul", "v x", "", func(l *lane) vec { return l.mul(l.load("v"), l.in("x")) }),
	changed("vecMulC", "v", "c", func(l *lane) vec { return l.mul(l.scalar["c"], l.in("v")) }),
	changed("vecDiv", "v x", "", func(l *lane) vec { return l.div(l.load("v"), l.in("x")) }),
	changed("vecDivC", "v", "c", func(l *lane) vec { return l.div(l.load("v"), l.scalar["c"]) }),
	changed("vecSubMul", "v x y", "", func(l *lane) vec { return l.minus(l.load("v"), l.load("x"), l.in("y")) }),
	changed("vecAxpy", "v x", "a", func(l *lane) vec { return l.plus(l.load("v"), l.scalar["a"], l.in("x")) }),
	changed("vecAffine", "v", "a b", func(l *lane) vec { return l.horner(l.load("v"), l.scalar["a"], l.scalar["b"]) }),
	changed("vecClamp", "v", "lo hi", func(l *lane) vec { return l.min(l.scalar["hi"], l.max(l.scalar["lo"], l.in("v"))) }),
	changed("vecAbs", "v", "", func(l *lane) vec { return l.abs(l.load("v")) }),
	changed("vecSqrt", "v", "", func(l *lane) vec { return l.sqrt(l.in("v")) }),
	changed("vecRecip", "v", "", func(l *lane) vec { return l.div(l.k(1), l.in("v")) }),

	changed("vecSquareGrad", "v x", "", func(l *lane) vec {
		x := l.load("x")
		return l.mul(l.mul(l.load("v"), x), l.c(2))
	}),
	changed("vecAbsGrad", "v x", "", func(l *lane) vec {
		x := l.load("x")
		sign := l.keep(l.compare(eq, x, x), l.and(x, l.bits(1<<31))) // NaN has none
		return l.keep(l.compare(notEq, x, l.c(0)), l.xor(sign, l.in("v")))
	}),
	changed("vecSqrtGrad", "v y", "", func(l *lane) vec { return l.mul(l.div(l.k(0.5), l.in("y")), l.in("v")) }),

	changed("vecReLU", "v", "", func(l *lane) vec { return l.max(l.zero(), l.in("v")) }),
	changed("vecReLUGrad", "v y", "", func(l *lane) vec {
		return l.keep(l.compare(notAtMost, l.load("y"), l.c(0)), l.in("v"))
	}),
	changed("vecLeakyReLU", "v x", "slope", func(l *lane) vec { return steep(l, l.scalar["slope"]) }),
	changed("vecPReLU", "v x slope", "", func(l *lane) vec { return steep(l, l.load("slope")) }),
	changed("vecClampGrad", "v y", "lo hi", func(l *lane) vec {
		y := l.load("y")
		dy := l.keep(l.compare(notAtMost, y, l.scalar["lo"]), l.in("v"))
		return l.keep(l.compare(notAtLeast, y, l.scalar["hi"]), dy)
	}),
	changed("vecHardswish", "v", "", func(l *lane) vec {
		x := l.load("v")
		return l.mul(x, sixth(l, x))
	}),
	changed("vecHardswishGrad", "v x", "", func(l *lane) vec {
		x := l.load("x")
		slope := l.poly(x, 1./3, 0.5)
		f := l.choose(l.compare(less, x, l.c(3)), slope, l.k(1))
		return l.keep(l.compare(notAtMost, x, l.c(-3)), l.mul(f, l.in("v")))
	}),
	changed("vecHardsigmoid", "v", "", func(l *lane) vec { return sixth(l, l.load("v")) }),
	changed("vecHardsigmoidGrad", "v y", "", func(l *lane) vec {
		y := l.load("y")
		dy := l.mul(l.k(1./6), l.in("v"))
		return l.keep(l.compare(less, y, l.c(1)), l.keep(l.compare(greater, y, l.c(0)), dy))
	}),
	changed("vecSoftsign", "v", "", func(l *lane) vec {
		x := l.load("v")
		return l.div(x, l.add(l.abs(x), l.c(1)))
	}),
	changed("vecSoftsignGrad", "v x", "", func(l *lane) vec {
		d := l.div(l.k(1), l.add(l.abs(l.load("x")), l.c(1)))
		return l.mul(l.mul(d, l.in("v")), d)
	}),
	changed("vecTanhGrad", "v y", "", func(l *lane) vec {
		y := l.load("y")
		return l.mul(l.minus(l.copy(l.c(1)), y, y), l.in("v"))
	}),
	changed("vecSigmoidGrad", "v y", "", func(l *lane) vec {
		y := l.load("y")
		return l.mul(l.mul(y, l.sub(l.k(1), y)), l.in("v"))
	}),
	changed("vecELUGrad", "v y", "neg pos rate", func(l *lane) vec {
		y := l.load("y")
		below := l.mul(l.add(y, l.scalar["neg"]), l.scalar["rate"])
		return l.mul(l.choose(l.compare(atMost, y, l.c(0)), below, l.scalar["pos"]), l.in("v"))
	}),
}

// steep is v where x is above 0, and slope·v elsewhere.
func steep(l *lane, slope vec) vec {
	f := l.choose(l.compare(greater, l.load("x"), l.c(0)), l.c(1), slope)
	return l.mul(f, l.in("v"))
}

// sixth is min(max(x + 3, 0), 6)/6.
func sixth(l *lane, x vec) vec {
	up := l.max(l.zero(), l.add(x, l.c(3)))
	return l.mul(l.min(l.k(6), up), l.c(1./6))
}
