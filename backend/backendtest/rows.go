package backendtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// gather notes what a Gather has to do.
func (w *world) gather(c *backend.Gather) {
	m, n := c.Dst.Rows, c.Dst.Cols
	for i := range m {
		for j := range n {
			if c.Dst.Buf.Kind() == backend.U32 {
				w.wantInt(&c.Dst, i, j, w.gatherInt(c, i, j))
				continue
			}
			sum, total := 0.0, 0.0
			for l := range c.Index.Cols {
				if r := w.getInt(&c.Index, i, l); uint64(r) < uint64(c.Table.Rows) {
					x := w.cell(&c.Table, int(r), j)
					sum += x
					total += math.Abs(x)
				}
			}
			v := sumBound(sum, c.Index.Cols, total)
			if c.Index.Cols == 1 {
				v.tol = 0 // a copy
			}
			w.want(&c.Dst, i, j, w.chain(c.Then, v, place{i, j, n}))
		}
	}
}

func (w *world) gatherInt(c *backend.Gather, i, j int) uint32 {
	if r := w.getInt(&c.Index, i, 0); uint64(r) < uint64(c.Table.Rows) {
		return w.getInt(&c.Table, int(r), j)
	}
	return 0
}

// cell is an element of a table of floats or bytes.
func (w *world) cell(t *backend.Tensor, i, j int) float64 {
	k := w.blocks[t.Buf]
	if k.c != nil {
		return float64(k.c[index(t, i, j)])
	}
	return float64(k.f[index(t, i, j)])
}

// scatter notes what a Scatter has to do.
func (w *world) scatter(c *backend.Scatter) {
	m, n := c.Dst.Rows, c.Dst.Cols
	sum, total, terms := make([]float64, m*n), make([]float64, m*n), make([]int, m*n)
	if c.Beta != 0 {
		for p := range sum {
			sum[p] = float64(c.Beta) * w.get(&c.Dst, p/n, p%n)
			total[p] = math.Abs(sum[p])
		}
	}
	for i := range c.Src.Rows {
		for l := range c.Index.Cols {
			r := w.getInt(&c.Index, i, l)
			if uint64(r) >= uint64(m) {
				continue
			}
			for j := range n {
				p := int(r)*n + j
				x := w.get(&c.Src, i, j)
				sum[p] += x
				total[p] += math.Abs(x)
				terms[p]++
			}
		}
	}
	for p := range sum {
		w.want(&c.Dst, p/n, p%n, sumBound(sum[p], terms[p], total[p]))
	}
}

// rowIndex draws rows of a table of n, and now and then one past its end.
func rowIndex(n int) func(*rand.Rand) uint32 {
	return func(r *rand.Rand) uint32 {
		switch r.IntN(8) {
		case 0:
			return backend.NoRow
		case 1:
			return uint32(n)
		}
		return r.Uint32N(uint32(max(n, 1)))
	}
}

func (s *suite) testGather(t *testing.T) {
	t.Run("F32", func(t *testing.T) {
		gatherCases(t, s.device(), func(w *world, r, n int) backend.Tensor { return w.floats(r, n, normal(3)) })
	})
	t.Run("U8", func(t *testing.T) {
		gatherCases(t, s.device(), func(w *world, r, n int) backend.Tensor { return w.bytes(r, n) })
	})
	t.Run("U32", func(t *testing.T) {
		w := newWorld(t, s.device())
		for _, z := range [][3]int{{1, 1, 1}, {5, 7, 1}, {300, 33, 1}, {4, 9, 5}, {0, 3, 2}, {3, 0, 2}, {3, 3, 0}} {
			for _, gap := range []int{0, 2} {
				w.gap = gap
				c := &backend.Gather{Dst: w.ints(z[0], z[2], noise), Table: w.ints(z[1], z[2], noise), Index: w.ints(z[0], 1, rowIndex(z[1]))}
				w.run(fmt.Sprintf("%v, gap %d", z, gap), c)
				w.clear()
			}
		}
	})
}

