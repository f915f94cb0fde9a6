package backendtest

import (
	"fmt"
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// reduce notes what a Reduce has to do.
func (w *world) reduce(c *backend.Reduce) {
	m, n := c.Shape()
	for o := range c.Out {
		r := &c.Out[o]
		if !r.Dst.Present() {
			continue
		}
		for i := range m {
			for j := range n {
				v, arg := w.fold(c, r, i, j)
				if r.By == backend.ArgMax {
					w.wantInt(&r.Dst, i, j, arg)
					continue
				}
				w.want(&r.Dst, i, j, w.chain(r.Then, v, place{i, j, n}))
			}
		}
	}
}

// fold is result (i, j) of r over its part of the domain: where the index along the axis counts, the position there.
func (w *world) fold(c *backend.Reduce, r *backend.Result, i, j int) (bound, uint32) {
	count := c.Rows * c.Cols
	at := func(l int) place { return place{l / c.Cols, l % c.Cols, c.Cols} }
	switch c.Axis {
	case backend.OverRows:
		count, at = c.Rows, func(l int) place { return place{l, j, c.Cols} }
	case backend.OverCols:
		count, at = c.Cols, func(l int) place { return place{i, l, c.Cols} }
	}
	if r.By == backend.Sum {
		return w.sum(r, count, at, i, j), 0
	}
	top, arg := bound{want: math.Inf(-1)}, backend.NoRow
	for l := range count {
		if v := w.chain(r.Map, bound{}, at(l)); arg == backend.NoRow || v.want > top.want {
			top, arg = v, uint32(l)
		}
	}
	return top, arg
}

func (w *world) sum(r *backend.Result, count int, at func(int) place, i, j int) bound {
	sum, total, off := 0.0, 0.0, 0.0
	if r.Beta != 0 {
		sum = float64(r.Beta) * w.get(&r.Dst, i, j)
		total = math.Abs(sum)
	}
	for l := range count {
		v := w.chain(r.Map, bound{}, at(l))
		sum += v.want
		total += math.Abs(v.want)
		off += v.tol
	}
	b := sumBound(sum, count, total)
	b.tol += off
	if w.whole {
		b.tol = 0
	}
	return b
}

var axes = []backend.Axis{backend.OverAll, backend.OverRows, backend.OverCols}

func (s *suite) testReduce(t *testing.T) {
	for _, axis := range axes {
		t.Run(axis.String(), func(t *testing.T) {
			w := newWorld(t, s.device())
			for i, z := range reduceShapes() {
				for _, gap := range []int{0, 3} {
					w.gap = gap
					reduceCases(w, axis, z[0], z[1], i%2 == 0)
				}
			}
		})
	}
	t.Run("long", s.longReduce)
	t.Run("bits", s.reduceBits)
}

func reduceShapes() [][2]int {
	return [][2]int{
		{0, 0}, {0, 3}, {3, 0}, {1, 1}, {1, 2}, {2, 1}, {3, 5}, {1, 64}, {64, 1}, {31, 33}, {65, 63}, {33, 129}, {5, 1000}, {1000, 5},
	}
}

// reduceCases folds one domain in every way, with whole numbers or not.
func reduceCases(w *world, axis backend.Axis, rows, cols int, whole bool) {
	name := func(what string) string { return fmt.Sprintf("%d×%d, gap %d, %s", rows, cols, w.gap, what) }
	c := &backend.Reduce{Rows: rows, Cols: cols, Axis: axis}
	m, n := c.Shape()
	gen := normal(1)
	if whole {
		gen = integers(3) // with many ties for the maximum
	}
	x := w.floats(rows, cols, gen)
	load := backend.Chain{backend.Load(x)}

	w.whole = whole
	c.Out[0] = backend.Result{Dst: w.floats(m, n, poison), Map: load}
	w.run(name("sum"), c)
	c = &backend.Reduce{Rows: rows, Cols: cols, Axis: axis, Out: [2]backend.Result{
		{Dst: w.floats(m, n, poison), By: backend.Max, Map: load},
		{Dst: w.indices(m, n), By: backend.ArgMax, Map: load},
	}}
	w.run(name("max and its place"), c)
	w.whole = false

	c = &backend.Reduce{Rows: rows, Cols: cols, Axis: axis, Out: [2]backend.Result{
		{Dst: w.floats(m, n, normal(1)), Beta: 0.5, Map: load, Then: backend.Chain{backend.Affine(0.25, 1)}},
		{Dst: w.floats(m, n, poison), Map: load.Then(backend.Sub(w.floats(1, cols, normal(1))), backend.Square()),
			Then: backend.Chain{backend.Affine(1, 0.001), backend.Sqrt(), backend.Guard(w.floats(m, n, constant(1)))}},
	}}
	w.run(name("beta and a scaled norm"), c)
	c = &backend.Reduce{Rows: rows, Cols: cols, Axis: axis, Out: [2]backend.Result{
		{Dst: w.floats(m, n, normal(1)), Beta: 1, Map: load.Then(backend.Mul(w.floats(rows, 1, normal(1))))},
		{Dst: w.floats(m, n, poison), By: backend.Max, Map: load.Then(backend.Abs()), Then: backend.Chain{backend.Mul(w.floats(1, 1, normal(1)))}},
	}}
	if rows*cols > 0 { // else the second is −Inf times a number
		w.run(name("weighted sum and largest magnitude"), c)
	}
	w.clear()
}

// indices makes a U32 tensor of noise.
func (w *world) indices(m, n int) backend.Tensor { return w.ints(m, n, noise) }

// longReduce folds domains of more elements than one loop or one group takes.
func (s *suite) longReduce(t *testing.T) {
	if testing.Short() {
		t.Skip("long domains")
	}
	w := newWorld(t, s.device())
	for i, z := range [][2]int{{1, 65537}, {65537, 1}, {3, 70000}, {70000, 3}, {257, 300}} {
		for _, axis := range axes {
			w.whole = true
			x := w.floats(z[0], z[1], integers(2))
			load := backend.Chain{backend.Load(x)}
			c := &backend.Reduce{Rows: z[0], Cols: z[1], Axis: axis}
			m, n := c.Shape()
			c.Out[0] = backend.Result{Dst: w.floats(m, n, integers(3)), Map: load, Beta: 1}
			if i%2 == 0 {
				c.Out[1] = backend.Result{Dst: w.floats(m, n, poison), Map: load.Then(backend.Square())}
			} else {
				// One element sticks out, late.
				k := w.blocks[x.Buf]
				k.f[index(&x, z[0]-1, z[1]-1)] = 7
				backend.Write(w.b, x.Buf, 0, k.f)
				c.Out[1] = backend.Result{Dst: w.indices(m, n), By: backend.ArgMax, Map: load}
			}
			w.run(fmt.Sprintf("%d×%d over %v", z[0], z[1], axis), c)
			w.clear()
		}
	}
}

// reduceBits: a fold's order is a function of the shape alone, so the same call gives the same bits.
func (s *suite) reduceBits(t *testing.T) {
	w := newWorld(t, s.device())
	for _, axis := range axes {
		x := w.floats(123, 457, spread(1e-4, 1e4))
		c := &backend.Reduce{Rows: 123, Cols: 457, Axis: axis}
		m, n := c.Shape()
		c.Out[0] = backend.Result{Dst: w.floats(m, n, poison), Map: backend.Chain{backend.Load(x)}}
		w.run("first", c)
		first := w.blocks[c.Out[0].Dst.Buf].f
		for range 5 {
			backend.Do(w.b, c)
			got := make([]float32, len(first))
			w.must(backend.Read(w.b, got, c.Out[0].Dst.Buf, 0))
			if !sameBits(got, first) {
				t.Fatalf("over %v: the second run differs from the first", axis)
			}
		}
		w.clear()
	}
}
