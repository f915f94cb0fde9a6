package backendtest

import (
	"fmt"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// recipes are chains as networks use them.
var recipes = []struct {
	name string
	make func(w *world, m, n int) *backend.Each
}{
	{"layer", func(w *world, m, n int) *backend.Each {
		key := w.rowInts(3, 1, 4, 1)
		return &backend.Each{Dst: w.floats(m, n, poison), Do: backend.Chain{
			backend.Load(w.floats(m, n, normal(1))), backend.Add(w.floats(1, n, normal(1))), backend.ReLU(),
			backend.Keep(w.floats(m, n, poison)), backend.Dropout(0.5, 2, key), backend.Mul(w.floats(m, 1, normal(1))),
		}}
	}},
	{"normalisation", func(w *world, m, n int) *backend.Each {
		return &backend.Each{Dst: w.floats(m, n, poison), Do: backend.Chain{
			backend.Load(w.floats(m, n, normal(1))), backend.Sub(w.floats(1, n, normal(1))), backend.Mul(w.floats(1, n, normal(1))),
			backend.Mul(w.floats(1, n, normal(1))), backend.Add(w.floats(1, n, normal(1))),
		}}
	}},
	{"a keep between ops", func(w *world, m, n int) *backend.Each {
		return &backend.Each{Dst: w.floats(m, n, poison), Do: backend.Chain{
			backend.Load(w.floats(m, n, normal(1))), backend.Keep(w.floats(m, n, poison)), backend.Affine(2, 1),
			backend.Keep(w.floats(m, n, poison)), backend.Tanh(), backend.Keep(w.floats(m, n, poison)), backend.Square(),
		}}
	}},
	{"running statistics", func(w *world, m, n int) *backend.Each {
		mean := w.floats(m, n, normal(1))
		return &backend.Each{Dst: mean, Do: backend.Chain{
			backend.Load(mean), backend.Affine(0.9, 0), backend.Axpy(0.1, w.floats(1, n, normal(1))),
		}}
	}},
	{"penalised clipped adam", func(w *world, m, n int) *backend.Each {
		p := w.floats(m, n, normal(1))
		return &backend.Each{Dst: backend.Tensor{Rows: m, Cols: n}, Do: backend.Chain{
			backend.Load(w.floats(m, n, normal(1))), backend.Mul(w.row(0.5)), backend.Axpy(0.01, p),
			backend.Adam(w.row(1), p, w.floats(m, n, normal(0.1)), w.floats(m, n, positive(1e-4, 1)), w.row(adamRow...)),
		}}
	}},
	{"adam that is not to step", func(w *world, m, n int) *backend.Each {
		g := w.floats(m, n, spread(1, 1e30))
		return &backend.Each{Dst: backend.Tensor{Rows: m, Cols: n}, Do: backend.Chain{
			backend.Load(g), backend.Mul(w.row(poison(nil))),
			backend.Adam(w.row(0), w.floats(m, n, normal(1)), w.floats(m, n, normal(0.1)), w.floats(m, n, positive(1e-4, 1)), w.row(adamRow...)),
		}}
	}},
	{"fills", func(w *world, m, n int) *backend.Each {
		key := w.rowInts(3, 1, 4, 1)
		return &backend.Each{Dst: w.floats(m, n, poison), Do: backend.Chain{
			backend.UniformFill(-1, 1, 0, key), backend.Keep(w.floats(m, n, poison)), backend.NormalFill(0, 1, 1, key),
			backend.Keep(w.floats(m, n, poison)), backend.Fill(0.5), backend.Guard(w.floats(m, n, constant(1))),
		}}
	}},
	{"nothing at all", func(w *world, m, n int) *backend.Each { return &backend.Each{Dst: w.floats(m, n, poison)} }},
}

func (s *suite) testEach(t *testing.T) {
	for _, r := range recipes {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t, s.device())
			for _, z := range [][2]int{{1, 1}, {4, 3}, {33, 65}, {1, 257}, {257, 1}, {0, 4}, {64, 128}} {
				for _, w.gap = range []int{0, 3} {
					w.run(fmt.Sprintf("%d×%d, gap %d", z[0], z[1], w.gap), r.make(w, z[0], z[1]))
					w.clear()
				}
			}
		})
	}
	t.Run("long", func(t *testing.T) {
		if testing.Short() {
			t.Skip("long domains")
		}
		w := newWorld(t, s.device())
		for _, z := range [][2]int{{70000, 2}, {2, 70000}} {
			w.run(fmt.Sprintf("%d×%d", z[0], z[1]), recipes[3].make(w, z[0], z[1]))
			w.clear()
		}
	})
	t.Run("halves of one buffer", func(t *testing.T) {
		w := newWorld(t, s.device())
		x := w.floats(11, 30, normal(1))
		w.run("columns", &backend.Each{Dst: x.Columns(20, 30), Do: backend.Chain{
			backend.Load(x.Columns(0, 10)), backend.Add(x.Columns(10, 20)), backend.Mul(x.Columns(3, 4)), backend.Add(x.RowSpan(5, 6).Columns(0, 10)),
		}})
		w.run("rows", &backend.Each{Dst: x.RowSpan(0, 3), Do: backend.Chain{backend.Load(x.RowSpan(3, 6)), backend.Sub(x.RowSpan(8, 11))}})
	})
	t.Run("one after another", func(t *testing.T) {
		w := newWorld(t, s.device())
		x, y := w.floats(17, 19, integers(5)), w.floats(17, 19, integers(5))
		calls := []backend.Call{
			&backend.Each{Dst: y, Do: backend.Chain{backend.Load(x), backend.Add(y)}},
			&backend.Each{Dst: x, Do: backend.Chain{backend.Load(y), backend.Sub(x)}},
		}
		for range 10 { // y += x; x = y − x: Fibonacci's numbers
			for _, c := range calls {
				w.predict(c)
				backend.Do(w.b, c)
				w.adopt()
			}
		}
		w.check("ten rounds")
	})
}

// adopt takes what is expected for what is there, without looking: for whole numbers.
func (w *world) adopt() {
	for _, k := range w.order {
		for p, b := range k.expect {
			if k.known[p] {
				k.f[p] = float32(b.want)
			}
		}
	}
}
