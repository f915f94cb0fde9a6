package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wideLabel is where a function's body for AVX-512 begins.
const wideLabel = "wide"

// A loop is a function that does the same to each place of its vectors. The last places are done under a mask by the
// same instructions, so that a result does not depend on where in a vector an element lies. Outputs are stored when the
// body says so: what a vector at the same place holds must have been loaded by then.
type loop struct {
	name    string
	vectors string   // names of slices, as long as the first
	scalars string   // names of float32 parameters
	row     []string // names of float32 that lie one after another behind a pointer
	unroll  int      // vectors a turn, 1 if not given
	body    func(l *lane)
}

func (f loop) signature() string {
	s := "(" + strings.Join(strings.Fields(f.vectors), ", ") + " []float32"
	if f.row != nil {
		s += ", row *float32"
	}
	if f.scalars != "" {
		s += ", " + strings.Join(strings.Fields(f.scalars), ", ") + " float32"
	}
	return s + ")"
}

func (f loop) declaration() string { return f.name + f.signature() }

func (f loop) write(c *build.Context, p *pool) {
	c.Function(f.name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func" + f.signature())
	e := load(c, f.vectors)
	if f.row != nil {
		e.row = c.Load(c.Param("row"), c.GP64()).(reg.GPVirtual)
	}
	twice(c, p, func(m *machine) { f.variant(m, e) })
}

// twice writes a body for AVX2 and one for AVX-512; the variable wide says which runs.
func twice(c *build.Context, p *pool, body func(m *machine)) {
	c.CMPB(operand.NewDataAddr(operand.Symbol{Name: "·wide"}, 0), operand.U8(0))
	c.JNE(operand.LabelRef(wideLabel))
	body(&machine{Context: c, pool: p})
	c.Label(wideLabel)
	body(&machine{Context: c, pool: p, wide: true})
}

// elements are the registers of a loop.
type elements struct {
	at   map[string]reg.GPVirtual // the slices' memory
	row  reg.GPVirtual
	n, i reg.GPVirtual // elements to do, elements done
}

// load takes the slices of these names, as long as the first.
func load(c *build.Context, names string) *elements {
	e := &elements{at: map[string]reg.GPVirtual{}}
	for i, name := range strings.Fields(names) {
		e.at[name] = c.Load(c.Param(name).Base(), c.GP64()).(reg.GPVirtual)
		if i == 0 {
			e.n = c.Load(c.Param(name).Len(), c.GP64()).(reg.GPVirtual)
		}
	}
	e.i = c.GP64()
	c.XORQ(e.i, e.i)
	return e
}

// A lane is what a turn of the loop works on, and all there is to compute on it.
type lane struct {
	*machine
	*elements
	scalar map[string]vec
	tail   bool
	rest   mask // of the tail
}

func (f loop) variant(m *machine, e *elements) {
	l := &lane{machine: m, elements: e, scalar: map[string]vec{}}
	for _, name := range strings.Fields(f.scalars) {
		l.scalar[name] = m.broadcast(m.param(name))
	}
	for i, name := range f.row {
		l.scalar[name] = m.broadcast(operand.Mem{Base: e.row, Disp: 4 * i})
	}
	l.run(max(f.unroll, 1), func() { f.body(l) })
	m.VZEROUPPER()
	m.RET()
}

// param is where a parameter lies.
func (m *machine) param(name string) operand.Mem {
	a, err := m.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return a.Addr
}

// label is a label of this body.
func (m *machine) label(s string) string {
	if m.wide {
		return s + "Wide"
	}
	return s
}

// run goes over the elements, unroll vectors at a time, then by single ones, then what is left.
func (l *lane) run(unroll int, body func()) {
	turn := func(name, next string, vectors int) {
		l.vectors = vectors
		l.turns(name, next, l.lanes()*vectors, body)
	}
	if unroll > 1 {
		turn("several", "few", unroll)
	}
	turn("one", "last", 1)
	l.JEQ(operand.LabelRef(l.label("done")))
	l.tail, l.rest = true, l.first(l.n)
	body()
	l.Label(l.label("done"))
}

// turns does body for each n elements, and leaves in l.n what is left.
func (l *lane) turns(name, next string, n int, body func()) {
	l.SUBQ(operand.I32(n), l.n)
	l.JLT(operand.LabelRef(l.label(next)))
	l.Label(l.label(name))
	body()
	l.ADDQ(operand.I32(n), l.i)
	l.SUBQ(operand.I32(n), l.n)
	l.JGE(operand.LabelRef(l.label(name)))
	l.Label(l.label(next))
	l.ADDQ(operand.I32(n), l.n)
}

// first is a mask of the first n places, n less than there are.
func (m *machine) first(n reg.GPVirtual) mask {
	if m.wide {
		ones := m.GP32()
		m.MOVL(operand.U32(1<<16-1), ones)
		m.BZHIL(n.As32(), ones, ones)
		return m.bitmask(func(_ int, k reg.OpmaskVirtual) { m.KMOVW(ones, k) })
	}
	table, back := m.GP64(), m.GP64()
	m.LEAQ(m.pool.tails(), table)
	m.MOVQ(n, back)
	m.NEGQ(back)
	return mask{v: m.copy(vec{operand.Mem{Base: table, Index: back, Scale: 4, Disp: 32}})}
}

func (l *lane) memory(name string, i int) operand.Mem {
	return operand.Mem{Base: l.at[name], Index: l.i, Scale: 4, Disp: 4 * l.lanes() * i}
}

// load is in registers, 0 beyond the last element.
func (l *lane) load(name string) vec {
	return l.each(func(i int, dst reg.VecVirtual) {
		switch m := l.memory(name, i); {
		case !l.tail:
			l.VMOVUPS(m, dst)
		case l.wide:
			l.VMOVUPS_Z(m, l.rest.k[0], dst)
		default:
			l.VMASKMOVPS(m, l.rest.v[0], dst)
		}
	})
}

// in is where it lies, for an instruction to read once.
func (l *lane) in(name string) vec {
	if l.tail {
		return l.load(name)
	}
	v := make(vec, l.vectors)
	for i := range v {
		v[i] = l.memory(name, i)
	}
	return v
}

func (l *lane) store(name string, x vec) {
	for i := range l.vectors {
		switch m := l.memory(name, i); {
		case !l.tail:
			l.VMOVUPS(x.at(i), m)
		case l.wide:
			l.VMOVUPS(x.at(i), l.rest.k[0], m)
		default:
			l.storePieces(name, x.at(i).(reg.VecVirtual))
		}
	}
}

// storePieces stores fewer than eight: stores under a mask are slow on AMD's processors before Zen 4.
func (l *lane) storePieces(name string, x reg.VecVirtual) {
	at, cur := l.GP64(), l.XMM()
	l.LEAQ(l.memory(name, 0), at)
	l.VMOVAPS(x.AsX(), cur)
	piece := func(size int, store, rest func()) {
		end := fmt.Sprintf("%s%d", name, size)
		l.TESTQ(operand.U32(size), l.n)
		l.JEQ(operand.LabelRef(end))
		store()
		if rest != nil {
			rest()
			l.ADDQ(operand.I32(4*size), at)
		}
		l.Label(end)
	}
	piece(4, func() { l.VMOVUPS(cur, operand.Mem{Base: at}) }, func() { l.VEXTRACTF128(operand.U8(1), x, cur) })
	piece(2, func() { l.VMOVLPS(cur, operand.Mem{Base: at}) }, func() { l.VMOVHLPS(cur, cur, cur) })
	piece(1, func() { l.VMOVSS(cur, operand.Mem{Base: at}) }, nil)
}
