package cpu

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
)

// foldChunk is the number of elements of a domain that are folded one after another; the folds of chunks are combined
// in order. So the order of a sum follows from the shape alone.
const foldChunk = 8192

// A result is one of a reduction's results.
type result struct {
	dst  operand
	by   backend.By
	beta float32
	do   *chain // the map
	then *chain

	starts  bool     // the map does not look at what comes in
	squares bool     // the map's last op is the fold's own: the sum is of squares
	args    []uint32 // the memory of dst for ArgMax
}

// newResults compiles the results that are there, for maps over rows×cols.
func newResults(c *backend.Reduce) (rs []*result, cost float64) {
	m, n := c.Shape()
	for i := range c.Out {
		o := &c.Out[i]
		if !o.Dst.Present() {
			continue
		}
		r := &result{by: o.By, beta: o.Beta, starts: starts(o.Map), then: compile(o.Then, m, n)}
		mapped := o.Map
		if last := len(mapped) - 1; last > 0 && mapped[last].Op == squareOp && o.By == backend.Sum && c.Axis != backend.OverRows {
			mapped, r.squares = mapped[:last], true
		}
		r.do = compile(mapped, c.Rows, c.Cols)
		r.dst = over(&o.Dst, m, n)
		r.then.flat = r.then.flat && r.dst.flat()
		rs = append(rs, r)
		cost += r.do.cost + 0.4
	}
	return rs, cost
}

func (r *result) place(at backend.At) {
	r.do.place(at)
	if r.by == backend.ArgMax {
		r.args = integers(r.dst.t, at)
		return
	}
	r.dst.place(at)
	r.then.place(at)
}

// mapped is the block of n elements of the domain from number lo on, after the map.
func (r *result) mapped(s *scratch, lo, n int) []float32 {
	v := s.v[:n]
	if !r.starts {
		clear(v)
	}
	return r.do.run(s, v, lo, lo/r.do.cols, lo%r.do.cols)
}

// finish gives results lo, lo+1, … of the fold: v is what was summed up or is largest, args where.
func (r *result) finish(s *scratch, v []float32, args []uint32, lo int) {
	if len(v) == 0 {
		return
	}
	i, j := lo/r.dst.cols, lo%r.dst.cols
	if r.by == backend.ArgMax {
		for _, a := range args {
			r.args[i*r.dst.stride+j] = a
			if j++; j == r.dst.cols {
				i, j = i+1, 0
			}
		}
		return
	}
	if r.beta != 0 {
		old := s.tmp[0][:len(v)]
		r.dst.load(old, lo, i, j)
		f32.Axpy(v, r.beta, old)
	}
	r.put(s, v, lo)
}

// put sends results lo, lo+1, … through the chain and stores them.
func (r *result) put(s *scratch, v []float32, lo int) {
	i, j := lo/r.dst.cols, lo%r.dst.cols
	r.dst.put(r.then.run(s, v, lo, i, j), lo, i, j)
}

// load copies the operand's elements from number lo on.
func (o *operand) load(dst []float32, lo, i, j int) {
	if d := o.direct(lo, i, j, len(dst)); len(d) == len(dst) {
		copy(dst, d)
	} else {
		o.gather(dst, i, j)
	}
}

// A partial is the fold of some elements.
type partial struct {
	sum float64
	top float32
	arg uint32 // NoRow while there was nothing
	_   [48]byte
}

var nothing = partial{top: float32(math.Inf(-1)), arg: backend.NoRow}

// add folds v, which r's map has made and which begins at index first. The very first element counts even if it is NaN
// or −Inf; a chunk that does not begin with it must find something larger than −Inf.
func (p *partial) add(r *result, v []float32, first int) {
	switch {
	case r.squares:
		p.sum += f32.SumSquares(v)
	case r.by == backend.Sum:
		p.sum += f32.Sum(v)
	case len(v) > 0:
		if first == 0 {
			p.top, p.arg = v[0], 0
		}
		if top, at := f32.Largest(v); top > p.top {
			p.top, p.arg = top, uint32(first+at)
		}
	}
}

// then is the fold of p's elements and then q's.
func (p *partial) then(q *partial) {
	p.sum += q.sum
	if q.arg != backend.NoRow && (q.top > p.top || p.arg == backend.NoRow) {
		p.top, p.arg = q.top, q.arg
	}
}

func (p *partial) value(by backend.By) float32 {
	if by == backend.Sum {
		return float32(p.sum)
	}
	return p.top
}

// newFold chooses by the axis that is folded.
func newFold(c *backend.Reduce) stage {
	rs, cost := newResults(c)
	switch {
	case c.Axis == backend.OverAll, c.Axis == backend.OverCols && c.Rows == 1:
		return newFoldAll(c.Rows*c.Cols, rs, cost)
	case c.Axis == backend.OverCols:
		return &foldCols{rows: c.Rows, cols: c.Cols, out: rs, cost: cost}
	}
	return newFoldRows(c.Rows, c.Cols, rs, cost)
}
