package backendtest

import (
	"fmt"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// permute notes what a Permute has to do.
func (w *world) permute(c *backend.Permute) {
	var key [4]uint32
	copy(key[:], w.blocks[c.Key.Buf].u[c.Key.Off:])
	for i := range c.Dst.Rows {
		for j := range c.Dst.Cols {
			v, p := backend.NoRow, uint64(key[3])+uint64(i*c.Dst.Cols+j)
			if p < uint64(c.N) {
				v = backend.Permuted(key, uint32(c.N), uint32(p))
			}
			w.wantInt(&c.Dst, i, j, v)
		}
	}
}

func (s *suite) testPermute(t *testing.T) {
	w := newWorld(t, s.device())
	for _, z := range []struct {
		rows, cols, n int
		start         uint32
	}{
		{1, 1, 1, 0}, {1, 5, 3, 0}, {4, 8, 32, 0}, {4, 8, 30, 0}, {3, 7, 100, 50}, {3, 7, 100, 90}, {1, 9, 100, 100}, {1, 9, 100, 5000},
		{1, 5, 0, 0}, {0, 3, 10, 0}, {10, 100, 60000, 7}, {2, 3, 1<<31 - 1, 1 << 30}, {2, 8, 1<<31 - 1, 1<<31 - 4}, {1, 4, 100, 1<<32 - 2},
	} {
		for _, gap := range []int{0, 3} {
			w.gap = gap
			key := w.rowInts(w.rng.Uint32(), w.rng.Uint32(), w.rng.Uint32N(100), z.start)
			w.run(fmt.Sprintf("%+v, gap %d", z, gap), &backend.Permute{Dst: w.ints(z.rows, z.cols, noise), Key: key, N: z.n})
			w.clear()
		}
	}
	// A whole epoch holds each number once.
	dst := w.ints(1, 1000, noise)
	w.run("epoch", &backend.Permute{Dst: dst, Key: w.rowInts(1, 2, 3, 0), N: 1000})
	seen := map[uint32]bool{}
	for j := range 1000 {
		seen[w.getInt(&dst, 0, j)] = true
	}
	if len(seen) != 1000 || seen[backend.NoRow] {
		t.Errorf("an epoch of 1000 holds %d numbers", len(seen))
	}
}
