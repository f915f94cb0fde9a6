//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// TestLongWorkIsCut: on a device that is said to be slow, what takes long is several launches, with the bits of one.
func TestLongWorkIsCut(t *testing.T) {
	const m, n, k = 800, 600, 500
	d := openDevice(t)
	x, y := mustAlloc(t, d, backend.F32, m*k+k*n), mustAlloc(t, d, backend.F32, m*n+1)
	backend.Write(d, x, 0, waves(x.Len()))
	calls := []backend.Call{
		&backend.MatMul{Dst: backend.Mat(y, 0, m, n), A: backend.Mat(x, 0, m, k), B: backend.Mat(x, m*k, k, n)},
		&backend.Each{Dst: backend.Mat(y, 0, m, n), Do: backend.Chain{backend.Load(backend.Mat(y, 0, m, n)), backend.Affine(2, 1)}},
		&backend.Reduce{Rows: m, Cols: n, Out: [2]backend.Result{{Dst: backend.Row(y, m*n, 1), Map: backend.Chain{backend.Load(backend.Mat(y, 0, m, n))}}}},
	}
	results := func(r *rate) (out []float32, launches int64) {
		d.env.TooLong = nil
		if r != nil {
			d.env.TooLong = d.tooLong
			d.known.Store(r)
		}
		before := d.Stats().Dispatches
		p, err := backend.Record(d, backend.Step{Calls: calls})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		p.Run(1)
		out = make([]float32, y.Len())
		if err := backend.Read(d, out, y, 0); err != nil {
			t.Fatal(err)
		}
		return out, d.Stats().Dispatches - before
	}
	want, few := results(nil)
	if _, same := results(&rate{1e13, 1e12}); same != few {
		t.Errorf("%d launches on a fast device, want %d", same, few)
	}
	got, many := results(&rate{1e9, 2e8}) // a fifth of a second
	if many < few+4 {
		t.Errorf("%d launches on a slow device, %d on a fast one", many, few)
	}
	if i := other(got, want); i >= 0 {
		t.Fatalf("element %d: %g in parts, %g at once", i, got[i], want[i])
	}
}

func TestRate(t *testing.T) {
	d := openDevice(t)
	r := *d.rate()
	if !(r.multiplyAdds > 1e7 && r.multiplyAdds < 1e14 && r.bytes > 1e7 && r.bytes < 1e14) {
		t.Errorf("%.3g multiply-adds and %.3g bytes a second", r.multiplyAdds, r.bytes)
	}
	if *d.rate() != r {
		t.Error("measured twice")
	}
	if d.tooLong(plan.Work{MultiplyAdds: r.multiplyAdds * 0.02}) || !d.tooLong(plan.Work{Bytes: r.bytes * 0.03}) {
		t.Error("20 ms are too long, or 30 ms are not")
	}
	if d.Stats().LiveBytes != 0 || d.Stats().Calls != 0 {
		t.Errorf("the measurement is in the device's counts: %v", d.Stats())
	}
}
