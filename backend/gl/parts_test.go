//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"errors"
	"math"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/internal/host"
)

// openNarrow gives a device whose shaders see so many bytes of a buffer at once: what a large buffer is to a real one, small
// ones are to it.
func openNarrow(t testing.TB, block int64) *device {
	d := openDevice(t)
	d.env.Block = block
	return d
}

// TestRunInParts is the whole contract on buffers that are not bound whole.
func TestRunInParts(t *testing.T) {
	if os.Getenv("GLOSS_LONG") == "" {
		t.Skip("GLOSS_LONG is not set, and TestPartsChangeNoBit has all calls")
	}
	const block = 288 << 10 // a row of 70,000, the suite's longest
	backendtest.Run(t, func(t testing.TB) backend.Backend { return openNarrow(t, block) })
}

// TestPartsChangeNoBit: calls give the same bits in however many launches; but a loss, whose rows are added launch by
// launch.
func TestPartsChangeNoBit(t *testing.T) {
	const m, n, k = 150, 70, 300
	whole, narrow := openDevice(t), openNarrow(t, 8<<10)
	results := func(d *device) (out [][]float32, launches int64) {
		x, y, z := mustAlloc(t, d, backend.F32, 60_000), mustAlloc(t, d, backend.F32, 60_000), mustAlloc(t, d, backend.F32, 60_000)
		bytes, index, key := mustAlloc(t, d, backend.U8, 60_000), mustAlloc(t, d, backend.U32, 2*m), mustAlloc(t, d, backend.U32, 4)
		order := mustAlloc(t, d, backend.U32, 40_000)
		in := waves(60_000)
		backend.Write(d, x, 0, in)
		pixels, rows := make([]byte, 60_000), make([]uint32, 2*m)
		for i := range pixels {
			pixels[i] = byte(i * i >> 3)
		}
		for i := range rows {
			rows[i] = uint32(i*37) % (m + 3)
		}
		backend.Write(d, bytes, 0, pixels)
		backend.Write(d, index, 0, rows)
		backend.Write(d, key, 0, []uint32{1, 2, 3, 4})
		wide := func(b *backend.Buffer, off, r, c int) backend.Tensor {
			return backend.Tensor{Buf: b, Off: off, Rows: r, Cols: c, Stride: c + 11}
		}
		load := func(t backend.Tensor) backend.Chain { return backend.Chain{backend.Load(t)} }
		dst := wide(y, 5, m, n)
		for _, c := range []backend.Call{
			&backend.MatMul{Dst: dst, A: wide(x, 1, m, k), B: wide(x, 99, k, n), Beta: 0.5,
				Then: backend.Chain{backend.Add(backend.Row(x, 9, n)), backend.Keep(wide(z, 3, m, n)), backend.Affine(2, 1)}},
			&backend.MatMul{Dst: dst, A: wide(x, 1, k, m), B: wide(x, 99, n, k), TransA: true, TransB: true},
			&backend.Each{Dst: dst, Do: backend.Chain{backend.UniformFill(0, 1, 3, backend.Row(key, 0, 4)), backend.Mul(wide(x, 7, m, n)), backend.Add(backend.Mat(x, 0, m, 1))}},
			&backend.Each{Dst: backend.Row(y, 0, 50_000), Do: load(backend.Row(x, 3, 50_000))},
			&backend.Gather{Dst: dst, Table: wide(bytes, 2, m, n), Index: backend.Mat(index, 0, m, 1), Then: backend.Chain{backend.Affine(0.5, 1)}},
			&backend.Gather{Dst: dst, Table: wide(x, 2, m, n), Index: backend.Mat(index, 0, m, 2), Then: backend.Chain{backend.Affine(0.5, 1)}},
			&backend.Scatter{Dst: dst, Src: wide(x, 2, m, n), Index: backend.Mat(index, 0, m, 2), Beta: 0.5},
			&backend.Scatter{Dst: wide(y, 5, m, 3), Src: wide(x, 2, 60, 3), Index: backend.Mat(index, 0, 60, 1)},
			&backend.Permute{Dst: wide(order, 1, 200, 150), Key: backend.Row(key, 0, 4), N: 29_000},
			&backend.Reduce{Rows: 700, Cols: 60, Out: [2]backend.Result{{Dst: backend.Row(y, 0, 1), Map: load(wide(x, 0, 700, 60))},
				{Dst: backend.Row(y, 1, 1), By: backend.Max, Map: load(wide(x, 0, 700, 60))}}},
			&backend.Reduce{Rows: 1, Cols: 50_000, Out: [2]backend.Result{{Dst: backend.Row(y, 0, 1), Map: load(backend.Row(x, 0, 50_000))}}},
			&backend.Reduce{Rows: 700, Cols: 60, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: backend.Row(y, 0, 60), Map: load(wide(x, 0, 700, 60)), Beta: 2}}},
			&backend.Reduce{Rows: 700, Cols: 60, Axis: backend.OverCols, Out: [2]backend.Result{{Dst: backend.Mat(y, 0, 700, 1), Map: load(wide(x, 0, 700, 60))}}},
			&backend.Xent{Logits: wide(x, 0, 700, 60), Label: backend.Mat(order, 0, 700, 1), Grad: wide(y, 3, 700, 60), Correct: backend.Row(z, 0, 1)},
		} {
			backend.Do(d, c)
			for _, b := range []*backend.Buffer{y, z} {
				got := make([]float32, b.Len())
				if err := backend.Read(d, got, b, 0); err != nil {
					t.Fatalf("%s: %v", c.Name(), err)
				}
				out = append(out, got)
			}
			got := make([]uint32, order.Len())
			if err := backend.Read(d, got, order, 0); err != nil {
				t.Fatal(err)
			}
			as := make([]float32, len(got))
			for i, v := range got {
				as[i] = math.Float32frombits(v)
			}
			out = append(out, as)
		}
		return out, d.Stats().Dispatches
	}
	want, few := results(whole)
	got, many := results(narrow)
	if many < 5*few {
		t.Errorf("%d launches in parts, %d for whole buffers", many, few)
	}
	for i := range want {
		for j := range want[i] {
			if math.Float32bits(got[i][j]) != math.Float32bits(want[i][j]) {
				t.Errorf("call %d, buffer %d, element %d: %g in parts, %g whole", i/3, i%3, j, got[i][j], want[i][j])
				break
			}
		}
	}
}

