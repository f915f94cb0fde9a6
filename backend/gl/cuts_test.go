//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"fmt"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
	"github.com/gloss-ml/gloss/shaders"
)

// TestCutsSameBits: products that fit no tile come out the same to the bit, however they are cut, read and accumulated.
func TestCutsSameBits(t *testing.T) {
	d := openDevice(t)
	d.env.Shared = d.rt.Limits().SharedBytes
	x, y := mustAlloc(t, d, backend.F32, 200_000), mustAlloc(t, d, backend.F32, 60_000)
	backend.Write(d, x, 0, waves(200_000))
	var cut plan.Cut
	d.env.Tuned = func(_ *backend.MatMul, vec bool) (plan.Cut, bool) {
		if cut.Vec && !vec {
			t.Error("the factors cannot be read by fours")
		}
		return cut, true
	}
	// product has rows that are apart, an accumulation, and a chain.
	product := func(m, n, k int, ta, tb bool) []float32 {
		mat := func(off, r, c int, trans bool) backend.Tensor {
			if trans {
				r, c = c, r
			}
			return backend.Tensor{Buf: x, Off: off, Rows: r, Cols: c, Stride: c + 8}
		}
		backend.Write(d, y, 0, waves(y.Len()))
		for _, beta := range []float32{0, 0.5} {
			backend.Do(d, &backend.MatMul{Dst: backend.Tensor{Buf: y, Off: 3, Rows: m, Cols: n, Stride: n + 5}, TransA: ta, TransB: tb, Beta: beta,
				A: mat(4, m, k, ta), B: mat(80_000, k, n, tb), Then: backend.Chain{backend.Add(backend.Row(x, 190_001, n)), backend.Affine(0.5, 0)}})
		}
		out := make([]float32, y.Len())
		if err := backend.Read(d, out, y, 0); err != nil {
			t.Fatal(err)
		}
		return out
	}
	check := func(cuts []plan.Cut, m, n, k int, layouts ...[2]bool) {
		t.Helper()
		for _, l := range layouts {
			cut = plan.Cut{None: true}
			want := product(m, n, k, l[0], l[1])
			for _, cut = range cuts {
				got := product(m, n, k, l[0], l[1])
				if i := other(got, want); i >= 0 {
					t.Errorf("%d×%d×%d, transposed %v, %+v: element %d is %g, without a tile %g", m, n, k, l, cut, i, got[i], want[i])
				}
			}
		}
	}
	all := [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}}
	var scalar, vec []plan.Cut
	for _, tile := range append(append([]shaders.Tile{}, shaders.Tiles...), shaders.ShortTiles...) {
		if tile.BK <= 4 || tile.BM == 64 && tile.BK == 8 || os.Getenv("GLOSS_LONG") != "" { // deeper slices take longer to compile than all else
			scalar = append(scalar, plan.Cut{Tile: tile})
		}
	}
	for _, tile := range shaders.VecTiles {
		if tile.VecShared() <= d.env.Shared && (tile.BK <= 8 || tile.BM == 64 && tile.BN == 64 || os.Getenv("GLOSS_LONG") != "") {
			vec = append(vec, plan.Cut{Tile: tile, Vec: true})
		}
	}
	// A long k is cut in parts by the shape, whatever the cut.
	check([]plan.Cut{scalar[len(scalar)-1], scalar[len(scalar)-4]}, 33, 21, 1100, all[1])
	if testing.Short() {
		check(scalar[len(scalar)-3:], 131, 141, 37, all[0])
		check(vec[len(vec)-1:], 132, 140, 36, all...)
		return
	}
	check(scalar, 131, 141, 37, all[0])
	check(vec, 132, 140, 36, all[1])
	check(vec[len(vec)-1:], 132, 140, 36, all...)
	check(vec[len(vec)-1:], 36, 20, 1100, all[:2]...)
	if os.Getenv("GLOSS_LONG") != "" {
		check(scalar, 131, 141, 37, all[1:]...)
		check(vec, 260, 68, 20, all...)
	}
}

// TestVectorsOnlyWhereTheyFit: what does not lie in fours is not read so.
func TestVectorsOnlyWhereTheyFit(t *testing.T) {
	d := openDevice(t)
	x := mustAlloc(t, d, backend.F32, 4096)
	var asked []bool
	d.env.Tuned = func(_ *backend.MatMul, vec bool) (plan.Cut, bool) {
		asked = append(asked, vec)
		return plan.Cut{None: true}, true
	}
	a, b, y := backend.Mat(x, 0, 8, 8), backend.Mat(x, 64, 8, 8), backend.Mat(x, 128, 8, 8)
	for _, c := range []struct {
		change func(a, b *backend.Tensor)
		vec    bool
	}{
		{func(a, b *backend.Tensor) {}, true},
		{func(a, b *backend.Tensor) { a.Stride = 12 }, true},
		{func(a, b *backend.Tensor) { a.Stride = 9 }, false},
		{func(a, b *backend.Tensor) { b.Off = 1026 }, false},
		{func(a, b *backend.Tensor) { a.Cols, b.Rows = 6, 6; a.Stride = 8 }, false},
		{func(a, b *backend.Tensor) { b.Advance = 2 }, false},
	} {
		a, b := a, b
		b.Off = 1024
		a.Off = 512
		c.change(&a, &b)
		asked = nil
		backend.Do(d, &backend.MatMul{Dst: y, A: a, B: b})
		if fmt.Sprint(asked) != fmt.Sprint([]bool{c.vec}) {
			t.Errorf("%v·%v: by fours %v, want %v", &a, &b, asked, c.vec)
		}
	}
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
}
