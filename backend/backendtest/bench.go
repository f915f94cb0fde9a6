package backendtest

import (
	"fmt"
	"math/bits"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// RunBench times calls on the backend that open returns, which it closes. Products report GFLOP/s, what moves memory
// reports GB/s of operands read and results written. Each figure includes what it takes to queue the calls and the
// wait for the last one.
func RunBench(b *testing.B, open func(t testing.TB) backend.Backend) {
	dev := open(b)
	defer dev.Close()
	b.Run("MatMul", func(b *testing.B) { benchMatMul(b, dev) })
	b.Run("Ops", func(b *testing.B) { benchOps(b, dev) })
	b.Run("Reduce", func(b *testing.B) { benchReduce(b, dev) })
	b.Run("Xent", func(b *testing.B) { benchXent(b, dev) })
	b.Run("Rows", func(b *testing.B) { benchRows(b, dev) })
	b.Run("Program", func(b *testing.B) { benchProgram(b, dev) })
}

// work is what one call does.
type work struct{ flops, bytes int }

// timed runs the call, waiting every now and then so that a queue does not just grow.
func timed(b *testing.B, w *world, do work, calls ...backend.Call) {
	b.Helper()
	backend.Do(w.b, calls...) // kernels are compiled, workers awake
	w.must(w.b.Sync())
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		backend.Do(w.b, calls...)
		if n++; n%16 == 0 {
			w.must(w.b.Sync())
		}
	}
	w.must(w.b.Sync())
	report(b, do)
}

func report(b *testing.B, do work) {
	s := b.Elapsed().Seconds() / float64(b.N)
	if do.flops > 0 {
		b.ReportMetric(float64(do.flops)/s/1e9, "GFLOP/s")
	}
	if do.bytes > 0 {
		b.ReportMetric(float64(do.bytes)/s/1e9, "GB/s")
	}
}

func benchMatMul(b *testing.B, dev backend.Backend) {
	for _, z := range [][3]int{{32, 784, 128}, {128, 784, 128}, {128, 128, 10}, {256, 256, 256}, {512, 512, 512}} {
		for _, tr := range []struct {
			name   string
			ta, tb bool
		}{{"nn", false, false}, {"nt", false, true}, {"tn", true, false}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", tr.name, z[0], z[1], z[2]), func(b *testing.B) {
				w := newWorld(b, dev)
				timed(b, w, work{flops: 2 * z[0] * z[1] * z[2]}, w.product(z[0], z[1], z[2], tr.ta, tr.tb, 0, normal(1)))
			})
		}
	}
}

// benchOps times every op of the table over a million elements.
func benchOps(b *testing.B, dev backend.Backend) {
	for _, op := range backend.Ops() {
		b.Run(op.Name, func(b *testing.B) {
			w := newWorld(b, dev)
			in := inputsOf(op)
			o := opCall{op: op, in: &in, rows: 1024, cols: 1024}
			c := o.build(w)
			bytes := 0
			c.Walk(func(o backend.Operand) {
				if o.Tensor.Buf.Kind() == backend.F32 {
					bytes += 4 * o.Tensor.Size() * (bits.OnesCount8(uint8(o.Access)))
				}
			})
			timed(b, w, work{bytes: bytes}, c)
		})
	}
}

func benchReduce(b *testing.B, dev backend.Backend) {
	for _, z := range [][2]int{{1024, 1024}, {128, 784}} {
		for _, axis := range axes {
			b.Run(fmt.Sprintf("%v/%dx%d", axis, z[0], z[1]), func(b *testing.B) {
				w := newWorld(b, dev)
				c := &backend.Reduce{Rows: z[0], Cols: z[1], Axis: axis}
				m, n := c.Shape()
				c.Out[0] = backend.Result{Dst: w.floats(m, n, poison), Map: backend.Chain{backend.Load(w.floats(z[0], z[1], normal(1)))}}
				timed(b, w, work{bytes: 4 * z[0] * z[1]}, c)
			})
		}
	}
}

func benchXent(b *testing.B, dev backend.Backend) {
	for _, z := range [][2]int{{128, 10}, {1024, 1000}} {
		b.Run(fmt.Sprintf("%dx%d", z[0], z[1]), func(b *testing.B) {
			w := newWorld(b, dev)
			timed(b, w, work{bytes: 8 * z[0] * z[1]}, xentParts[0].build(w, z[0], z[1]))
		})
	}
}

func benchRows(b *testing.B, dev backend.Backend) {
	const m, n, r = 512, 784, 10000
	b.Run("gather/F32", func(b *testing.B) {
		w := newWorld(b, dev)
		timed(b, w, work{bytes: 8 * m * n}, &backend.Gather{Dst: w.floats(m, n, poison), Table: w.floats(r, n, normal(1)), Index: w.ints(m, 1, rowIndex(r))})
	})
	b.Run("gather/U8", func(b *testing.B) {
		w := newWorld(b, dev)
		timed(b, w, work{bytes: 5 * m * n}, &backend.Gather{Dst: w.floats(m, n, poison), Table: w.bytes(r, n), Index: w.ints(m, 1, rowIndex(r)),
			Then: backend.Chain{backend.Affine(1.0/255, 0)}})
	})
	b.Run("scatter", func(b *testing.B) {
		w := newWorld(b, dev)
		timed(b, w, work{bytes: 12 * m * n}, &backend.Scatter{Dst: w.floats(r, n, normal(1)), Src: w.floats(m, n, normal(1)), Index: w.ints(m, 1, rowIndex(r)), Beta: 1})
	})
	b.Run("permute", func(b *testing.B) {
		w := newWorld(b, dev)
		timed(b, w, work{bytes: 4 * m * n}, &backend.Permute{Dst: w.ints(m, n, noise), Key: w.rowInts(1, 2, 3, 0), N: m * n})
	})
}

// benchProgram times a step of the rig, which is all overhead: the network is tiny.
func benchProgram(b *testing.B, dev backend.Backend) {
	const steps = 64
	w := newWorld(b, dev)
	r := newRig(w, 1, steps, 1)
	p := w.record(r.step)
	p.Run(steps)
	w.must(dev.Sync())
	b.ReportAllocs()
	for b.Loop() {
		p.Run(steps)
		w.must(dev.Sync())
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N)/steps, "µs/step")
}
