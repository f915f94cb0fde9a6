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

// A machine is the instruction set, on several vectors at a time: the same instruction on one after another hides how long
// each takes. Results are new registers, but where a method says that it works in place. Operands but the first may be
// memory, where an instruction can read it.
type machine struct {
	*build.Context
	pool    *pool
	wide    bool // AVX-512
	vectors int  // at a time
}

// A vec is that many vectors, in registers or memory, or one in place of all.
type vec []operand.Op

func (v vec) at(i int) operand.Op { return v[i%len(v)] }

// A mask is all ones or all zeros for each number, or a bit.
type mask struct {
	v vec
	k []reg.OpmaskVirtual
}

func (m *machine) lanes() int {
	if m.wide {
		return 16
	}
	return 8
}

func (m *machine) register() reg.VecVirtual {
	if m.wide {
		return m.ZMM()
	}
	return m.YMM()
}

// each makes new registers, one by one.
func (m *machine) each(f func(i int, dst reg.VecVirtual)) vec {
	v := make(vec, m.vectors)
	for i := range v {
		dst := m.register()
		f(i, dst)
		v[i] = dst
	}
	return v
}

// once makes one register in place of all.
func (m *machine) once(f func(dst reg.VecVirtual)) vec {
	dst := m.register()
	f(dst)
	return vec{dst}
}

// c is a constant in memory, k one in a register.
func (m *machine) c(x float32) vec { return m.bits(math.Float32bits(x)) }
func (m *machine) k(x float32) vec {
	return m.once(func(dst reg.VecVirtual) { m.VMOVUPS(m.c(x)[0], dst) })
}

// bits is an integer constant in memory.
func (m *machine) bits(x uint32) vec { return vec{m.pool.word(x)} }

func (m *machine) zero() vec { return m.once(func(dst reg.VecVirtual) { m.VXORPS(dst, dst, dst) }) }

func (m *machine) broadcast(x operand.Op) vec {
	return m.once(func(dst reg.VecVirtual) { m.VBROADCASTSS(x, dst) })
}

func (m *machine) one(f func(...operand.Op), x vec) vec {
	return m.each(func(i int, dst reg.VecVirtual) { f(x.at(i), dst) })
}

func (m *machine) two(f func(...operand.Op), x, y vec) vec {
	return m.each(func(i int, dst reg.VecVirtual) { f(y.at(i), x.at(i), dst) })
}

func (m *machine) add(x, y vec) vec { return m.two(m.VADDPS, x, y) }
func (m *machine) sub(x, y vec) vec { return m.two(m.VSUBPS, x, y) }
func (m *machine) mul(x, y vec) vec { return m.two(m.VMULPS, x, y) }
func (m *machine) div(x, y vec) vec { return m.two(m.VDIVPS, x, y) }

// min and max are y where either is NaN.
func (m *machine) min(x, y vec) vec { return m.two(m.VMINPS, x, y) }
func (m *machine) max(x, y vec) vec { return m.two(m.VMAXPS, x, y) }

func (m *machine) and(x, y vec) vec { return m.two(m.VANDPS, x, y) }
func (m *machine) or(x, y vec) vec  { return m.two(m.VORPS, x, y) }
func (m *machine) xor(x, y vec) vec { return m.two(m.VXORPS, x, y) }

func (m *machine) addInts(x, y vec) vec { return m.two(m.VPADDD, x, y) }
func (m *machine) subInts(x, y vec) vec { return m.two(m.VPSUBD, x, y) }

func (m *machine) left(x vec, n uint8) vec  { return m.shifted(m.VPSLLD, x, n) }
func (m *machine) right(x vec, n uint8) vec { return m.shifted(m.VPSRAD, x, n) } // with its sign

func (m *machine) shifted(f func(...operand.Op), x vec, n uint8) vec {
	return m.each(func(i int, dst reg.VecVirtual) { f(operand.U8(n), x.at(i), dst) })
}

func (m *machine) sqrt(x vec) vec { return m.one(m.VSQRTPS, x) }

// floats converts from integers.
func (m *machine) floats(x vec) vec { return m.one(m.VCVTDQ2PS, x) }

// copy is what works in place may have.
func (m *machine) copy(x vec) vec { return m.one(m.VMOVUPS, x) }

// abs and neg change the sign's bit alone.
func (m *machine) abs(x vec) vec { return m.and(x, m.bits(1<<31-1)) }
func (m *machine) neg(x vec) vec { return m.xor(x, m.bits(1<<31)) }

// inPlace has an instruction change x.
func (m *machine) inPlace(f func(...operand.Op), x, y, z vec) vec {
	if len(x) != m.vectors {
		panic("in place of what stands for several")
	}
	for i := range x {
		f(z.at(i), y.at(i), x[i])
	}
	return x
}

// horner is x·z + y in the place of x, and hornerLess x·z − y.
func (m *machine) horner(x, z, y vec) vec     { return m.inPlace(m.VFMADD213PS, x, z, y) }
func (m *machine) hornerLess(x, z, y vec) vec { return m.inPlace(m.VFMSUB213PS, x, z, y) }

// plus is c + x·y in the place of c, and minus c − x·y.
func (m *machine) plus(c, x, y vec) vec  { return m.inPlace(m.VFMADD231PS, c, x, y) }
func (m *machine) minus(c, x, y vec) vec { return m.inPlace(m.VFNMADD231PS, c, x, y) }

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

func (m *machine) compare(predicate uint8, x, y vec) mask {
	if !m.wide {
		return mask{v: m.each(func(i int, dst reg.VecVirtual) { m.VCMPPS(operand.U8(predicate), y.at(i), x.at(i), dst) })}
	}
	return m.bitmask(func(i int, k reg.OpmaskVirtual) { m.VCMPPS(operand.U8(predicate), y.at(i), x.at(i), k) })
}

// negative is where the sign's bit of x is set.
func (m *machine) negative(x vec) mask {
	if !m.wide {
		return mask{v: x} // choose looks at that bit alone
	}
	return m.bitmask(func(i int, k reg.OpmaskVirtual) { m.VPMOVD2M(x.at(i), k) })
}

func (m *machine) bitmask(f func(i int, k reg.OpmaskVirtual)) (w mask) {
	for i := range m.vectors {
		k := m.K()
		f(i, k)
		w.k = append(w.k, k)
	}
	return w
}

// choose is x where the mask is set and y, in registers, elsewhere.
func (m *machine) choose(where mask, x, y vec) vec {
	return m.each(func(i int, dst reg.VecVirtual) {
		if m.wide {
			m.VBLENDMPS(x.at(i), y.at(i), where.k[i], dst)
		} else {
			m.VBLENDVPS(where.v.at(i), x.at(i), y.at(i), dst)
		}
	})
}

// keep is x where the mask, which compare has made, is set, and 0 elsewhere.
func (m *machine) keep(where mask, x vec) vec {
	return m.each(func(i int, dst reg.VecVirtual) {
		if m.wide {
			m.VMOVUPS_Z(x.at(i), where.k[i], dst)
		} else {
			m.VANDPS(x.at(i), where.v.at(i), dst)
		}
	})
}