// gatherCases takes m rows of n from r, in bags of l.
func gatherCases(t *testing.T, b backend.Backend, table func(w *world, r, n int) backend.Tensor) {
	w := newWorld(t, b)
	for _, z := range []struct{ m, n, r, l int }{
		{1, 1, 1, 1}, {5, 3, 7, 1}, {33, 65, 20, 1}, {128, 31, 300, 1}, {3, 1001, 9, 1}, {400, 1, 1000, 1},
		{4, 6, 9, 2}, {9, 33, 20, 5}, {2, 3, 5, 300}, {3, 4, 5, 0}, {0, 4, 5, 1}, {3, 0, 5, 1}, {3, 4, 0, 1}, {70000, 2, 9, 1}, {1, 70000, 2, 3},
	} {
		if max(z.m, z.n) > 10000 && testing.Short() {
			continue
		}
		for _, gap := range []int{0, 3} {
			w.gap = gap
			c := &backend.Gather{Dst: w.floats(z.m, z.n, poison), Table: table(w, z.r, z.n), Index: w.ints(z.m, z.l, rowIndex(z.r))}
			w.run(fmt.Sprintf("%+v, gap %d", z, gap), c)
			c.Then = nil
			d := *c
			d.Then = backend.Chain{backend.Affine(1.0/255, -0.5), backend.Add(w.floats(1, z.n, normal(1))), backend.ReLU()}
			w.run(fmt.Sprintf("%+v, gap %d, with a chain", z, gap), &d)
			w.clear()
		}
	}
}

func (s *suite) testScatter(t *testing.T) {
	w := newWorld(t, s.device())
	for _, z := range []struct{ m, n, r, l int }{
		{1, 1, 1, 1}, {7, 3, 5, 1}, {50, 33, 4, 1}, {300, 5, 1000, 1}, {65, 130, 64, 1}, {9, 4, 6, 3}, {2, 3, 1, 40},
		{0, 3, 4, 1}, {3, 0, 4, 1}, {3, 4, 0, 1}, {3, 4, 5, 0}, {2000, 2, 3, 1}, {5, 2, 70000, 1}, {3, 70000, 2, 1},
	} {
		if max(z.r, z.n) > 10000 && testing.Short() {
			continue
		}
		for i, beta := range []float32{0, 1, 0.5} {
			w.gap = 3 * (i % 2)
			dst := normal(1)
			if beta == 0 {
				dst = poison
			}
			c := &backend.Scatter{Dst: w.floats(z.r, z.n, dst), Src: w.floats(z.m, z.n, normal(1)), Index: w.ints(z.m, z.l, rowIndex(z.r)), Beta: beta}
			w.run(fmt.Sprintf("%+v, beta %v", z, beta), c)
			w.clear()
		}
	}
	t.Run("ascending", s.scatterOrder)
}

// scatterOrder: rounding tells in which order rows were added. In float32 1 + 2²⁴ is 2²⁴ and −5 − 2²⁴ is −2²⁴ − 4, so
// that the sum of these four is −5 in ascending and −3 in descending order, and −4 for a device that does not round.
func (s *suite) scatterOrder(t *testing.T) {
	w := newWorld(t, s.device())
	src, dst := w.floats(4, 1, listed(1, 1<<24, -(1<<24), -5)), w.row(7)
	backend.Do(w.b, &backend.Scatter{Dst: dst, Src: src, Index: w.ints(4, 1, func(*rand.Rand) uint32 { return 0 })})
	var got [1]float32
	w.must(backend.Read(w.b, got[:], dst.Buf, dst.Off))
	if got[0] != -5 && got[0] != -4 {
		t.Errorf("1 + 2²⁴ − 2²⁴ − 5 is %v in ascending order, want −5", got[0])
	}
}
