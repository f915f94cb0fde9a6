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
	alias bool    // starts with a load whose memory no op writes: the block may lie there until an op changes it
}

// A link is an op of a chain.
type link struct {
	op   *backend.Op
	kern kernel
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
	ch := &chain{links: make([]link, len(c)), cols: cols, flat: true}
	for i := range c {
		f, l := &c[i], &ch.links[i]
		l.op, l.p, l.cols = f.Op, f.Params(), cols
		for a := range f.Op.Args {
			switch f.Op.Args[a] {
			case 'c':
				l.ct, l.c = &f.Arg[a], make([]float64, f.Op.Consts)
			case 'k':
				l.kt = &f.Arg[a]
			default:
				l.arg[a] = over(&f.Arg[a], rows, cols)
				ch.flat = ch.flat && l.arg[a].flat()
			}
		}
		l.kern = kernelOf(l)
		ch.cost += l.kern.cost
	}
	if len(c) > 0 && c[0].Op == loadOp {
		ch.alias = !touches(c, c[0].Arg[0].Buf, true)
	}
	return ch
}

// touches reports whether an operand of the chain lies in buf; only those that are written, if so asked.
func touches(c backend.Chain, buf *backend.Buffer, written bool) bool {
	for i := range c {
		for a, role := range c[i].Op.Args {
			if c[i].Arg[a].Buf == buf && (!written || role == 'w' || role == 'm') {
				return true
			}
		}
	}
	return false
}

// inPlace reports whether a result may be worked on where it will lie: no op but a first load looks at its buffer.
func inPlace(dst *backend.Tensor, c backend.Chain) bool {
	if len(c) > 0 && c[0].Op == loadOp && !touches(c, dst.Buf, true) {
		c = c[1:]
	}
	return dst.Present() && !touches(c, dst.Buf, false)
}

// place moves the operands to a step and takes the constants, which the host and other calls may have changed.
func (c *chain) place(at backend.At) {
	for i := range c.links {
		l := &c.links[i]
		for a := range len(l.op.Args) {
			l.arg[a].place(at)
		}
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
	n := min(hi-lo, blockLen)
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
		f.writeBack(s, len(v), i, j)
	}
	return cur
}

// operands lays out the op's operands for a block of n.
func (f *link) operands(s *scratch, n, lo, i, j int) {
	for a := range len(f.op.Args) {
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
	for a := range len(f.op.Args) {
		if o := &f.arg[a]; o.reach == strided && j+n > o.cols && f.op.Args[a] != 'r' {
			o.scatter(s.x[a][:n], i, j)
		}
	}
}
