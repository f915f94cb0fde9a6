package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// build appends the forward pass, and with a loss the backward pass and the update.
func (p *Plan) build() {
	m := p.model
	if p.X = p.cfg.X; !p.X.Present() && m.inputs > 0 {
		p.X = p.Tensor(p.Rows, m.inputs)
	}
	p.X.Rows = p.Rows
	if n := m.Codes(); n > 0 {
		if p.Codes = p.cfg.Codes; !p.Codes.Present() {
			p.Codes = backend.Mat(p.buffer(backend.U32, p.Rows*n), 0, p.Rows, n)
		}
	}
	if p.cfg.Loss != nil {
		p.tables = newTables(p)
	}
	if p.cfg.Train {
		p.grads = p.buffer(backend.F32, m.size)
	}
	if p.cfg.parts() > 1 {
		p.accumulate()
	} else {
		y, back := m.root.Forward(p, p.input())
		p.Output = y.Tensor
		if dy := p.loss(y, backend.Tensor{}); p.cfg.Train && p.err == nil {
			p.DX = back(dy).Tensor
		}
	}
	if !p.cfg.Train || p.err != nil {
		return
	}
	p.update()
	p.place = "running statistics"
	for _, f := range p.after {
		f()
	}
}

// input is X as the layers get it.
func (p *Plan) input() Value {
	return Value{Tensor: p.X, NoGrad: !p.cfg.InputGrad || p.model.inputs == 0}
}

// loss appends the loss, where there is one; dy goes to grad where that is present.
func (p *Plan) loss(y Value, grad backend.Tensor) (dy Value) {
	if p.cfg.Loss == nil || p.err != nil {
		return dy
	}
	p.place = "loss"
	p.last = hook{}
	return p.starts(p.cfg.Loss, y, Target{
		Labels: p.cfg.Labels, Values: p.cfg.Values, Weights: p.cfg.Weights, Factor: 1, Grad: grad,
		Loss: p.result(atLoss), Correct: p.result(atCorrect), Weight: p.result(atWeight),
	})
}

// parts is the number of micro-batches.
func (c *PlanConfig) parts() int {
	if c.MicroBatch == 0 {
		return 1
	}
	return (c.Rows-1)/c.MicroBatch + 1
}

// accumulate appends the forward pass and the backward pass of a batch that goes through the layers some rows at a time,
// each micro-batch in the memory of the one before. The loss is built once, of all outputs: so its mean, whatever it weighs
// and leaves out, is the batch's. What lies between a micro-batch's input and its outputs is then made a second time for
// its gradients, but for micro-batch 0, which goes last the first time. Gradients are added up in the order of the rows.
func (p *Plan) accumulate() {
	b := microBatches{p: p, x: p.X, codes: p.Codes, rows: p.Rows, start: p.arena.place}
	y := p.held.tensor(p, p.Rows, p.model.Outputs())
	var dy backend.Tensor
	if p.cfg.Train {
		dy = p.held.tensor(p, p.Rows, p.model.Outputs())
	}
	var back Backward
	for i := p.cfg.parts() - 1; i >= 0; i-- {
		p.after = nil // those of the second time stay
		var out Value
		out, back = b.forward(i)
		p.move(out, b.of(i, y))
	}
	b.whole()
	p.Output = y
	p.loss(Value{Tensor: y}, dy)
	for i := 0; i < p.cfg.parts() && p.cfg.Train; i++ {
		if i > 0 {
			_, back = b.forward(i)
		}
		b.within(i, func() { back(Value{Tensor: b.of(i, dy)}) })
	}
	b.whole()
}

// microBatches are the parts of a plan's batch.
type microBatches struct {
	p        *Plan
	x, codes backend.Tensor // of the whole batch
	rows     int
	start    place // of each one's memory
}

// forward appends the forward pass of micro-batch i.
func (b *microBatches) forward(i int) (y Value, back Backward) {
	b.p.arena.place, b.p.pinned = b.start, nil
	b.within(i, func() { y, back = b.p.model.root.Forward(b.p, b.p.input()) })
	return y, back
}

// within has f see a plan of micro-batch i.
func (b *microBatches) within(i int, f func()) {
	p := b.p
	p.part, p.X, p.Codes, p.last = i, b.of(i, b.x), b.of(i, b.codes), hook{}
	p.Rows = min(p.cfg.MicroBatch, b.rows-i*p.cfg.MicroBatch)
	p.within(fmt.Sprintf("micro-batch %d", i), "", f)
}

// whole has the plan be that of the whole batch again.
func (b *microBatches) whole() { b.p.Rows, b.p.X, b.p.Codes = b.rows, b.x, b.codes }

// of is micro-batch i's part of the rows of t, where it is there.
func (b *microBatches) of(i int, t backend.Tensor) backend.Tensor {
	if !t.Present() {
		return t
	}
	lo := i * b.p.cfg.MicroBatch
	return t.RowSpan(lo, min(lo+b.p.cfg.MicroBatch, b.rows))
}
