package backendtest

import (
	"math/rand/v2"

	"github.com/gloss-ml/gloss/backend"
)

// A rig is the training step of a small network with everything that steps have: batches gathered by an order that
// the device permutes, dropout, a loss with its slot per step, guards, a norm, one optimizer call over all parameters;
// float and integer tables that advance with the step, one that goes backwards, and models side by side.
type rig struct {
	step backend.Step
	bufs []*backend.Buffer // compared after runs
	// tables are the constants, the keys and the loss slots: what the host touches between runs.
	consts, keys, slots *backend.Buffer
	w                   *world
}

// The rig's sizes: rows of a batch, features, hidden units, classes, rows of data, and a model's parameters, padded.
const (
	rigBatch, rigIn, rigHidden, rigOut, rigData = 6, 9, 7, 4, 32
	rigParams                                   = 128
)

// newRig makes the same rig, number for number, whenever it is called with the same seed.
func newRig(w *world, seed uint64, steps, models int) *rig {
	w.rng = rand.New(rand.NewPCG(seed, 2))
	r := &rig{w: w, step: backend.Step{Steps: steps, Models: models}}
	r.consts = r.floats(steps*backend.MaxConsts, constant(0))
	r.keys = r.ints(steps*4*models, noise)
	r.slots = r.floats(2*steps*models, constant(-1))
	r.setTables(1)
	r.forwardBackward()
	return r
}

// setTables writes the rows of the tables: Adam's constants, and keys whose fourth word is where the batch starts in
// the epoch's order; the last one starts where the epoch ends in its middle.
func (r *rig) setTables(round int) {
	steps, models := r.step.Steps, r.step.Models
	var consts []float32
	var keys []uint32
	for s := range steps {
		c := append([]float32(nil), adamRow...)
		c[0] *= float32(s+round) / float32(steps+round)
		consts = append(consts, c...)
	}
	for m := range models {
		for s := range steps {
			keys = append(keys, uint32(m+1), uint32(round), uint32(s), uint32(min(s*rigBatch, rigData-rigBatch/2)))
		}
	}
	backend.Write(r.w.b, r.consts, 0, consts)
	backend.Write(r.w.b, r.keys, 0, keys)
}

