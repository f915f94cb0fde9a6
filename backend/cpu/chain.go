package cpu

import (
	"github.com/gloss-ml/gloss/backend"
)

// A chain is compiled once, placed at each step, and run on blocks of consecutive elements of its domain.
type chain struct {
	links []link
	cols  int
	flat  bool    // rows make no difference to any operand
	cost  float64 // nanoseconds an element, roughly
	block int     // the most elements at a time
	alias bool    // starts with a load whose memory no op writes: the block may lie there until an op changes it

	moving []*operand // those of the links that place has to move
	rows   []*link    // those with constants or a key
}

// A link is an op of a chain.
type link struct {
	op   *backend.Op
	kern kernel
	args int  // operands, absent ones among them
	back bool // what is written may have to be gathered
	arg  [backend.MaxArgs]operand
	p    [4]float64
	ct   *backend.Tensor // the row of constants
	c    []float64
	kt   *backend.Tensor // the key
	k    [4]uint32
	cols int // of the domain
}

// compile finds the operands and loops of a chain over a rows×cols domain.
func compile(c backend.Chain, rows, cols int) *chain {
	ch := &chain{links: make([]link, len(c)), cols: cols, flat: true, block: blockLen}
	for i := range c {
		f, l := &c[i], &ch.links[i]
		l.op, l.p, l.cols, l.args = f.Op, f.Params(), cols, len(f.Op.Args)
		for a := range l.args {
			ch.bind(l, a, &f.Arg[a], rows)
		}
		if l.ct != nil || l.kt != nil {
			ch.rows = append(ch.rows, l)
		}
		l.kern = kernelOf(l)
		ch.cost += l.kern.cost
	}
	if len(c) > 0 && c[0].Op == loadOp {
		ch.alias = !touches(c, &c[0].Arg[0], true)
	}
	return ch
}

// bind makes t the op's operand a.
func (c *chain) bind(l *link, a int, t *backend.Tensor, rows int) {
	role, o := l.op.Args[a], &l.arg[a]
	switch role {
	case 'c':
		l.ct, l.c = t, make([]float64, l.op.Consts)
		return
	case 'k':
		l.kt = t
		return
	}
	*o = over(t, rows, c.cols)
	c.flat = c.flat && o.flat()
	l.back = l.back || role != 'r' && o.reach == strided
	if o.moves {
		c.moving = append(c.moving, o)
	}
}

// touches reports whether an operand of the chain, only one that is written if so asked, shares memory with t at some step.
func touches(c backend.Chain, t *backend.Tensor, written bool) bool {
	for i := range c {
		for a, role := range c[i].Op.Args {
			if o := &c[i].Arg[a]; (!written || role == 'w' || role == 'm') && meets(o, t) {
				return true
			}
		}
	}
	return false
}

// meets reports whether two operands share memory at some step. Those that move together do so at all steps or at none.
func meets(a, b *backend.Tensor) bool {
	if a.Buf == nil || a.Buf != b.Buf {
		return false
	}
	return a.Advance != b.Advance || a.Model != b.Model || a.Overlaps(b, backend.At{})
}

// inPlace reports whether a result may be worked on where it will lie: no op but a first load looks there.
func inPlace(dst *backend.Tensor, c backend.Chain) bool {
	if len(c) > 0 && c[0].Op == loadOp && !touches(c, dst, true) {
		c = c[1:]
	}
	return dst.Present() && !touches(c, dst, false)
}

// streams reports whether the chain, of a result that is worked on where it will lie, is one pass over memory: there is nothing
// to keep in the cache for a next op, and no scratch.
func (c *chain) streams() bool {
	if !c.flat || !c.alias || len(c.links) != 2 || c.links[0].arg[0].reach != dense {
		return false
	}
	l := &c.links[1]
	return streaming[l.op.Name] && l.op == backend.Find(l.op.Name) && l.arg[0].reach == dense
}

// place moves the operands to a step and takes the constants, which the host and other calls may have changed.
func (c *chain) place(at backend.At) {
	for _, o := range c.moving {
		o.place(at)
	}
	for _, l := range c.rows {
		if l.ct != nil {
			for i, x := range memory(l.ct).F[l.ct.At(at):][:len(l.c)] {
				l.c[i] = float64(x)
			}
		}
		if l.kt != nil {
			copy(l.k[:], integers(l.kt, at))
		}
	}
}

// step is how many elements from number lo on make the next block, of those below hi. Blocks stay within a row where
// rows differ and are long enough.
func (c *chain) step(lo, hi int) int {
	n := min(hi-lo, c.block)
	if !c.flat && c.cols >= narrow {
		n = min(n, c.cols-lo%c.cols)
	}
	return n
}

// narrow rows go through a chain several at a time.
const narrow = 256

// run sends v, the elements from number lo on, at (i, j), through the chain. The result is in v or, with alias, in an
// operand's memory, which must not be written.
func (c *chain) run(s *scratch, v []float32, lo, i, j int) []float32 {
	cur, links := v, c.links
	if c.alias {
		if x := links[0].arg[0].direct(lo, i, j, len(v)); len(x) == len(v) {
			cur, links = x, links[1:]
		}
	}
	for l := range links {
		f := &links[l]
		if !f.kern.reads && len(v) > 0 && &cur[0] != &v[0] {
			copy(v, cur)
			cur = v
		}
		f.operands(s, len(v), lo, i, j)
		f.kern.run(s, f, cur, lo)
		if f.back {
			f.writeBack(s, len(v), i, j)
		}
	}
	return cur
}

// operands lays out the op's operands for a block of n.
func (f *link) operands(s *scratch, n, lo, i, j int) {
	for a := range f.args {
		o := &f.arg[a]
		if o.reach == absent {
			continue
		}
		x := o.direct(lo, i, j, n)
		if x == nil {
			x = s.tmp[a][:n]
			if f.op.Args[a] != 'w' {
				o.gather(x, i, j)
			}
		}
		s.x[a] = x
	}
}

// writeBack stores written operands that had to be gathered.
func (f *link) writeBack(s *scratch, n, i, j int) {
	for a := range f.args {
		if o := &f.arg[a]; o.reach == strided && j+n > o.cols && f.op.Args[a] != 'r' {
			o.scatter(s.x[a][:n], i, j)
		}
	}
}
