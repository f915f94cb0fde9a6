package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A pool holds the constants of a file, each repeated over the widest register.
type pool struct {
	*build.Context
	words []uint32
	masks bool // the file uses the table of masks
}

func (p *pool) word(bits uint32) operand.Mem {
	if !slices.Contains(p.words, bits) {
		p.words = append(p.words, bits)
	}
	return operand.NewDataAddr(operand.NewStaticSymbol(fmt.Sprintf("c%08x", bits)), 0)
}

// tails is a row of eight words of ones and eight of zeros.
func (p *pool) tails() operand.Mem {
	p.masks = true
	return operand.NewDataAddr(operand.NewStaticSymbol("tails"), 0)
}

func (p *pool) write() {
	data := func(name string, words []uint32) {
		p.StaticGlobal(name)
		p.DataAttributes(attr.RODATA | attr.NOPTR)
		for i, w := range words {
			p.AddDatum(4*i, operand.U32(w))
		}
	}
	for _, w := range p.words {
		data(fmt.Sprintf("c%08x", w), slices.Repeat([]uint32{w}, 16))
	}
	if p.masks {
		data("tails", append(slices.Repeat([]uint32{1<<32 - 1}, 8), make([]uint32, 8)...))
	}
}

// A machine is the instruction set. Results are new registers, but where a method says that it works in place. Where an
// operand is an operand.Op it may be memory.
type machine struct {
	*build.Context
	pool *pool
	wide bool // AVX-512
}

type vec = reg.VecVirtual

// A mask is all ones or all zeros for each number, or a bit.
type mask struct {
	v vec
	k reg.OpmaskVirtual
}

func (m *machine) lanes() int {
	if m.wide {
		return 16
	}
	return 8
}

func (m *machine) vec() vec {
	if m.wide {
		return m.ZMM()
	}
	return m.YMM()
}

// c is a constant in memory.
func (m *machine) c(x float32) operand.Op { return m.pool.word(math.Float32bits(x)) }

// bits is an integer constant in memory.
func (m *machine) bits(x uint32) operand.Op { return m.pool.word(x) }

func (m *machine) two(f func(...operand.Op), y operand.Op, x vec) vec {
	dst := m.vec()
	f(y, x, dst)
	return dst
}

func (m *machine) add(x vec, y operand.Op) vec { return m.two(m.VADDPS, y, x) }
func (m *machine) sub(x vec, y operand.Op) vec { return m.two(m.VSUBPS, y, x) }
func (m *machine) mul(x vec, y operand.Op) vec { return m.two(m.VMULPS, y, x) }
func (m *machine) div(x vec, y operand.Op) vec { return m.two(m.VDIVPS, y, x) }

// min and max are y where either is NaN.
func (m *machine) min(x vec, y operand.Op) vec { return m.two(m.VMINPS, y, x) }
func (m *machine) max(x vec, y operand.Op) vec { return m.two(m.VMAXPS, y, x) }

func (m *machine) and(x vec, y operand.Op) vec { return m.two(m.VANDPS, y, x) }
func (m *machine) or(x vec, y operand.Op) vec  { return m.two(m.VORPS, y, x) }
func (m *machine) xor(x vec, y operand.Op) vec { return m.two(m.VXORPS, y, x) }

// andNot is y without the bits of x.
func (m *machine) andNot(x vec, y operand.Op) vec { return m.two(m.VANDNPS, y, x) }

func (m *machine) addInts(x vec, y operand.Op) vec { return m.two(m.VPADDD, y, x) }
func (m *machine) subInts(x vec, y operand.Op) vec { return m.two(m.VPSUBD, y, x) }

func (m *machine) left(x vec, n uint8) vec {
	dst := m.vec()
	m.VPSLLD(operand.U8(n), x, dst)
	return dst
}

// signed shifts to the right.
func (m *machine) right(x vec, n uint8) vec {
	dst := m.vec()
	m.VPSRAD(operand.U8(n), x, dst)
	return dst
}

func (m *machine) sqrt(x operand.Op) vec {
	dst := m.vec()
	m.VSQRTPS(x, dst)
	return dst
}

// floats converts from integers.
func (m *machine) floats(x operand.Op) vec {
	dst := m.vec()
	m.VCVTDQ2PS(x, dst)
	return dst
}

func (m *machine) copy(x operand.Op) vec {
	dst := m.vec()
	m.VMOVUPS(x, dst)
	return dst
}

func (m *machine) zero() vec {
	dst := m.vec()
	m.VXORPS(dst, dst, dst)
	return dst
}

func (m *machine) broadcast(x operand.Op) vec {
	dst := m.vec()
	m.VBROADCASTSS(x, dst)
	return dst
}

// abs and neg change the sign's bit alone.
func (m *machine) abs(x vec) vec { return m.and(x, m.bits(1<<31-1)) }
func (m *machine) neg(x vec) vec { return m.xor(x, m.bits(1<<31)) }

// horner is x·z + y in the place of x.
func (m *machine) horner(x, z vec, y operand.Op) vec { m.VFMADD213PS(y, z, x); return x }

// hornerLess is x·z − y in the place of x.
func (m *machine) hornerLess(x, z vec, y operand.Op) vec { m.VFMSUB213PS(y, z, x); return x }

// plus is c + x·y in the place of c, and minus c − x·y.
func (m *machine) plus(c, x vec, y operand.Op) vec  { m.VFMADD231PS(y, x, c); return c }
func (m *machine) minus(c, x vec, y operand.Op) vec { m.VFNMADD231PS(y, x, c); return c }

// poly is a polynomial in z, the highest coefficient first.
func (m *machine) poly(z vec, c ...float32) vec {
	p := m.copy(m.c(c[0]))
	for _, x := range c[1:] {
		p = m.horner(p, z, m.c(x))
	}
	return p
}

// Predicates of compare: those of Intel's manual, with what they say of NaN.
const (
	eq         = 0x00 // false
	apart      = 0x0c // false: not equal
	less       = 0x11 // false
	atMost     = 0x12 // false
	unordered  = 0x03 // true
	notEq      = 0x04 // true
	notLess    = 0x15 // true
	notAtMost  = 0x16 // true
	notAtLeast = 0x19 // true
	atLeast    = 0x1d // false
	greater    = 0x1e // false
)

func (m *machine) compare(predicate uint8, x vec, y operand.Op) mask {
	if m.wide {
		k := m.K()
		m.VCMPPS(operand.U8(predicate), y, x, k)
		return mask{k: k}
	}
	v := m.vec()
	m.VCMPPS(operand.U8(predicate), y, x, v)
	return mask{v: v}
}

// negative is where the sign's bit of x is set.
func (m *machine) negative(x vec) mask {
	if m.wide {
		k := m.K()
		m.VPMOVD2M(x, k)
		return mask{k: k}
	}
	return mask{v: x} // a blend looks at that bit alone
}

// choose is x where the mask is set and y elsewhere.
func (m *machine) choose(where mask, x operand.Op, y vec) vec {
	dst := m.vec()
	if m.wide {
		m.VBLENDMPS(x, y, where.k, dst)
	} else {
		m.VBLENDVPS(where.v, x, y, dst)
	}
	return dst
}

// keep is x where the mask, which compare has made, is set, and 0 elsewhere.
func (m *machine) keep(where mask, x operand.Op) vec {
	dst := m.vec()
	if m.wide {
		m.VMOVUPS_Z(x, where.k, dst)
	} else {
		m.VANDPS(x, where.v, dst)
	}
	return dst
}
