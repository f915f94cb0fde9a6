//go:build cgo && (gl || glfw) && (linux || windows)

package gl_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// mnist is a training step of a 784-128-10 network with Adam, data and all: what nn records, written out by hand.
type mnist struct {
	b       backend.Backend
	weights *backend.Buffer
	losses  *backend.Buffer
	program *backend.Program
}

const (
	batch, in, hidden, out = 32, 784, 128, 10
	rows                   = 512 // of the data set
	nW1, nB1, nW2, nB2     = in * hidden, hidden, hidden * out, out
	nParams                = nW1 + nB1 + nW2 + nB2
)

func newMNIST(t testing.TB, b backend.Backend, steps int) *mnist {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	alloc := func(k backend.Kind, n int) *backend.Buffer {
		buf, err := backend.Alloc(b, k, n)
		if err != nil {
			t.Fatal(err)
		}
		return buf
	}
	images, labels, order := alloc(backend.U8, rows*in), alloc(backend.U32, rows), alloc(backend.U32, steps*batch)
	weights, grads, moments := alloc(backend.F32, nParams), alloc(backend.F32, nParams), alloc(backend.F32, 2*nParams)
	losses, consts, ok, key := alloc(backend.F32, 2*steps), alloc(backend.F32, 8*steps), alloc(backend.F32, 2), alloc(backend.U32, 4)
	acts, y := alloc(backend.F32, batch*(in+2*hidden+2*out)), alloc(backend.U32, batch)

	pixels, classes := make([]byte, rows*in), make([]uint32, rows)
	for i := range classes {
		classes[i] = uint32(r.IntN(out))
		for j := range in {
			pixels[i*in+j] = byte(r.IntN(100) + 100*int(math.Abs(math.Sin(float64(classes[i]+1)*float64(j)))))
		}
	}
	backend.Write(b, images, 0, pixels)
	backend.Write(b, labels, 0, classes)
	w := make([]float32, nParams)
	for i := range w {
		w[i] = float32(r.NormFloat64()) * 0.05
	}
	backend.Write(b, weights, 0, w)
	backend.Write(b, ok, 0, []float32{1, 1.0 / batch})
	backend.Write(b, key, 0, []uint32{7, 8, 0, 0})
	for s := range steps {
		n := float64(s + 1)
		backend.Write(b, consts, 8*s, []float32{float32(1e-3 / (1 - math.Pow(0.9, n))), float32(1 / math.Sqrt(1-math.Pow(0.999, n))),
			1e-8, 1, 0.9, 0.1, 0.999, 0.001})
	}
	backend.Do(b, &backend.Permute{Dst: backend.Row(order, 0, min(rows, steps*batch)), Key: backend.Row(key, 0, 4), N: rows})

	m := &mnist{b: b, weights: weights, losses: losses}
	x, h := backend.Mat(acts, 0, batch, in), backend.Mat(acts, batch*in, batch, hidden)
	dh, z := backend.Mat(acts, batch*(in+hidden), batch, hidden), backend.Mat(acts, batch*(in+2*hidden), batch, out)
	dz := backend.Mat(acts, batch*(in+2*hidden+out), batch, out)
	layer := func(buf *backend.Buffer) (w1, b1, w2, b2 backend.Tensor) {
		return backend.Mat(buf, 0, in, hidden), backend.Row(buf, nW1, nB1), backend.Mat(buf, nW1+nB1, hidden, out), backend.Row(buf, nW1+nB1+nW2, nB2)
	}
	w1, b1, w2, b2 := layer(weights)
	g1, gb1, g2, gb2 := layer(grads)
	picked := backend.Mat(order, 0, batch, 1).Advanced(batch)
	flag, scale := backend.Mat(ok, 0, 1, 1), backend.Mat(ok, 1, 1, 1)
	all := func(buf *backend.Buffer, off int) backend.Tensor { return backend.Row(buf, off, nParams) }
	relu := backend.ReLU()
	calls := []backend.Call{
		&backend.Gather{Dst: x, Table: backend.Mat(images, 0, rows, in), Index: picked, Then: backend.Chain{backend.Affine(1.0/255, 0)}},
		&backend.Gather{Dst: backend.Mat(y, 0, batch, 1), Table: backend.Mat(labels, 0, rows, 1), Index: picked},
		&backend.MatMul{Dst: h, A: x, B: w1, Then: backend.Chain{backend.Add(b1), relu}},
		&backend.MatMul{Dst: z, A: h, B: w2, Then: backend.Chain{backend.Add(b2)}},
		&backend.Xent{Logits: z, Label: backend.Mat(y, 0, batch, 1), Scale: scale, Grad: dz,
			Loss: backend.Mat(losses, 0, 1, 1).Advanced(2), Correct: backend.Mat(losses, 1, 1, 1).Advanced(2), Then: backend.Chain{backend.Guard(flag)}},
		&backend.MatMul{Dst: dh, A: dz, B: w2, TransB: true, Then: backend.Chain{backend.Gradient(relu, backend.Tensor{}, h)}},
		&backend.MatMul{Dst: g2, A: h, B: dz, TransA: true},
		&backend.Reduce{Rows: batch, Cols: out, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: gb2, Map: backend.Chain{backend.Load(dz)}}}},
		&backend.MatMul{Dst: g1, A: x, B: dh, TransA: true},
		&backend.Reduce{Rows: batch, Cols: hidden, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: gb1, Map: backend.Chain{backend.Load(dh)}}}},
		&backend.Each{Dst: backend.Tensor{Rows: 1, Cols: nParams}, Do: backend.Chain{backend.Load(all(grads, 0)),
			backend.Adam(flag, all(weights, 0), all(moments, 0), all(moments, nParams), backend.Row(consts, 0, 8).Advanced(8))}},
	}
	norm, err := backend.Alloc(b, backend.F32, 1)
	if err != nil {
		t.Fatal(err)
	}
	calls = slices.Insert(calls, len(calls)-1, backend.Call(&backend.Reduce{Rows: 1, Cols: nParams, Out: [2]backend.Result{
		{Dst: backend.Mat(norm, 0, 1, 1), Map: backend.Chain{backend.Load(all(grads, 0)), backend.Square()}, Then: backend.Chain{backend.Guard(flag)}}}}))
	if m.program, err = backend.Record(b, backend.Step{Calls: calls, Steps: steps}); err != nil {
		t.Fatal(err)
	}
	return m
}

