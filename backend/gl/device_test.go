//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/internal/need"
)

func openDevice(t testing.TB, opts ...Option) *device {
	t.Helper()
	b, err := Open(opts...)
	if err != nil {
		need.Lacking(t, "gl", err)
	}
	t.Cleanup(func() { b.Close() })
	return b.(*device)
}

func mustAlloc(t *testing.T, b backend.Backend, k backend.Kind, n int) *backend.Buffer {
	t.Helper()
	buf, err := backend.Alloc(b, k, n)
	if err != nil {
		t.Fatal(err)
	}
	return buf
}

// TestDroppedBuffers: buffers that nobody releases come back, and not before what is queued has used them.
func TestDroppedBuffers(t *testing.T) {
	d := openDevice(t, Budget(64<<20))
	sum := mustAlloc(t, d, backend.F32, 1)
	const n = 1 << 20
	for i := range 100 { // 400 MiB through 64
		x := mustAlloc(t, d, backend.F32, n)
		backend.Do(d, &backend.Each{Dst: backend.Row(x, 0, n), Do: backend.Chain{backend.Fill(float32(i))}},
			&backend.Reduce{Rows: 1, Cols: n, Out: [2]backend.Result{{Dst: backend.Row(sum, 0, 1), By: backend.Max, Beta: 0,
				Map: backend.Chain{backend.Load(backend.Row(x, 0, n))}}}})
		if i%10 == 0 {
			var got [1]float32
			if err := backend.Read(d, got[:], sum, 0); err != nil || got[0] != float32(i) {
				t.Fatalf("buffer %d: %v (%v)", i, got, err)
			}
		}
	}
	sum.Release()
	for range 200 {
		if runtime.GC(); d.Stats().LiveBuffers == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d buffers are live that nobody holds", d.Stats().LiveBuffers)
}

func TestOutOfMemory(t *testing.T) {
	d := openDevice(t, Budget(1<<20))
	for _, n := range []int{1 << 20, 1 << 40} {
		if _, err := backend.Alloc(d, backend.F32, n); !errors.Is(err, backend.ErrOutOfMemory) {
			t.Errorf("%d floats: %v", n, err)
		}
	}
	if err := d.Sync(); err != nil {
		t.Errorf("a refused Alloc stuck: %v", err)
	}
}

func TestUnavailable(t *testing.T) {
	openDevice(t)
	_, err := Open(Device("voodoo"))
	if !errors.Is(err, backend.ErrUnavailable) || !strings.Contains(err.Error(), "voodoo") {
		t.Error(err)
	}
	found, err := Devices()
	if err != nil || len(found) == 0 {
		t.Fatalf("%v, %v", found, err)
	}
	t.Logf("%+v", found)
}

// TestOwnOp runs an op that brings its GLSL, and refuses one that does not, where it can: when it is recorded.
func TestOwnOp(t *testing.T) {
	d := openDevice(t)
	x := mustAlloc(t, d, backend.F32, 6)
	backend.Write(d, x, 0, []float32{1, 2, 3, 4, 5, 6})
	op := &backend.Op{Name: "lean", Args: "r", GLSL: `
float lean_slope(float p) { return p * 0.5; }
float op_lean(El e, float v, float x) { return (v < x ? v * lean_slope(e.p.x) : v) + float(e.row) * 100.0 + float(e.index.x) * 1000.0; }`,
		F: func(e *backend.El) {}}
	f := backend.Fn{Op: op, P: [4]float32{1}}
	f.Arg[0] = backend.Row(x, 2, 1)
	m := backend.Mat(x, 0, 2, 3)
	backend.Do(d, &backend.Each{Dst: backend.Mat(mustAlloc(t, d, backend.F32, 6), 0, 2, 3), Do: backend.Chain{backend.Load(m), f}})
	y := mustAlloc(t, d, backend.F32, 6)
	backend.Do(d, &backend.Each{Dst: backend.Mat(y, 0, 2, 3), Do: backend.Chain{backend.Load(m), f}})
	got := make([]float32, 6)
	if err := backend.Read(d, got, y, 0); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{0.5, 1001, 2003, 3104, 4105, 5106} {
		if got[i] != want {
			t.Errorf("element %d is %g, want %g", i, got[i], want)
		}
	}
	bare := backend.Fn{Op: &backend.Op{Name: "bare", F: func(*backend.El) {}}}
	broken := backend.Fn{Op: &backend.Op{Name: "broken", F: func(*backend.El) {}, GLSL: "float op_broken(El e, float v) { return w; }"}}
	for _, f := range []backend.Fn{bare, broken} {
		call := &backend.Each{Dst: m, Do: backend.Chain{f}}
		if _, err := backend.Record(d, backend.Step{Calls: []backend.Call{call}}); err == nil || !strings.Contains(err.Error(), f.Op.Name) {
			t.Errorf("recording op %s: %v", f.Op.Name, err)
		}
		if err := d.Sync(); err != nil {
			t.Errorf("Record's error stuck: %v", err)
		}
	}
	backend.Do(d, &backend.Each{Dst: m, Do: backend.Chain{bare}})
	if err := d.Sync(); err == nil || !strings.Contains(err.Error(), "no GLSL") {
		t.Errorf("op without GLSL: %v", err)
	}
}

// TestNoRoomForScratch: where a call's own buffers take all blocks, it runs without scratch, in one group.
func TestNoRoomForScratch(t *testing.T) {
	d := openDevice(t)
	x := mustAlloc(t, d, backend.F32, 100_000)
	y, label := mustAlloc(t, d, backend.F32, 4), mustAlloc(t, d, backend.U32, 50_000)
	backend.Do(d, &backend.Each{Dst: backend.Row(x, 0, 100_000), Do: backend.Chain{backend.Fill(2)}})
	var got [2][4]float32
	for i := range got {
		if i == 1 {
			d.env.Blocks = 3
		}
		backend.Do(d, &backend.Reduce{Rows: 10, Cols: 10_000, Out: [2]backend.Result{
			{Dst: backend.Row(y, 0, 1), Map: backend.Chain{backend.Load(backend.Mat(x, 0, 10, 10_000)), backend.Add(backend.Row(y, 3, 1))}},
			{Dst: backend.Row(y, 1, 1), Map: backend.Chain{backend.Load(backend.Mat(x, 0, 10, 10_000)), backend.Add(backend.Row(y, 3, 1))}, By: backend.Max}}},
			&backend.Xent{Logits: backend.Mat(x, 0, 50_000, 2), Label: backend.Mat(label, 0, 50_000, 1), Loss: backend.Row(y, 2, 1)})
		if err := backend.Read(d, got[i][:], y, 0); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []float64{200_000, 2, 50_000 * math.Ln2} {
		for k := range got {
			if !(math.Abs(float64(got[k][i])-want) <= 1e-4*want) {
				t.Errorf("pass %d: result %d is %g, want %g", k, i, got[k][i], want)
			}
		}
	}
}
