package backendtest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
)

func (s *suite) testPrograms(t *testing.T) {
	for _, models := range []int{1, 3} {
		t.Run(fmt.Sprintf("train %d", models), func(t *testing.T) { trainProgram(t, s.device(), models) })
	}
	t.Run("replay", s.replayProgram)
	t.Run("count", s.countProgram)
	t.Run("stop", s.stopProgram)
	t.Run("scratch", s.scratchProgram)
	t.Run("interleaved", s.interleavedPrograms)
	t.Run("holds its buffers", s.programHolds)
	t.Run("empty", s.emptyProgram)
}

func (w *world) record(s backend.Step) *backend.Program {
	w.t.Helper()
	p, err := backend.Record(w.b, s)
	if err != nil {
		w.t.Fatalf("Record: %v", err)
	}
	w.programs = append(w.programs, p)
	return p
}

// trainProgram trains by a program and call by call, and wants the same bits everywhere.
func trainProgram(t *testing.T, b backend.Backend, models int) {
	w := newWorld(t, b)
	const steps = 6
	fast, slow := newRig(w, 1, steps, models), newRig(w, 1, steps, models)
	p := w.record(fast.step)
	for _, n := range []int{1, 3, 0, steps, 2, steps} {
		p.Run(n)
		unroll(b, slow.step, n)
		w.sameBuffers(fmt.Sprintf("Run(%d)", n), fast.bufs, slow.bufs)
	}
	for round := range 3 { // queued back to back, tables rewritten between
		fast.setTables(2 + round)
		slow.setTables(2 + round)
		p.Run(steps - round)
		unroll(b, slow.step, steps-round)
	}
	w.sameBuffers("with new tables", fast.bufs, slow.bufs)

	slots := make([]float32, 2*steps*models)
	w.must(backend.Read(b, slots, fast.slots, 0))
	for i, x := range slots {
		if !(x >= 0 && x < 100) {
			t.Errorf("slot %d holds %v, which is no loss and no count", i, x)
		}
	}
}

// replayProgram: Replay is a program's step, call by call, and says after which call it is.
func (s *suite) replayProgram(t *testing.T) {
	w := newWorld(t, s.device())
	const steps, models = 3, 2
	fast, slow := newRig(w, 2, steps, models), newRig(w, 2, steps, models)
	p, q := w.record(fast.step), w.record(slow.step)
	p.Run(steps)
	for step := range steps {
		for m := range models {
			next := 0
			q.Replay(backend.At{Step: step, Model: m}, func(i int, c backend.Call) {
				if i != next || c != slow.step.Calls[i] {
					t.Errorf("after call %d comes %d", next, i)
				}
				next++
			})
			if next != len(slow.step.Calls) {
				t.Errorf("%d calls of %d", next, len(slow.step.Calls))
			}
		}
	}
	w.sameBuffers("Replay", fast.bufs, slow.bufs)
}

// countProgram counts in many steps, which nothing but the numbers can tell apart: every step runs once, its models in
// turn, from step 0, whatever the number of steps that a device takes at a time.
func (s *suite) countProgram(t *testing.T) {
	w := newWorld(t, s.device())
	const steps, models = 1500, 2
	x, slots := w.floats(1, 70, constant(0)), w.floats(steps*models, 3, constant(-1))
	slot := slots.RowSpan(0, 1).Advanced(3 * models)
	slot.Model = 3
	p := w.record(backend.Step{Steps: steps, Models: models, Calls: []backend.Call{
		&backend.Each{Dst: x, Do: backend.Chain{backend.Load(x), backend.Affine(1, 1)}},
		&backend.Each{Dst: slot, Do: backend.Chain{backend.Load(x.Columns(5, 8))}},
	}})
	count := 0
	for _, n := range []int{steps, 1, 257, 64} {
		p.Run(n)
		for i := range 70 {
			w.want(&x, 0, i, bound{want: float64(count + n*models)})
		}
		for i := range n * models {
			for j := range 3 {
				w.want(&slots, i, j, bound{want: float64(count + i + 1)})
			}
		}
		count += n * models
		w.check(fmt.Sprintf("Run(%d)", n))
	}
}

