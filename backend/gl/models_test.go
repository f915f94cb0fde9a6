//go:build cgo && (gl || glfw) && (linux || windows)

package gl_test

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// family is a step of several models with every kind of call; each model has a part of one buffer of each kind.
func family(t *testing.T, b backend.Backend, models, steps int, shared bool) []float32 {
	t.Helper()
	const m, n, long = 24, 5, 9000
	const part = 4*m*n + long + 64
	f, u := alloc(t, b, backend.F32, models*part), alloc(t, b, backend.U32, models*2*m+8)
	init, labels := make([]float32, models*part), make([]uint32, models*2*m+8)
	for i := range init {
		init[i] = float32(math.Sin(float64(i)))
	}
	for i := range labels {
		labels[i] = uint32(i*i) % n
	}
	backend.Write(b, f, 0, init)
	backend.Write(b, u, 0, labels)
	off := 0
	mat := func(r, c int) backend.Tensor {
		x := backend.Mat(f, off, r, c)
		x.Model = part
		off += r * c
		return x
	}
	x, y, w, grad, tail := mat(m, n), mat(m, n), mat(n, n), mat(m, n), mat(1, long)
	sum, loss, hits := mat(1, 1), mat(1, 1), mat(1, 1)
	label := backend.Mat(u, 8, m, 1)
	label.Model = 2 * m
	order := backend.Mat(u, 8+m, m, 1)
	order.Model = 2 * m
	if shared {
		sum.Model = 0
	}
	p, err := backend.Record(b, backend.Step{Steps: steps, Models: models, Calls: []backend.Call{
		&backend.Permute{Dst: order, Key: backend.Row(u, 0, 4), N: m},
		&backend.Gather{Dst: y, Table: x, Index: order},
		&backend.MatMul{Dst: x, A: y, B: w, Then: backend.Chain{backend.Affine(0.2, 0), backend.Tanh()}},
		&backend.Xent{Logits: x, Label: label, Grad: grad, Loss: loss, Correct: hits},
		&backend.Scatter{Dst: y, Src: grad, Index: order, Beta: 0.5},
		&backend.MatMul{Dst: w, A: x, B: grad, TransA: true, Beta: 0.9},
		&backend.Reduce{Rows: 1, Cols: long, Out: [2]backend.Result{{Dst: sum, Beta: 0.5,
			Map: backend.Chain{backend.Load(tail), backend.Square()}, Then: backend.Chain{backend.Affine(1.0/long, 0)}}}},
		&backend.Each{Dst: tail, Do: backend.Chain{backend.Load(tail), backend.Mul(sum), backend.Affine(1, 0.1)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	before := b.Stats().Dispatches
	p.Run(steps)
	got := read(t, b, f)
	if d := b.Stats().Dispatches - before; d != 0 {
		if want := int64(steps * 8); !shared && d > want || shared && (d <= want || d > want*int64(models)) {
			t.Errorf("%d dispatches for %d steps of 8 calls and %d models (one tensor shared: %v)", d, steps, models, shared)
		}
	}
	p.Release()
	return got
}

// TestModels: models that leave each other alone share their launches; those that do not take turns. Both give what the
// plain loop gives.
func TestModels(t *testing.T) {
	for _, shared := range []bool{false, true} {
		got, want := family(t, open(t), 3, 4, shared), family(t, ref.Open(), 3, 4, shared)
		for i := range want {
			if e := math.Abs(float64(got[i] - want[i])); !(e <= 1e-4*(1+math.Abs(float64(want[i])))) {
				t.Fatalf("shared %v: element %d is %g, want %g", shared, i, got[i], want[i])
			}
		}
	}
}
