package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A special is a function whose loop is its own.
type special struct {
	name, signature string
	text            func(c *build.Context, p *pool)
}

func (f special) declaration() string { return f.name + f.signature }

func (f special) write(c *build.Context, p *pool) {
	c.Function(f.name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func" + f.signature)
	f.text(c, p)
}

var moves = []function{
	loop{name: "vecScaled", vectors: "v x", scalars: "c", unroll: 2, body: func(l *lane) {
		l.store("v", l.mul(l.scalar["c"], l.in("x")))
	}},
	special{"vecBytes", "(v []float32, b []byte)", fromBytes(false)},
	special{"vecAddBytes", "(v []float32, b []byte)", fromBytes(true)},
	special{"vecAccumulate", "(acc []float64, v []float32, rows int)", accumulate},
}

// fromBytes converts bytes, and adds them to what is there where asked. The last are done one by one: nothing is rounded, so
// their bits are the same.
func fromBytes(add bool) func(c *build.Context, p *pool) {
	return func(c *build.Context, p *pool) {
		e := load(c, "v")
		b := c.Load(c.Param("b").Base(), c.GP64()).(reg.GPVirtual)
		twice(c, p, func(m *machine) {
			l := &lane{machine: m, elements: e}
			l.vectors = 1
			from := operand.Mem{Base: b, Index: l.i, Scale: 1}
			vectors := func() {
				x := l.register()
				l.VPMOVZXBD(from, x)
				f := l.floats(vec{x})
				if add {
					f = l.add(f, l.in("v"))
				}
				l.store("v", f)
			}
			single := func() {
				n, x, zero := l.GP32(), l.XMM(), l.XMM()
				l.MOVBLZX(from, n)
				l.VXORPS(zero, zero, zero)
				l.VCVTSI2SSL(n, zero, x)
				if add {
					l.VADDSS(l.memory("v", 0), x, x)
				}
				l.VMOVSS(x, l.memory("v", 0))
			}
			l.turns("one", "last", l.lanes(), vectors)
			l.turns("single", "done", 1, single)
			l.VZEROUPPER()
			l.RET()
		})
	}
}

// accumulate adds rows of v to acc, columns of eight at a time over all rows, then single ones: every addition is
// rounded as it would be alone.
func accumulate(c *build.Context, p *pool) {
	e := load(c, "acc")
	v := c.Load(c.Param("v").Base(), c.GP64()).(reg.GPVirtual)
	rows := c.Load(c.Param("rows"), c.GP64()).(reg.GPVirtual)
	stride := c.GP64()
	c.MOVQ(e.n, stride)
	c.SHLQ(operand.U8(2), stride)
	twice(c, p, func(m *machine) {
		l := &lane{machine: m, elements: e}
		acc := operand.Mem{Base: l.at["acc"], Index: l.i, Scale: 8}
		// down adds the rows' numbers at a column to a register that holds acc's.
		down := func(name string, step func(from operand.Mem)) {
			from, left := l.GP64(), l.GP64()
			l.LEAQ(operand.Mem{Base: v, Index: l.i, Scale: 4}, from)
			l.MOVQ(rows, left)
			l.Label(l.label(name))
			step(operand.Mem{Base: from})
			l.ADDQ(stride, from)
			l.DECQ(left)
			l.JNE(operand.LabelRef(l.label(name)))
		}
		l.turns("strip", "narrow", 16, func() { l.strip(acc, 2, func(f func(operand.Mem)) { down("stripRow", f) }) })
		l.turns("eight", "last", 8, func() { l.strip(acc, 1, func(f func(operand.Mem)) { down("eightRow", f) }) })
		l.turns("single", "done", 1, func() {
			sum, x := l.XMM(), l.XMM()
			l.VMOVSD(acc, sum)
			l.VXORPD(x, x, x)
			down("singleRow", func(from operand.Mem) {
				l.VCVTSS2SD(from, x, x)
				l.VADDSD(x, sum, sum)
			})
			l.VMOVSD(sum, acc)
		})
		l.VZEROUPPER()
		l.RET()
	})
}

// strip does eight columns, or that many times eight.
func (l *lane) strip(acc operand.Mem, eights int, down func(func(operand.Mem))) {
	per := l.lanes() / 2
	sums := make([]reg.VecVirtual, 8*eights/per)
	for i := range sums {
		sums[i] = l.register()
		l.VMOVUPD(acc.Offset(8*per*i), sums[i])
	}
	down(func(from operand.Mem) {
		for i := range sums {
			x := l.register()
			l.VCVTPS2PD(from.Offset(4*per*i), x)
			l.VADDPD(x, sums[i], sums[i])
		}
	})
	for i := range sums {
		l.VMOVUPD(sums[i], acc.Offset(8*per*i))
	}
}
