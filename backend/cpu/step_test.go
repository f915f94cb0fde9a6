package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
)

// A net is a recorded training step of the perceptron in-hidden-out with Adam, made of raw calls: parameters, their
// gradients and Adam's two moments are a buffer each.
type net struct {
	t       testing.TB
	b       backend.Backend
	program *backend.Program
	params  *backend.Buffer
	loss    *backend.Buffer
	rng     *rand.Rand
}

func rng() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

const netSteps = 8

func newNet(t testing.TB, b backend.Backend, batch, in, hidden, out int) *net {
	n := &net{t: t, b: b, rng: rng()}
	sizes := []int{in * hidden, hidden, hidden * out, out}
	total := 0
	for _, s := range sizes {
		total += s
	}
	n.params = n.floats(total, 0.05)
	grads, m, v := n.floats(total, 0), n.floats(total, 0), n.floats(total, 0)
	n.loss = n.floats(netSteps, 0)
	ok := backend.Row(n.filled(1, func(int) float32 { return 1 }), 0, 1)
	consts := backend.Row(n.filled(8*netSteps, func(i int) float32 {
		return [8]float32{0.003, 1.2, 1e-8, 1, 0.9, 0.1, 0.999, 0.001}[i%8]
	}), 0, 8).Advanced(8)

	layout := func(buf *backend.Buffer) (w1, b1, w2, b2 backend.Tensor) {
		at := in * hidden
		return backend.Mat(buf, 0, in, hidden), backend.Row(buf, at, hidden),
			backend.Mat(buf, at+hidden, hidden, out), backend.Row(buf, at+hidden+hidden*out, out)
	}
	w1, b1, w2, b2 := layout(n.params)
	dw1, db1, dw2, db2 := layout(grads)
	x := backend.Mat(n.floats(netSteps*batch*in, 1), 0, batch, in).Advanced(batch * in)
	labels := backend.Mat(n.labels(netSteps*batch, out), 0, batch, 1).Advanced(batch)
	h, dh := backend.Mat(n.floats(batch*hidden, 0), 0, batch, hidden), backend.Mat(n.floats(batch*hidden, 0), 0, batch, hidden)
	z, dz := backend.Mat(n.floats(batch*out, 0), 0, batch, out), backend.Mat(n.floats(batch*out, 0), 0, batch, out)
	scale := backend.Row(n.filled(1, func(int) float32 { return 1 / float32(batch) }), 0, 1)
	sum := func(dst, g backend.Tensor) *backend.Reduce {
		return &backend.Reduce{Rows: g.Rows, Cols: g.Cols, Axis: backend.OverRows,
			Out: [2]backend.Result{{Dst: dst, Map: backend.Chain{backend.Load(g)}}}}
	}
	calls := []backend.Call{
		&backend.MatMul{Dst: h, A: x, B: w1, Then: backend.Chain{backend.Add(b1), backend.ReLU()}},
		&backend.MatMul{Dst: z, A: h, B: w2, Then: backend.Chain{backend.Add(b2)}},
		&backend.Xent{Logits: z, Label: labels, Scale: scale, Loss: backend.Row(n.loss, 0, 1).Advanced(1), Grad: dz},
		&backend.MatMul{Dst: dw2, A: h, B: dz, TransA: true},
		sum(db2, dz),
		&backend.MatMul{Dst: dh, A: dz, B: w2, TransB: true, Then: backend.Chain{backend.Gradient(backend.ReLU(), h, h)}},
		&backend.MatMul{Dst: dw1, A: x, B: dh, TransA: true},
		sum(db1, dh),
		&backend.Each{Dst: backend.Tensor{Rows: 1, Cols: total}, Do: backend.Chain{backend.Load(backend.Row(grads, 0, total)),
			backend.Adam(ok, backend.Row(n.params, 0, total), backend.Row(m, 0, total), backend.Row(v, 0, total), consts)}},
	}
	var err error
	if n.program, err = backend.Record(b, backend.Step{Calls: calls, Steps: netSteps}); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *net) filled(size int, f func(i int) float32) *backend.Buffer {
	buf, err := backend.Alloc(n.b, backend.F32, size)
	if err != nil {
		n.t.Fatal(err)
	}
	x := make([]float32, size)
	for i := range x {
		x[i] = f(i)
	}
	backend.Write(n.b, buf, 0, x)
	return buf
}

func (n *net) floats(size int, std float64) *backend.Buffer {
	return n.filled(size, func(int) float32 { return float32(std * n.rng.NormFloat64()) })
}

func (n *net) labels(size, classes int) *backend.Buffer {
	buf, err := backend.Alloc(n.b, backend.U32, size)
	if err != nil {
		n.t.Fatal(err)
	}
	x := make([]uint32, size)
	for i := range x {
		x[i] = n.rng.Uint32N(uint32(classes))
	}
	backend.Write(n.b, buf, 0, x)
	return buf
}

func (n *net) read(buf *backend.Buffer) []float32 {
	x := make([]float32, buf.Len())
	if err := backend.Read(n.b, x, buf, 0); err != nil {
		n.t.Fatal(err)
	}
	return x
}

// A training step gives the same bits with any number of workers.
// TestBitsDoNotDependOnWorkers, nor do those of a batch so deep that workers share the sums over its rows.
func TestBitsDoNotDependOnWorkers(t *testing.T) {
	for _, z := range []struct {
		batch, in, hidden, out, runs int
		loss                         float32
	}{{70, 300, 130, 11, 3, 2}, {4500, 20, 30, 11, 1, 2.5}} {
		var want []float32
		for _, workers := range []int{1, 2, 3, 5} {
			b := cpu.Open(cpu.Workers(workers))
			defer b.Close()
			n := newNet(t, b, z.batch, z.in, z.hidden, z.out)
			for range z.runs {
				n.program.Run(netSteps)
			}
			got := append(n.read(n.params), n.read(n.loss)...)
			if want == nil {
				want = got
				if last := want[len(want)-1]; !(last < z.loss) {
					t.Errorf("batch %d: the loss is still %v", z.batch, last)
				}
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("batch %d: with %d workers number %d is %v, with one %v", z.batch, workers, i, got[i], want[i])
				}
			}
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		b := cpu.Open(cpu.Workers(workers))
		defer b.Close()
		n := newNet(t, b, 128, 784, 128, 10)
		if a := testing.AllocsPerRun(20, func() { n.program.Run(2) }); a != 0 {
			t.Errorf("%d workers: %v allocations a run", workers, a)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, v := range append(variants, variant{"cpu", nil}) {
		for _, batch := range []int{32, 128} {
			b.Run(fmt.Sprintf("784-128-10/b%d/%s", batch, v.name), func(b *testing.B) {
				dev := cpu.Open(v.opts...)
				defer dev.Close()
				n := newNet(b, dev, batch, 784, 128, 10)
				n.program.Run(netSteps)
				b.ReportAllocs()
				b.ResetTimer()
				for i := 0; i < b.N; i += netSteps {
					n.program.Run(min(netSteps, b.N-i))
				}
			})
		}
	}
}
