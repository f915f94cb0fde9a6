package cpu

import "github.com/gloss-ml/gloss/backend"

// eachChunk is the number of elements that a worker takes at a time.
const eachChunk = 8192

type each struct {
	size    int
	dst     operand
	do      *chain
	inPlace bool
	starts  bool // the first op does not look at the value that comes in
}

func newEach(c *backend.Each) *each {
	e := &each{
		size:    c.Dst.Size(),
		dst:     whole(&c.Dst),
		do:      compile(c.Do, c.Dst.Rows, c.Dst.Cols),
		inPlace: inPlace(&c.Dst, c.Do),
		starts:  starts(c.Do),
	}
	e.do.flat = e.do.flat && e.dst.flat()
	if e.inPlace && e.dst.reach == dense && e.do.streams() {
		e.do.block = eachChunk
	}
	return e
}

// starts reports whether the chain's first op does not look at its input.
func starts(c backend.Chain) bool { return len(c) > 0 && (c[0].Op == loadOp || c[0].Op == fillOp) }

func (e *each) run(x *exec, at backend.At) {
	if e.size == 0 {
		return
	}
	e.dst.place(at)
	e.do.place(at)
	x.share(e, pieces(e.size, eachChunk), float64(e.size)*e.do.cost)
}

func (e *each) chunk(s *scratch, c int) {
	hi := min((c+1)*eachChunk, e.size)
	for lo := c * eachChunk; lo < hi; {
		n := e.do.step(lo, hi)
		i, j := lo/e.do.cols, lo%e.do.cols
		v := e.dst.block(s, e.inPlace, lo, i, j, n)
		if !e.starts {
			clear(v)
		}
		v = e.do.run(s, v, lo, i, j)
		if e.dst.reach != absent {
			e.dst.put(v, lo, i, j)
		}
		lo += n
	}
}

// block is where n elements of a result are worked on: where they will lie, or in scratch.
func (o *operand) block(s *scratch, inPlace bool, lo, i, j, n int) []float32 {
	if inPlace {
		if v := o.direct(lo, i, j, n); v != nil {
			return v
		}
	}
	return s.v[:n]
}
