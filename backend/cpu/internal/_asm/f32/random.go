package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var random = []function{
	special{"vecWords", "(w []uint32, block uint64, k0, k1, lo, hi uint32)", philox},
	loop{name: "vecDrop", vectors: "v", words: "w", scalars: "scale value limit", unroll: 2, body: func(l *lane) {
		dropped := l.compare(less, l.uniform24(), l.scalar["limit"])
		l.store("v", l.choose(dropped, l.scalar["value"], l.mul(l.scalar["scale"], l.in("v"))))
	}},
	loop{name: "vecUniform", vectors: "v", words: "w", scalars: "lo step", unroll: 2, body: func(l *lane) {
		l.store("v", l.horner(l.uniform24(), l.scalar["step"], l.scalar["lo"]))
	}},
}

// uniform24 are the words' upper 24 bits, which float32 holds exactly.
func (l *lane) uniform24() vec { return l.floats(l.shifted(l.VPSRLD, l.load("w"), 8)) }

// Turns of 32 words: the counters of a turn by their places in the vectors' halves of 128 bits, of which out takes the
// first and then the second.
var (
	counters     = []uint64{0, 2, 1, 3, 4, 6, 5, 7}
	wideCounters = []uint64{0, 4, 1, 5, 2, 6, 3, 7}
)

// philox is Philox4x32-10 with a counter in 64 bits of a vector, of which each word uses the lower 32.
func philox(c *build.Context, p *pool) {
	w := c.Load(c.Param("w").Base(), c.GP64()).(reg.GPVirtual)
	n := c.Load(c.Param("w").Len(), c.GP64()).(reg.GPVirtual)
	block := c.Load(c.Param("block"), c.GP64()).(reg.GPVirtual)
	twice(c, p, func(m *machine) {
		places, xor := p.longs("counters", counters), func(ops ...operand.Op) { m.VPXOR(ops[0], ops[1], ops[2]) }
		m.vectors = 2
		if m.wide {
			places, xor = p.longs("wideCounters", wideCounters), m.VPXORQ
			m.vectors = 1
		}
		m.Label(m.label("turn"))
		base := m.once(func(dst reg.VecVirtual) {
			m.VMOVQ(block, dst.AsX())
			m.VPBROADCASTQ(dst.AsX(), dst)
		})
		var at vec
		for i := range m.vectors {
			at = append(at, places.Offset(4*m.lanes()*i))
		}
		c0 := m.two(m.VPADDQ, base, at)
		c1 := m.shifted(m.VPSRLQ, c0, 32)
		c2, c3, k0, k1 := m.broadcast(m.param("lo")), m.broadcast(m.param("hi")), m.broadcast(m.param("k0")), m.broadcast(m.param("k1"))
		for round := range 10 {
			if round > 0 {
				for _, k := range []struct {
					key vec
					by  uint32
				}{{k0, 0x9E3779B9}, {k1, 0xBB67AE85}} {
					m.VPADDD(m.bits(k.by)[0], k.key[0], k.key[0])
				}
			}
			p0, p1 := m.two(m.VPMULUDQ, c0, m.bits(0xD2511F53)), m.two(m.VPMULUDQ, c2, m.bits(0xCD9E8D57))
			c0 = m.two(xor, m.two(xor, m.shifted(m.VPSRLQ, p1, 32), c1), k0)
			c2 = m.two(xor, m.two(xor, m.shifted(m.VPSRLQ, p0, 32), c3), k1)
			c1, c3 = p1, p0
		}
		low, high := m.pick(0x88, c0, c1), m.pick(0x88, c2, c3)
		for i, out := range []vec{m.pick(0x88, low, high), m.pick(0xdd, low, high)} {
			for j := range out {
				m.VMOVUPS(out[j], operand.Mem{Base: w, Disp: 4 * m.lanes() * (2*j + i)})
			}
		}
		m.ADDQ(operand.I32(8), block)
		m.ADDQ(operand.I32(128), w)
		m.SUBQ(operand.I32(32), n)
		m.JNE(operand.LabelRef(m.label("turn")))
		m.VZEROUPPER()
		m.RET()
	})
}

// pick takes two words of each vector for each 128 bits, by their places.
func (m *machine) pick(places uint8, x, y vec) vec {
	return m.each(func(i int, dst reg.VecVirtual) { m.VSHUFPS(operand.U8(places), y.at(i), x.at(i), dst) })
}