func read(t testing.TB, b backend.Backend, buf *backend.Buffer) []float32 {
	t.Helper()
	x := make([]float32, buf.Len())
	if err := backend.Read(b, x, buf, 0); err != nil {
		t.Fatal(err)
	}
	return x
}

func TestTrainingStep(t *testing.T) {
	const steps = 16
	var first []float32
	for run := range 2 {
		m := newMNIST(t, open(t), steps)
		m.b.Sync()
		before := m.b.Stats()
		m.program.Run(steps)
		if err := m.b.Sync(); err != nil {
			t.Fatal(err)
		}
		d := m.b.Stats().Sub(before)
		t.Logf("run %d: %d dispatches and %d barriers a step", run, d.Dispatches/steps, d.Barriers/steps)
		if d.Submits != 1 && d.Submits != d.Dispatches { // or one by one, looking for errors (gldebug)
			t.Errorf("a run of %d steps came to the driver's functions %d times, want 1", steps, d.Submits)
		}
		if d.Dispatches > 6*steps || d.Reads != 0 || d.Writes != 0 || d.Allocs != 0 || d.Waits != 1 { // the Sync above
			t.Errorf("a step costs too much: %+v", d)
		}
		got := read(t, m.b, m.weights)
		if run == 0 {
			first = got
		} else if !slices.Equal(first, got) {
			t.Error("two runs differ")
		}
	}
	want := newMNIST(t, ref.Open(), steps)
	want.program.Run(steps)
	w, l := read(t, want.b, want.weights), read(t, want.b, want.losses)
	num, den := 0.0, 0.0
	for i := range w {
		num += math.Pow(float64(first[i])-float64(w[i]), 2)
		den += math.Pow(float64(w[i]), 2)
	}
	if e := math.Sqrt(num / den); !(e < 1e-3) {
		t.Errorf("relative error of the weights after %d steps: %g", steps, e)
	} else {
		t.Logf("relative error of the weights after %d steps: %.2g; losses %.4f … %.4f", steps, e, l[0], l[2*steps-2])
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	m := newMNIST(t, open(t), 4)
	m.program.Run(4)
	m.b.Sync()
	if n := testing.AllocsPerRun(20, func() { m.program.Run(1) }); n > 0.5 {
		t.Errorf("Run allocates %.1f times", n)
	}
}

func BenchmarkTrainingStep(b *testing.B) {
	m := newMNIST(b, open(b), 16)
	m.program.Run(16)
	m.b.Sync()
	for b.Loop() {
		m.program.Run(16)
		m.b.Sync()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/16, "µs/step")
}