// TestGigabyte: an op and a product of 2²⁸ elements, in buffers of a gigabyte, which llvmpipe binds 128 MiB of.
func TestGigabyte(t *testing.T) {
	if os.Getenv("GLOSS_LONG") == "" {
		t.Skip("GLOSS_LONG is not set")
	}
	if host.Memory() < 6<<30 {
		t.Skipf("the machine has %d bytes of memory, the test takes up to 6 GiB", host.Memory())
	}
	const m, n, k = 1 << 12, 1 << 16, 3
	d := openDevice(t)
	a, b := mustAlloc(t, d, backend.F32, m*k), mustAlloc(t, d, backend.F32, k*n)
	x, y := mustAlloc(t, d, backend.F32, m*n), mustAlloc(t, d, backend.F32, m*n)
	wa, wb := waves(m*k), waves(k*n)
	backend.Write(d, a, 0, wa)
	backend.Write(d, b, 0, wb)
	backend.Do(d, &backend.MatMul{Dst: backend.Mat(x, 0, m, n), A: backend.Mat(a, 0, m, k), B: backend.Mat(b, 0, k, n)},
		&backend.Each{Dst: backend.Row(y, 0, m*n), Do: backend.Chain{backend.Load(backend.Row(x, 0, m*n)), backend.Affine(2, 1)}})
	got, twice := make([]float32, 1), make([]float32, 1)
	for s := range 1000 {
		at := (s*268_435 + s*s) % (m * n) // all over, and at both ends
		if s < 8 {
			at = []int{0, m*n - 1, 1 << 25, 1<<25 - 1, 1 << 27, 1<<27 - 1, n, n - 1}[s]
		}
		i, j := at/n, at%n
		want := 0.0
		for l := range k {
			want += float64(wa[i*k+l]) * float64(wb[l*n+j])
		}
		if err := errors.Join(backend.Read(d, got, x, at), backend.Read(d, twice, y, at)); err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(float64(got[0])-want) < 1e-6) || twice[0] != 2*got[0]+1 {
			t.Fatalf("element %d: product %g, want %g; twice and one %g", at, got[0], want, twice[0])
		}
	}
	sum := mustAlloc(t, d, backend.F32, 2)
	backend.Do(d, &backend.Each{Dst: backend.Row(x, 0, m*n), Do: backend.Chain{backend.Fill(0.5)}},
		&backend.Reduce{Rows: m, Cols: n, Out: [2]backend.Result{{Dst: backend.Row(sum, 0, 1), Map: backend.Chain{backend.Load(backend.Mat(x, 0, m, n))}},
			{Dst: backend.Row(sum, 1, 1), By: backend.Max, Map: backend.Chain{backend.Load(backend.Mat(y, 0, m, n))}}}})
	both := make([]float32, 2)
	if err := backend.Read(d, both, sum, 0); err != nil || both[0] != m*n/2 {
		t.Errorf("the sum of %d halves is %g: %v", m*n, both[0], err)
	}
}