func (r *rig) forwardBackward() {
	steps, models := r.step.Steps, r.step.Models
	images, classes := r.bytes(rigData*rigIn), r.ints(rigData, func(g *rand.Rand) uint32 { return g.Uint32N(rigOut) })
	params, grads := r.floats(models*rigParams, normal(0.5)), r.floats(models*rigParams, constant(0))
	m1, m2 := r.floats(models*rigParams, constant(0)), r.floats(models*rigParams, constant(0))
	flags := r.floats(models, constant(1))
	trail, source := r.floats(3*steps*models, constant(0)), r.floats(3*steps, normal(1))

	act := func(rows, cols int) backend.Tensor {
		t := backend.Mat(r.floats(models*rows*cols, constant(0)), 0, rows, cols)
		t.Model = rows * cols
		return t
	}
	per := func(t backend.Tensor, advance, model int) backend.Tensor {
		t.Advance, t.Model = advance, model
		return t
	}
	w1, b1, w2, b2 := layout(params)
	dw1, db1, dw2, db2 := layout(grads)
	all := func(b *backend.Buffer) backend.Tensor { return per(backend.Row(b, 0, rigParams), 0, rigParams) }
	key := per(backend.Row(r.keys, 0, 4), 4, 4*steps)
	loss := per(backend.Row(r.slots, 0, 1), 1, 2*steps)
	correct := per(backend.Row(r.slots, steps, 1), 1, 2*steps)
	ok := per(backend.Row(flags, 0, 1), 0, 1)
	consts := backend.Row(r.consts, 0, backend.MaxConsts).Advanced(backend.MaxConsts)

	order := per(backend.Mat(r.ints(models*rigBatch, noise), 0, rigBatch, 1), 0, rigBatch)
	label := per(backend.Mat(r.ints(models*rigBatch, noise), 0, rigBatch, 1), 0, rigBatch)
	x, y, h, logits, dh := act(rigBatch, rigIn), act(rigBatch, rigHidden), act(rigBatch, rigHidden), act(rigBatch, rigOut), act(rigBatch, rigHidden)
	norm := act(1, 1)
	backwards := backend.Row(source, 3*steps-3, 3).Advanced(-3)

	r.step.Calls = []backend.Call{
		&backend.Permute{Dst: order, Key: key, N: rigData},
		&backend.Gather{Dst: x, Table: backend.Mat(images, 0, rigData, rigIn), Index: order, Then: backend.Chain{backend.Affine(1.0/255, -0.5)}},
		&backend.Gather{Dst: label, Table: backend.Mat(classes, 0, rigData, 1), Index: order},
		&backend.MatMul{Dst: h, A: x, B: w1, Then: backend.Chain{backend.Add(b1), backend.Tanh(), backend.Keep(y), backend.Dropout(0.25, 1, key)}},
		&backend.MatMul{Dst: logits, A: h, B: w2, Then: backend.Chain{backend.Add(b2)}},
		&backend.Xent{Logits: logits, Label: label, Smooth: 0.1, Loss: loss, Grad: logits, Correct: correct, Then: backend.Chain{backend.Guard(ok)}},
		&backend.MatMul{Dst: dw2, A: h, B: logits, TransA: true},
		&backend.Reduce{Rows: rigBatch, Cols: rigOut, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: db2, Map: backend.Chain{backend.Load(logits)}}}},
		&backend.MatMul{Dst: dh, A: logits, B: w2, TransB: true, Then: backend.Chain{backend.Dropout(0.25, 1, key), backend.Gradient(backend.Tanh(), y, y)}},
		&backend.MatMul{Dst: dw1, A: x, B: dh, TransA: true},
		&backend.Reduce{Rows: rigBatch, Cols: rigHidden, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: db1, Map: backend.Chain{backend.Load(dh)}}}},
		&backend.Reduce{Rows: 1, Cols: rigParams, Out: [2]backend.Result{{Dst: norm, Map: backend.Chain{backend.Load(all(grads)), backend.Square()}, Then: backend.Chain{backend.Sqrt(), backend.Guard(ok)}}}},
		&backend.Each{Dst: backend.Tensor{Rows: 1, Cols: rigParams}, Do: backend.Chain{backend.Load(all(grads)), backend.Adam(ok, all(params), all(m1), all(m2), consts)}},
		&backend.Each{Dst: per(backend.Row(trail, 0, 3), 3, 3*steps), Do: backend.Chain{backend.Load(backwards), backend.Mul(norm)}},
	}
}

// layout places a model's parameters, or their gradients, in one buffer.
func layout(b *backend.Buffer) (w1, b1, w2, b2 backend.Tensor) {
	off := 0
	next := func(rows, cols int) backend.Tensor {
		t := backend.Mat(b, off, rows, cols)
		t.Model = rigParams
		off += rows * cols
		return t
	}
	return next(rigIn, rigHidden), next(1, rigHidden), next(rigHidden, rigOut), next(1, rigOut)
}

// floats, ints and bytes make a whole buffer.
func (r *rig) floats(n int, gen fill) *backend.Buffer {
	f := make([]float32, n)
	for i := range f {
		f[i] = gen(r.w.rng)
	}
	return r.add(backend.F32, n, func(b *backend.Buffer) { backend.Write(r.w.b, b, 0, f) })
}

func (r *rig) ints(n int, gen func(*rand.Rand) uint32) *backend.Buffer {
	u := make([]uint32, n)
	for i := range u {
		u[i] = gen(r.w.rng)
	}
	return r.add(backend.U32, n, func(b *backend.Buffer) { backend.Write(r.w.b, b, 0, u) })
}

func (r *rig) bytes(n int) *backend.Buffer {
	c := make([]byte, n)
	for i := range c {
		c[i] = byte(r.w.rng.Uint32())
	}
	return r.add(backend.U8, n, func(b *backend.Buffer) { backend.Write(r.w.b, b, 0, c) })
}

func (r *rig) add(kind backend.Kind, n int, write func(*backend.Buffer)) *backend.Buffer {
	b := alloc(r.w.t, r.w.b, kind, n)
	write(b)
	r.bufs = append(r.bufs, b)
	r.w.loose = append(r.w.loose, b)
	return b
}
