//go:build cgo && (gl || glfw) && (linux || windows)

package gl_test

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/internal/need"
)

// llvmpipe ends an invocation silently after 65535 iterations of all its loops together, and no driver takes more than
// 65535 work groups in a row. These calls go beyond both.

func alloc(t testing.TB, b backend.Backend, k backend.Kind, n int) *backend.Buffer {
	t.Helper()
	buf, err := backend.Alloc(b, k, n)
	if err != nil {
		t.Fatal(err)
	}
	return buf
}

func TestLongProduct(t *testing.T) {
	b := open(t)
	const k = 300_000 // three parts
	x, y := alloc(t, b, backend.F32, k), alloc(t, b, backend.F32, 1)
	backend.Do(b, &backend.Each{Dst: backend.Row(x, 0, k), Do: backend.Chain{backend.Fill(1)}})
	backend.Write(b, y, 0, []float32{1})
	backend.Do(b, &backend.MatMul{Dst: backend.Row(y, 0, 1), A: backend.Row(x, 0, k), B: backend.Mat(x, 0, k, 1), Beta: 5,
		Then: backend.Chain{backend.Affine(2, 1)}})
	if got := read(t, b, y)[0]; got != 2*(k+5)+1 {
		t.Errorf("%g, want %d", got, 2*(k+5)+1)
	}
}

func TestLongBags(t *testing.T) {
	b := open(t)
	const n = 70_000
	table, idx, sum := alloc(t, b, backend.F32, 6), alloc(t, b, backend.U32, n), alloc(t, b, backend.F32, 3)
	backend.Write(b, table, 0, []float32{1, 2, 3, 10, 20, 30})
	backend.Do(b, &backend.Gather{Dst: backend.Row(sum, 0, 3), Table: backend.Mat(table, 0, 2, 3), Index: backend.Row(idx, 0, n),
		Then: backend.Chain{backend.Affine(1, 0.5)}})
	if got := read(t, b, sum); got[0] != n+0.5 || got[2] != 3*n+0.5 {
		t.Errorf("a bag of %d: %v", n, got)
	}
	src, dst := alloc(t, b, backend.F32, 2*n), alloc(t, b, backend.F32, 4)
	backend.Do(b, &backend.Each{Dst: backend.Row(src, 0, 2*n), Do: backend.Chain{backend.Fill(1)}},
		&backend.Scatter{Dst: backend.Mat(dst, 0, 2, 2), Src: backend.Mat(src, 0, n, 2), Index: backend.Mat(idx, 0, n, 1)})
	if got := read(t, b, dst); got[0] != n || got[1] != n || got[2] != 0 {
		t.Errorf("%d rows scattered to one: %v", n, got)
	}
}

func TestManyGroups(t *testing.T) {
	b := open(t)
	const n = 65535*256 + 1000
	x, err := backend.Alloc(b, backend.F32, n)
	if err != nil {
		need.Lacking(t, "64 MiB in a buffer", err)
	}
	y := alloc(t, b, backend.F32, 2)
	backend.Do(b, &backend.Each{Dst: backend.Row(x, 0, n), Do: backend.Chain{backend.Fill(1)}},
		&backend.Reduce{Rows: n / 5, Cols: 5, Out: [2]backend.Result{
			{Dst: backend.Row(y, 0, 1), Map: backend.Chain{backend.Load(backend.Mat(x, 0, n/5, 5))}},
			{Dst: backend.Row(y, 1, 1), By: backend.Max, Map: backend.Chain{backend.Load(backend.Mat(x, 0, n/5, 5))}}}})
	if got := read(t, b, y); got[0] != n/5*5 || got[1] != 1 {
		t.Errorf("%v, want %d and 1", got, n/5*5)
	}
}

func TestManyRows(t *testing.T) {
	b := open(t)
	const m = 200_000 // rows: more groups than one turn takes
	x, label, y := alloc(t, b, backend.F32, m*2), alloc(t, b, backend.U32, m), alloc(t, b, backend.F32, 2)
	for range 2 { // the counters in the scratch are as they were
		backend.Do(b, &backend.Xent{Logits: backend.Mat(x, 0, m, 2), Label: backend.Mat(label, 0, m, 1),
			Loss: backend.Row(y, 0, 1), Correct: backend.Row(y, 1, 1)})
		want := m * math.Ln2
		if got := read(t, b, y); !(math.Abs(float64(got[0])-want) < 1e-5*want) || got[1] != m {
			t.Errorf("%v, want %g and %d", got, want, m)
		}
	}
}

// TestScatterGroups: many indices, in bags, to few rows: the kernel that marks them in bit sets. Its sums are float32
// sums in ascending order, to the bit.
func TestScatterGroups(t *testing.T) {
	b := open(t)
	const m, n, bag, r = 1500, 37, 3, 20
	src, idx, want := make([]float32, m*n), make([]uint32, m*bag), make([]float32, r*n)
	for i := range src {
		src[i] = float32(math.Sin(float64(i)))
	}
	for i := range idx {
		idx[i] = uint32(i*i+i/7) % (r + 1) // one of them past the end
	}
	for i, row := range idx {
		for j := range n {
			if row < r {
				want[int(row)*n+j] += src[i/bag*n+j]
			}
		}
	}
	x, u, y := alloc(t, b, backend.F32, m*n), alloc(t, b, backend.U32, m*bag), alloc(t, b, backend.F32, r*n)
	backend.Write(b, x, 0, src)
	backend.Write(b, u, 0, idx)
	backend.Do(b, &backend.Scatter{Dst: backend.Mat(y, 0, r, n), Src: backend.Mat(x, 0, m, n), Index: backend.Mat(u, 0, m, bag)})
	for i, got := range read(t, b, y) {
		if got != want[i] {
			t.Fatalf("element %d is %g, want %g", i, got, want[i])
		}
	}
}
