//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// TestSplitProducts: a product that is cut in parts of its k is right, the first time and the second, for each of several models.
func TestSplitProducts(t *testing.T) {
	d := openDevice(t)
	const m, n, k, models = 21, 18, 3000, 3
	x, y := mustAlloc(t, d, backend.F32, k*(m+n)+models), mustAlloc(t, d, backend.F32, models*m*n)
	in := waves(x.Len())
	backend.Write(d, x, 0, in)
	a, b, dst := backend.Mat(x, 0, k, m), backend.Mat(x, k*m, k, n), backend.Mat(y, 0, m, n)
	a.Model, b.Model, dst.Model = 1, 1, m*n
	p, err := backend.Record(d, backend.Step{Models: models, Calls: []backend.Call{&backend.MatMul{Dst: dst, A: a, B: b, TransA: true, Beta: 0.5}}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	for run := range 2 {
		start := waves(y.Len())
		backend.Write(d, y, 0, start)
		before := d.Stats().Dispatches
		p.Run(1)
		got := make([]float32, y.Len())
		if err := backend.Read(d, got, y, 0); err != nil {
			t.Fatal(err)
		}
		if n := d.Stats().Dispatches - before; n != 1 {
			t.Errorf("%d dispatches", n)
		}
		for model := range models {
			for i := range m {
				for j := range n {
					at := model*m*n + i*n + j
					want, sum := 0.5*float64(start[at]), 0.0
					for l := range k {
						v := float64(in[model+l*m+i]) * float64(in[model+k*m+l*n+j])
						want += v
						sum += math.Abs(v)
					}
					if e := math.Abs(float64(got[at]) - want); !(e <= (k+2)*sum/(1<<24)) {
						t.Fatalf("run %d, model %d, element %d, %d: %g, want %g", run, model, i, j, got[at], want)
					}
				}
			}
		}
	}
}