// stopProgram: a run that is stopped has done whole steps, all of their models, the first ones, and says how many.
func (s *suite) stopProgram(t *testing.T) {
	w := newWorld(t, s.device())
	const steps, models = 1500, 2
	x, slots := w.floats(1, 70, constant(0)), w.floats(steps*models, 1, constant(-1))
	slot := slots.RowSpan(0, 1).Advanced(models)
	slot.Model = 1
	p := w.record(backend.Step{Steps: steps, Models: models, Calls: []backend.Call{
		&backend.Each{Dst: x, Do: backend.Chain{backend.Load(x), backend.Affine(1, 1)}},
		&backend.Each{Dst: slot, Do: backend.Chain{backend.Load(x.Columns(5, 6))}},
	}})
	var stop atomic.Bool
	want := 0
	for _, wait := range []time.Duration{-1, 0, time.Millisecond, -1} { // until stop is set; −1 for not at all
		stop.Store(wait == 0)
		over := make(chan struct{})
		go func() {
			defer close(over)
			if wait > 0 {
				time.Sleep(wait)
				stop.Store(true)
			}
		}()
		done := p.RunUntil(&stop, steps)
		<-over
		if done < 0 || done > steps || wait == 0 && done != 0 || wait < 0 && done != steps {
			t.Fatalf("%d steps of %d with a stop after %v", done, steps, wait)
		}
		for i := range done * models {
			w.want(&slots, i, 0, bound{want: float64(want + i + 1)})
		}
		want += done * models
		for i := range 70 {
			w.want(&x, 0, i, bound{want: float64(want)})
		}
		w.check(fmt.Sprintf("a stop after %v", wait))
	}
	if done := p.RunUntil(nil, 1); done != 1 {
		t.Errorf("without a stop %d steps of 1", done)
	}
}

// scratchProgram: buffers in Scratch may hold anything afterwards, the others what they hold without it.
func (s *suite) scratchProgram(t *testing.T) {
	w := newWorld(t, s.device())
	const steps, models = 4, 2
	fast, slow := newRig(w, 3, steps, models), newRig(w, 3, steps, models)
	// The gathered labels, the activations and what is derived from them: each is written before it is read.
	names := map[string]bool{"MatMul.Dst": true, "MatMul.Then[2].keep.0": true, "Gather.Dst": true}
	params := fast.step.Calls[3].(*backend.MatMul).B.Buf
	grads := fast.step.Calls[6].(*backend.MatMul).Dst.Buf
	for _, c := range fast.step.Calls {
		c.Walk(func(o backend.Operand) {
			if b := o.Tensor.Buf; names[c.Name()+"."+o.Role.String()] && b != params && b != grads {
				fast.step.Scratch = append(fast.step.Scratch, b)
			}
		})
	}
	if len(fast.step.Scratch) != 6 {
		t.Fatalf("%d buffers of scratch, want x, label, y, h, logits, dh", len(fast.step.Scratch))
	}
	p := w.record(fast.step)
	for range 2 {
		p.Run(steps)
		unroll(w.b, slow.step, steps)
		w.sameBuffers("with scratch", fast.bufs, slow.bufs, fast.step.Scratch...)
	}
}

