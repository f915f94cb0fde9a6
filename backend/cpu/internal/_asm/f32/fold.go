package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A fold is a loop over v that carries something along and returns it.
type fold struct {
	name, signature string
	vectors         string
	variant         func(l *lane)
}

func (f fold) declaration() string { return f.name + f.signature }

func (f fold) write(c *build.Context, p *pool) {
	c.Function(f.name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func" + f.signature)
	e := load(c, f.vectors)
	twice(c, p, func(m *machine) {
		f.variant(&lane{machine: m, elements: e, scalar: map[string]vec{}})
	})
}

var folds = []function{
	fold{"vecSum", "(v []float32) float64", "v", func(l *lane) {
		s := l.newSum()
		l.run(1, func() { s.add(l.load("v")) })
		l.give(s)
	}},
	fold{"vecSumSquares", "(v []float32) float64", "v", func(l *lane) {
		s := l.newSum()
		l.run(1, func() { x := l.load("v"); s.add(l.mul(x, x)) })
		l.give(s)
	}},
	fold{"vecExpSum", "(e, z []float32, shift float32) float64", "e z", func(l *lane) {
		s := l.newSum()
		shift := l.broadcast(l.param("shift"))
		l.run(2, func() {
			e := l.exp(l.atLeast(l.sub(l.load("z"), shift), low))
			if l.tail {
				e = l.keep(l.rest, e)
			}
			l.store("e", e)
			s.add(e)
		})
		l.give(s)
	}},
	fold{"vecFinite", "(v []float32) bool", "v", finite},
	fold{"vecLargest", "(v []float32) (top float32, at int)", "v", largest},
}

// A sum is of float64, element i of a slice in lane i mod 8: the generic code's order, whatever the vectors' width.
type sum struct {
	l     *lane
	parts []reg.VecVirtual // in all eight lanes
}

func (l *lane) newSum() *sum {
	s := &sum{l: l, parts: []reg.VecVirtual{l.ZMM()}}
	if !l.wide {
		s.parts = []reg.VecVirtual{l.YMM(), l.YMM()}
	}
	for _, p := range s.parts {
		l.VXORPD(p, p, p)
	}
	return s
}

// add adds vectors in registers, whose numbers beyond the last are 0.
func (s *sum) add(x vec) {
	l := s.l
	for i := range x {
		r := x[i].(reg.VecVirtual)
		if l.wide {
			high, d := l.YMM(), l.ZMM()
			l.VEXTRACTF32X8(operand.U8(1), r, high)
			l.VCVTPS2PD(r.AsY(), d)
			l.VADDPD(d, s.parts[0], s.parts[0])
			l.VCVTPS2PD(high, d)
			l.VADDPD(d, s.parts[0], s.parts[0])
			continue
		}
		high, d := l.XMM(), l.YMM()
		l.VEXTRACTF128(operand.U8(1), r, high)
		l.VCVTPS2PD(r.AsX(), d)
		l.VADDPD(d, s.parts[0], s.parts[0])
		l.VCVTPS2PD(high, d)
		l.VADDPD(d, s.parts[1], s.parts[1])
	}
}

// give returns ((a + b) + (c + d)) + ((e + f) + (g + h)).
func (l *lane) give(s *sum) {
	low, high := s.parts[0].AsY(), l.YMM()
	if l.wide {
		l.VEXTRACTF64X4(operand.U8(1), s.parts[0], high)
	} else {
		l.VMOVAPD(s.parts[1], high)
	}
	pairs, x, y := l.YMM(), l.XMM(), l.XMM()
	l.VHADDPD(high, low, pairs) // a+b, e+f, c+d, g+h
	l.VEXTRACTF128(operand.U8(1), pairs, x)
	l.VADDPD(pairs.AsX(), x, x)
	l.VUNPCKHPD(x, x, y)
	l.VADDSD(y, x, x)
	l.result(0, func(to operand.Op) { l.VMOVSD(x, to) })
}

// result stores a result and, after the last, returns.
func (l *lane) result(i int, store func(to operand.Op)) {
	a, err := l.ReturnIndex(i).Resolve()
	if err != nil {
		panic(err)
	}
	store(a.Addr)
	l.VZEROUPPER()
	l.RET()
}

// finite looks for bits in x − x, which is NaN for what is not finite and 0 for the rest.
func finite(l *lane) {
	all := l.zero()
	l.run(2, func() {
		x := l.load("v")
		d := l.sub(x, x)
		for i := range d {
			l.VORPS(d[i], all[0], all[0])
		}
	})
	low := all[0].(reg.VecVirtual).AsY()
	if l.wide {
		high := l.YMM()
		l.VEXTRACTF64X4(operand.U8(1), all[0], high)
		l.VORPS(high, low, low)
	}
	ok := l.GP8()
	l.VPTEST(low, low)
	l.SETEQ(ok)
	l.result(0, func(to operand.Op) { l.MOVB(ok, to) })
}

// largest is the largest number, −Inf where there is none, and where it is first; where there is none, behind the last.
func largest(l *lane) {
	top := l.k(float32(math.Inf(-1)))
	n := l.GP64()
	l.MOVQ(l.n, n)
	l.run(1, func() {
		x := l.load("v")
		if l.tail {
			x = l.choose(l.rest, x, l.k(float32(math.Inf(-1))))
		}
		l.VMAXPS(top[0], x[0], top[0]) // NaN is passed over
	})
	high, x := l.YMM(), l.XMM()
	all := top[0].(reg.VecVirtual)
	if l.wide {
		l.VEXTRACTF64X4(operand.U8(1), all, high)
		l.VMAXPS(high, all.AsY(), all.AsY())
	}
	l.VEXTRACTF128(operand.U8(1), all.AsY(), x)
	l.VMAXPS(all.AsX(), x, x)
	fold := func(order uint8) {
		y := l.XMM()
		l.VPERMILPS(operand.U8(order), x, y)
		l.VMAXPS(y, x, x)
	}
	fold(0x0e)
	fold(0x01)
	at := l.firstEqual(x, n)
	a, err := l.Return("top").Resolve()
	if err != nil {
		panic(err)
	}
	l.VMOVSS(x, a.Addr)
	l.result(1, func(to operand.Op) { l.MOVQ(at, to) })
}

// firstEqual is where in v's n elements x is first, or a number from n on.
func (l *lane) firstEqual(x operand.Op, n reg.GPVirtual) reg.GPVirtual {
	wanted, bits := l.broadcast(x), l.GP32()
	find := func() {
		l.compared(l.load("v"), wanted, bits)
		l.JNE(operand.LabelRef(l.label("hit")))
	}
	l.XORQ(l.i, l.i)
	l.MOVQ(n, l.n)
	l.tail = false
	l.SUBQ(operand.I32(l.lanes()), l.n)
	l.JLT(operand.LabelRef(l.label("rest")))
	l.Label(l.label("find"))
	find()
	l.ADDQ(operand.I32(l.lanes()), l.i)
	l.SUBQ(operand.I32(l.lanes()), l.n)
	l.JGE(operand.LabelRef(l.label("find")))
	l.Label(l.label("rest"))
	l.ADDQ(operand.I32(l.lanes()), l.n)
	l.tail, l.rest = true, l.first(l.n)
	find()
	l.MOVQ(n, l.i)
	l.XORL(bits, bits)
	l.JMP(operand.LabelRef(l.label("found")))
	l.Label(l.label("hit"))
	l.BSFL(bits, bits)
	l.Label(l.label("found"))
	l.ADDQ(bits.As64(), l.i)
	return l.i
}

// compared sets bits where x is y, and the flags by them.
func (l *lane) compared(x, y vec, bits reg.GPVirtual) {
	w := l.compare(eq, x, y)
	if l.wide {
		l.KMOVW(w.k[0], bits)
	} else {
		l.VMOVMSKPS(w.v[0], bits)
	}
	l.TESTL(bits, bits)
}
