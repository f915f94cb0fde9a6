package backendtest

import (
	"fmt"
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// matMul notes what a MatMul has to do. Whole numbers are exact; see integers.
func (w *world) matMul(c *backend.MatMul) {
	a, b := w.dense(&c.A, c.TransA), w.dense(&c.B, !c.TransB)
	k := c.A.Cols
	if c.TransA {
		k = c.A.Rows
	}
	for i := range c.Dst.Rows {
		for j := range c.Dst.Cols {
			sum, total := 0.0, 0.0
			if c.Beta != 0 {
				sum = float64(c.Beta) * w.get(&c.Dst, i, j)
				total = math.Abs(sum)
			}
			x, y := a[i*k:i*k+k], b[j*k:j*k+k]
			for l := range x {
				p := x[l] * y[l]
				sum += p
				total += math.Abs(p)
			}
			v := sumBound(sum, k, total)
			if w.whole {
				v.tol = 0
			}
			w.want(&c.Dst, i, j, w.chain(c.Then, v, place{i, j, c.Dst.Cols}))
		}
	}
}

// dense copies t, or its transpose, row after row.
func (w *world) dense(t *backend.Tensor, transpose bool) []float64 {
	d := make([]float64, 0, t.Size())
	f := w.blocks[t.Buf].f
	if transpose {
		for j := range t.Cols {
			for i := range t.Rows {
				d = append(d, float64(f[index(t, i, j)]))
			}
		}
		return d
	}
	for i := range t.Rows {
		for j := range t.Cols {
			d = append(d, float64(f[index(t, i, j)]))
		}
	}
	return d
}

// Shapes m, k, n: nothing, one, primes, around the sizes of tiles, tall, wide, deep.
var shapes = [][3]int{
	{0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {1, 1, 1}, {1, 7, 1}, {2, 3, 5}, {7, 5, 3}, {13, 17, 11}, {16, 16, 16},
	{31, 33, 32}, {64, 64, 64}, {65, 63, 67}, {1, 100, 1}, {1, 33, 129}, {129, 33, 1}, {257, 5, 3}, {3, 5, 257},
	{4, 1000, 6}, {128, 20, 10}, {10, 128, 100},
}

// betas go with gaps between rows, 0 with poisoned results.
var betas = []struct {
	beta float32
	gap  int
}{{0, 0}, {1, 3}, {0.5, 0}, {0, 5}}

func (w *world) product(m, k, n int, ta, tb bool, beta float32, gen fill) *backend.MatMul {
	w.t.Helper()
	c := &backend.MatMul{TransA: ta, TransB: tb, Beta: beta}
	ar, ac, br, bc := m, k, k, n
	if ta {
		ar, ac = ac, ar
	}
	if tb {
		br, bc = bc, br
	}
	c.A, c.B = w.floats(ar, ac, gen), w.floats(br, bc, gen)
	dst := gen
	if beta == 0 {
		dst = poison
	}
	c.Dst = w.floats(m, n, dst)
	return c
}

func (s *suite) testMatMul(t *testing.T) {
	for _, tr := range []struct {
		name   string
		ta, tb bool
	}{{"nn", false, false}, {"nt", false, true}, {"tn", true, false}, {"tt", true, true}} {
		t.Run(tr.name, func(t *testing.T) {
			w := newWorld(t, s.device())
			for i, z := range shapes {
				for j, v := range betas {
					if testing.Short() && (i+j)%2 == 1 {
						continue
					}
					w.gap = v.gap
					gen := normal(1)
					if w.whole = (i+j)%3 == 0; w.whole {
						gen = integers(4)
					}
					what := fmt.Sprintf("%d×%d×%d, beta %v, gap %d", z[0], z[1], z[2], v.beta, v.gap)
					w.run(what, w.product(z[0], z[1], z[2], tr.ta, tr.tb, v.beta, gen))
					w.clear()
				}
			}
		})
	}
	t.Run("large", s.largeMatMul)
	t.Run("views", s.viewsMatMul)
	t.Run("chains", s.chainsMatMul)
}

// largeMatMul has products beyond one tile, one loop and one group in each direction.
func (s *suite) largeMatMul(t *testing.T) {
	if testing.Short() {
		t.Skip("large products")
	}
	w := newWorld(t, s.device())
	for i, z := range [][3]int{{300, 260, 200}, {2, 70000, 3}, {1, 4099, 66}, {5000, 3, 2}, {2, 3, 5000}, {0, 3, 5000}, {3, 0, 5000}, {70000, 2, 1}, {1, 1, 70000}} {
		for _, ta := range []bool{false, true} {
			w.whole = i != 0
			gen := normal(1)
			if w.whole {
				gen = integers(4)
			}
			w.run(fmt.Sprintf("%d×%d×%d, %v", z[0], z[1], z[2], ta), w.product(z[0], z[1], z[2], ta, !ta, 1, gen))
			w.clear()
		}
	}
}

// viewsMatMul has operands that are columns and rows of one buffer.
func (s *suite) viewsMatMul(t *testing.T) {
	w := newWorld(t, s.device())
	x := w.floats(9, 40, normal(1))
	w.run("left half to right half", &backend.MatMul{Dst: x.Columns(30, 40), A: x.Columns(0, 9), B: x.Columns(9, 19)})
	w.run("accumulated", &backend.MatMul{Dst: x.Columns(30, 40), A: x.Columns(0, 9), B: x.Columns(9, 19), TransA: true, Beta: 1})

	g := w.floats(9, 9, poison)
	w.run("x·xᵀ", &backend.MatMul{Dst: g, A: x, B: x, TransB: true})
	y := w.floats(20, 6, normal(1))
	w.run("upper rows to lower rows", &backend.MatMul{Dst: y.RowSpan(10, 16), A: y.RowSpan(0, 6), B: y.RowSpan(3, 9)})

	// Two products fill the halves of one matrix: a concatenation.
	a, b, c := w.floats(7, 5, normal(1)), w.floats(5, 3, normal(1)), w.floats(5, 4, normal(1))
	cat := w.floats(7, 7, poison)
	w.run("concatenated",
		&backend.MatMul{Dst: cat.Columns(0, 3), A: a, B: b},
		&backend.MatMul{Dst: cat.Columns(3, 7), A: a, B: c})
}

// layers are chains that layers and their backward halves hang on an m×n product.
var layers = []struct {
	name string
	make func(w *world, m, n int) backend.Chain
}{
	{"bias, tanh", func(w *world, m, n int) backend.Chain {
		return backend.Chain{backend.Add(w.floats(1, n, normal(1))), backend.Tanh()}
	}},
	{"bias, keep, relu, dropout", func(w *world, m, n int) backend.Chain {
		key := w.rowInts(w.rng.Uint32(), w.rng.Uint32(), 7, 0)
		return backend.Chain{backend.Add(w.floats(1, n, normal(1))), backend.Keep(w.floats(m, n, poison)),
			backend.ReLU(), backend.Dropout(0.25, 1, key)}
	}},
	{"backward of relu, scaled rows, guard", func(w *world, m, n int) backend.Chain {
		y := w.floats(m, n, normal(1))
		return backend.Chain{backend.Gradient(backend.ReLU(), y, y), backend.Mul(w.floats(m, 1, normal(1))),
			backend.Guard(w.floats(m, n, constant(1)))}
	}},
}

func (s *suite) chainsMatMul(t *testing.T) {
	w := newWorld(t, s.device())
	for _, z := range [][3]int{{3, 4, 5}, {33, 20, 17}, {64, 64, 64}, {1, 9, 70}, {70, 9, 1}, {4, 0, 3}} {
		for _, gap := range []int{0, 3} {
			for _, l := range layers {
				w.gap = gap
				c := w.product(z[0], z[1], z[2], false, true, 0, normal(1))
				c.Then = l.make(w, z[0], z[2])
				w.run(fmt.Sprintf("%v, gap %d, %s", z, gap, l.name), c)
				w.clear()
			}
			c := w.product(z[0], z[1], z[2], false, true, 1, normal(1))
			c.Then = backend.Chain{backend.Affine(0.5, 1), backend.Add(c.Dst)}
			w.run(fmt.Sprintf("%v, gap %d, beta and its own result in the chain", z, gap), c)
			w.clear()
		}
	}
}