// interleavedPrograms: programs over the same buffers take turns with each other, with calls and with writes.
func (s *suite) interleavedPrograms(t *testing.T) {
	w := newWorld(t, s.device())
	const steps = 4
	fast, slow := newRig(w, 4, steps, 1), newRig(w, 4, steps, 1)
	average := func(r *rig) (backend.Step, backend.Call) {
		params := backend.Row(r.step.Calls[3].(*backend.MatMul).B.Buf, 0, rigParams)
		mean := backend.Row(r.floats(rigParams, constant(0)), 0, rigParams)
		decay := &backend.Each{Dst: params, Do: backend.Chain{backend.Load(params), backend.Affine(0.99, 0)}}
		return backend.Step{Steps: 2, Calls: []backend.Call{
			&backend.Each{Dst: mean, Do: backend.Chain{backend.Load(mean), backend.Affine(0.5, 0), backend.Axpy(0.5, params)}},
		}}, decay
	}
	fastMean, fastDecay := average(fast)
	slowMean, slowDecay := average(slow)
	p, q := w.record(fast.step), w.record(fastMean)
	for i := range 6 {
		p.Run(1 + i%steps)
		q.Run(i % 3)
		backend.Do(w.b, fastDecay)
		unroll(w.b, slow.step, 1+i%steps)
		unroll(w.b, slowMean, i%3)
		backend.Do(w.b, slowDecay)
		if i == 3 {
			fast.setTables(9)
			slow.setTables(9)
		}
	}
	w.sameBuffers("interleaved", fast.bufs, slow.bufs)
}

// programHolds: a program keeps its buffers' memory, released or not, until it is released itself.
func (s *suite) programHolds(t *testing.T) {
	w := newWorld(t, s.device())
	before := w.b.Stats()
	const n = 1000
	in, mid := alloc(t, w.b, backend.F32, n), alloc(t, w.b, backend.F32, n)
	out := w.floats(1, n, poison)
	backend.Write(w.b, in, 0, make([]float32, n))
	p := w.record(backend.Step{Calls: []backend.Call{
		&backend.Each{Dst: backend.Row(mid, 0, n), Do: backend.Chain{backend.Load(backend.Row(in, 0, n)), backend.Affine(1, 3)}},
		&backend.Each{Dst: out, Do: backend.Chain{backend.Load(backend.Row(mid, 0, n)), backend.Affine(2, 0)}},
	}})
	in.Release()
	mid.Release()
	in.Release() // again: nothing
	if in.Live() {
		t.Error("a released buffer is live")
	}
	if got := w.b.Stats().LiveBuffers - before.LiveBuffers; got != 3 {
		t.Errorf("%d buffers are live, want the program's three", got)
	}
	// Had the memory been given back, these would be it.
	other := w.floats(1, n, constant(77))
	third := w.floats(1, n, constant(78))
	p.Run(1)
	for i := range n {
		w.want(&out, 0, i, bound{want: 6})
	}
	w.check("after its buffers were released")
	_, _ = other, third

	p.Run(1)
	p.Release() // what was queued still runs
	p.Release()
	for i := range n {
		w.want(&out, 0, i, bound{want: 6})
	}
	w.check("released while queued")
	if got := w.b.Stats().LiveBuffers - before.LiveBuffers; got != 3 {
		t.Errorf("%d buffers are live, want the three of the test", got)
	}
	mustMisuse(t, func() { p.Run(1) }, "Run", "released")
}

func (s *suite) emptyProgram(t *testing.T) {
	w := newWorld(t, s.device())
	p := w.record(backend.Step{Steps: 3})
	p.Run(3)
	x := w.floats(3, 4, normal(1))
	q := w.record(backend.Step{Calls: []backend.Call{
		&backend.Each{Dst: x.RowSpan(2, 2), Do: backend.Chain{backend.Fill(9)}},
	}})
	q.Run(1)
	w.check("nothing to do")
	mustMisuse(t, func() { q.Run(2) }, "Run", "2 steps", "recorded for 1")
	mustMisuse(t, func() { q.Run(-1) }, "Run", "-1 steps")
	mustMisuse(t, func() { q.Replay(backend.At{Step: 1}, nil) }, "Replay", "step 1")
	mustMisuse(t, func() { q.Replay(backend.At{Model: 1}, nil) }, "Replay", "model 1")
	w.check("after misuse")
}
