//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

func waves(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Sin(float64(i) * 1.7))
	}
	return x
}

// other is the first place where two results are not the same to the bit, −1 if there is none.
func other(got, want []float32) int {
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			return i
		}
	}
	return -1
}

// sameBits runs one step of many models as a program, and then some of them call by call: the results, out floats from
// each model, are the same to the bit.
func sameBits(t *testing.T, d *device, out *backend.Buffer, each, models, every int, calls ...backend.Call) (launches int64) {
	t.Helper()
	p, err := backend.Record(d, backend.Step{Models: models, Calls: calls})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	before := d.Stats().Dispatches
	p.Run(1)
	launches = d.Stats().Dispatches - before
	got, want := make([]float32, models*each), make([]float32, models*each)
	if err := backend.Read(d, got, out, 0); err != nil {
		t.Fatal(err)
	}
	backend.Write(d, out, 0, want)
	for m := 0; m < models; m += every {
		for _, c := range calls {
			d.Do(c, backend.At{Model: m})
		}
	}
	if err := backend.Read(d, want, out, 0); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if m := i / each; m%every == 0 && math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Errorf("model %d of %d: %g in a program, %g alone", m, models, got[i], want[i])
			return launches
		}
	}
	return launches
}

// TestManyModelsSameBits: how many models share a launch decides nothing about how one of them is computed.
func TestManyModelsSameBits(t *testing.T) {
	d := openDevice(t)
	for _, c := range []struct{ models, rows, cols, turns int }{
		{600, 1, 9000, 1},    // as many groups as once made reductions go without parts
		{520, 9000, 3, 1},    // as many columns in a group as there are
		{22_000, 1, 8193, 2}, // three parts of each: more groups than a launch takes
	} {
		if c.models > 2000 && testing.Short() {
			continue
		}
		n := c.rows * c.cols
		each := c.cols
		if c.rows == 1 {
			each = 1
		}
		x, y := mustAlloc(t, d, backend.F32, n+c.models), mustAlloc(t, d, backend.F32, c.models*each)
		backend.Write(d, x, 0, waves(n+c.models))
		in, axis, out := backend.Mat(x, 0, c.rows, c.cols), backend.OverRows, backend.Row(y, 0, each)
		in.Model, out.Model = 1, each
		if c.rows == 1 {
			axis = backend.OverAll
		}
		launches := sameBits(t, d, y, each, c.models, 1+c.models/300, &backend.Reduce{Rows: c.rows, Cols: c.cols, Axis: axis,
			Out: [2]backend.Result{{Dst: out, Map: backend.Chain{backend.Load(in)}}}})
		if launches != int64(c.turns) {
			t.Errorf("%d models take %d launches, want %d", c.models, launches, c.turns)
		}
		x.Release()
		y.Release()
	}
}

func TestManyModelsSameLoss(t *testing.T) {
	d := openDevice(t)
	const models, m, n = 600, 2100, 4
	x, y, label := mustAlloc(t, d, backend.F32, m*n+models), mustAlloc(t, d, backend.F32, 2*models), mustAlloc(t, d, backend.U32, m)
	wide := mustAlloc(t, d, backend.F32, 9000+models)
	backend.Write(d, x, 0, waves(m*n+models))
	backend.Write(d, wide, 0, waves(9000+models))
	logits, loss, long, sum := backend.Mat(x, 0, m, n), backend.Row(y, 0, 1), backend.Row(wide, 0, 9000), backend.Row(y, 1, 1)
	logits.Model, loss.Model, long.Model, sum.Model = 1, 2, 1, 2
	sameBits(t, d, y, 2, models, 1,
		&backend.Xent{Logits: logits, Label: backend.Mat(label, 0, m, 1), Loss: loss},
		&backend.Reduce{Rows: 1, Cols: 9000, Out: [2]backend.Result{{Dst: sum, Map: backend.Chain{backend.Load(long)}}}})
}

// TestScratchBound: where the driver lets shaders see little memory at once, fewer models share a launch.
func TestScratchBound(t *testing.T) {
	d := openDevice(t)
	d.env.Scratch = 5000
	const models, n = 600, 9000
	x, y := mustAlloc(t, d, backend.F32, n+models), mustAlloc(t, d, backend.F32, models)
	backend.Write(d, x, 0, waves(n+models))
	in, out := backend.Row(x, 0, n), backend.Row(y, 0, 1)
	in.Model, out.Model = 1, 1
	if l := sameBits(t, d, y, 1, models, 1, &backend.Reduce{Rows: 1, Cols: n,
		Out: [2]backend.Result{{Dst: out, Map: backend.Chain{backend.Load(in)}}}}); l <= 1 || l == models {
		t.Errorf("%d launches", l)
	}
}

// TestXentWithoutRoom: eight buffers on a device that binds eight leave none for the scratch.
func TestXentWithoutRoom(t *testing.T) {
	d := openDevice(t)
	const m, n = 200_000, 2
	size := []int{m * n, m, n, 1, m * n, 1, 1}
	var b []*backend.Buffer
	for _, s := range size {
		b = append(b, mustAlloc(t, d, backend.F32, s))
	}
	label := mustAlloc(t, d, backend.U32, m)
	backend.Write(d, b[0], 0, waves(m*n))
	backend.Write(d, b[1], 0, waves(m))
	backend.Write(d, b[2], 0, []float32{1, 2})
	backend.Write(d, b[3], 0, []float32{0.5})
	call := &backend.Xent{Logits: backend.Mat(b[0], 0, m, n), Label: backend.Mat(label, 0, m, 1), Weight: backend.Mat(b[1], 0, m, 1),
		Class: backend.Row(b[2], 0, n), Scale: backend.Row(b[3], 0, 1), Grad: backend.Mat(b[4], 0, m, n),
		Loss: backend.Row(b[5], 0, 1), Correct: backend.Row(b[6], 0, 1), Then: backend.Chain{backend.Affine(2, 1)}}
	var got [2][]float32
	for i, blocks := range []int{16, 8} {
		if d.env.Blocks = blocks; d.rt.Limits().StorageBlocks < blocks {
			t.Skip("this device binds 8")
		}
		for range 2 { // the counters in the scratch are as they were
			backend.Do(d, call)
			got[i] = make([]float32, m*n+2)
			for _, r := range []struct {
				dst []float32
				buf *backend.Buffer
			}{{got[i][:m*n], b[4]}, {got[i][m*n:][:1], b[5]}, {got[i][m*n+1:], b[6]}} {
				if err := backend.Read(d, r.dst, r.buf, 0); err != nil {
					t.Fatal(err)
				}
				backend.Write(d, r.buf, 0, make([]float32, len(r.dst)))
			}
		}
	}
	if got[1][m*n+1] == 0 {
		t.Error("no row is correct")
	}
	for i := range got[0] {
		if got[0][i] != got[1][i] {
			t.Fatalf("element %d is %g with 16 blocks and %g with 8", i, got[0][i], got[1][i])
		}
	}
}

// TestLoopBound: hardware is not held to what llvmpipe can do.
func TestLoopBound(t *testing.T) {
	d := openDevice(t)
	if software := d.Info().Software; software != (d.env.Loop == plan.LLVMPipeLoop) {
		t.Errorf("software %v, loops of %d", software, d.env.Loop)
	}
}