// TestMoreThanThereIs: memory beyond the machine's is refused before the driver is asked.
func TestMoreThanThereIs(t *testing.T) {
	d := openDevice(t)
	if !d.Info().Software || host.Memory() == 0 {
		t.Skip("the driver knows what its device has")
	}
	var full *backend.MemoryError
	if _, err := backend.Alloc(d, backend.F32, int(host.Memory()/4+1)); !errors.As(err, &full) || full.Budget != host.Memory() {
		t.Errorf("%v", err)
	}
}

// TestStages: an operand that moves further over a program's steps than shaders see of its buffer, and models that lie
// further apart.
func TestStages(t *testing.T) {
	const steps, models, n = 50, 3, 300
	d := openNarrow(t, 4<<10)
	x, y := mustAlloc(t, d, backend.F32, steps*n), mustAlloc(t, d, backend.F32, models*steps*n)
	in := waves(steps * n)
	backend.Write(d, x, 0, in)
	dst := backend.Row(y, 0, n).Advanced(n)
	dst.Model = steps * n
	p, err := backend.Record(d, backend.Step{Steps: steps, Models: models, Calls: []backend.Call{
		&backend.Each{Dst: dst, Do: backend.Chain{backend.Load(backend.Row(x, 0, n).Advanced(n)), backend.Affine(2, 1)}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	p.Run(40)
	got := make([]float32, models*steps*n)
	if err := backend.Read(d, got, y, 0); err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		step, at := i/n%steps, i%(steps*n)
		want := float32(0)
		if step < 40 {
			want = 2*in[at] + 1
		}
		if v != want {
			t.Fatalf("model %d, step %d, element %d: %g, want %g", i/(steps*n), step, i%n, v, want)
		}
	}
	if calls := d.Stats().Calls; calls != 40*models {
		t.Errorf("%d calls, want %d", calls, 40*models)
	}
}

// TestTooWide: what no cut makes short enough is an error that says so.
func TestTooWide(t *testing.T) {
	d := openNarrow(t, 4<<10)
	x, y := mustAlloc(t, d, backend.F32, 4000), mustAlloc(t, d, backend.F32, 1)
	_, err := backend.Record(d, backend.Step{Calls: []backend.Call{&backend.Xent{Logits: backend.Mat(x, 0, 2, 2000),
		Target: backend.Mat(x, 0, 2, 2000), Loss: backend.Row(y, 0, 1)}}})
	const want = "gl: Xent: LOGITS, 1×2000, covers 8000 bytes at once, over 1 steps and 1 models; shaders of this device see 4096"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
