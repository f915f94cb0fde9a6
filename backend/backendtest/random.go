package backendtest

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// testRandom checks what is promised beyond the ops' tolerance: words, and so masks and uniforms, have the same bits
// on every device.
func (s *suite) testRandom(t *testing.T) {
	t.Run("bits", s.randomBits)
	t.Run("keys", s.randomKeys)
	t.Run("moments", s.randomMoments)
}

// draw runs a chain of one op over rows×cols and returns the row-major result.
func (w *world) draw(rows, cols int, f backend.Fn) []float32 {
	w.t.Helper()
	dst := w.floats(rows, cols, poison)
	backend.Do(w.b, &backend.Each{Dst: dst, Do: backend.Chain{backend.Fill(1), f}})
	all := make([]float32, dst.Buf.Len())
	w.must(backend.Read(w.b, all, dst.Buf, 0))
	var x []float32
	for i := range rows {
		x = append(x, all[index(&dst, i, 0):index(&dst, i, cols)]...)
	}
	return x
}

func (s *suite) randomBits(t *testing.T) {
	w := newWorld(t, s.device())
	for _, key := range [][4]uint32{{0, 0, 0, 0}, {1, 2, 3, 4}, {1 << 31, ^uint32(0), 1 << 20, ^uint32(0)}} {
		for _, z := range [][2]int{{1, 1}, {1, 70001}, {67, 33}, {3, 5}} {
			for _, w.gap = range []int{0, 3} {
				k := w.rowInts(key[:]...)
				u := w.draw(z[0], z[1], backend.UniformFill(0, 1, 9, k))
				d := w.draw(z[0], z[1], backend.Dropout(0.5, 1<<24-1, k))
				a := w.draw(z[0], z[1], backend.Drop(0.5, -3, 1<<24-1, k))
				for i := range u {
					if want := float32(backend.Uniform(backend.Bits(key, 9, uint64(i)))); u[i] != want {
						t.Fatalf("key %v, %v: uniform %d is %v, want %v", key, z, i, u[i], want)
					}
					want, other := float32(2), float32(1)
					if backend.Uniform(backend.Bits(key, 1<<24-1, uint64(i))) < 0.5 {
						want, other = 0, -3
					}
					if d[i] != want || a[i] != other {
						t.Fatalf("key %v, %v: dropout %d of 1 is %v, want %v; drop is %v, want %v", key, z, i, d[i], want, a[i], other)
					}
				}
				w.clear()
			}
		}
	}
}

// randomKeys: every word of the key and the stream make different draws.
func (s *suite) randomKeys(t *testing.T) {
	w := newWorld(t, s.device())
	base := w.draw(1, 100, backend.UniformFill(0, 1, 0, w.rowInts(5, 6, 7, 8)))
	for name, f := range map[string]backend.Fn{
		"seed 0": backend.UniformFill(0, 1, 0, w.rowInts(4, 6, 7, 8)),
		"seed 1": backend.UniformFill(0, 1, 0, w.rowInts(5, 7, 7, 8)),
		"step":   backend.UniformFill(0, 1, 0, w.rowInts(5, 6, 8, 8)),
		"salt":   backend.UniformFill(0, 1, 0, w.rowInts(5, 6, 7, 10)),
		"stream": backend.UniformFill(0, 1, 1, w.rowInts(5, 6, 7, 8)),
	} {
		same := 0
		for i, x := range w.draw(1, 100, f) {
			if x == base[i] {
				same++
			}
		}
		if same > 1 {
			t.Errorf("another %s: %d of 100 draws are the same", name, same)
		}
	}
}

// randomMoments: mean and variance within five standard deviations of what they estimate.
func (s *suite) randomMoments(t *testing.T) {
	w := newWorld(t, s.device())
	const n = 1 << 16
	for _, c := range []struct {
		name           string
		f              func(key backend.Tensor) backend.Fn
		mean, variance float64
		fourth         float64 // central moment
	}{
		{"uniform", func(k backend.Tensor) backend.Fn { return backend.UniformFill(-1, 2, 0, k) }, 0.5, 0.75, 81.0 / 80},
		{"normal", func(k backend.Tensor) backend.Fn { return backend.NormalFill(3, 2, 0, k) }, 3, 4, 48},
		{"dropout", func(k backend.Tensor) backend.Fn { return backend.Dropout(0.2, 0, k) }, 1, 0.25, 0.2 + 0.8/256},
	} {
		x := w.draw(256, n/256, c.f(w.rowInts(11, 22, 33, 44)))
		mean, variance := 0.0, 0.0
		for _, v := range x {
			mean += float64(v) / n
		}
		for _, v := range x {
			variance += (float64(v) - mean) * (float64(v) - mean) / n
		}
		if !(math.Abs(mean-c.mean) <= 5*math.Sqrt(c.variance/n)) {
			t.Errorf("%s: mean %v, want %v", c.name, mean, c.mean)
		}
		if !(math.Abs(variance-c.variance) <= 5*math.Sqrt((c.fourth-c.variance*c.variance)/n)+1e-3) {
			t.Errorf("%s: variance %v, want %v", c.name, variance, c.variance)
		}
	}
}
