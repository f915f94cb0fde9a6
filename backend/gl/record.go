//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"runtime"
	"sync/atomic"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/glrt"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// program is a compiled step: a sequence of the runtime, which replays it without looking anything up.
type program struct {
	d       *device
	seq     *glrt.Sequence
	scratch *glrt.Buffer
	list    []backend.Call // with it the buffers live as long as the program
	calls   int64          // of one step
}

// Record plans and compiles every call once, for each model. An error of a shader's compiler is returned from here.
func (d *device) Record(s backend.Step) (backend.Runner, error) {
	p := &program{d: d, list: s.Calls, calls: int64(len(s.Calls) * s.Models)}
	planned, batch, err := d.planAll(s)
	if err != nil {
		return nil, err
	}
	words := 0
	for i := range planned {
		words = max(words, planned[i].Scratch)
	}
	if words > 0 {
		if p.scratch, err = d.rt.Alloc(4 * words); err != nil {
			return nil, d.first(err)
		}
		// For programs that are dropped without Release.
		runtime.AddCleanup(p, func(b *glrt.Buffer) { b.Release() }, p.scratch)
	}
	turns := s.Models / batch
	launches := make([]glrt.Launch, len(planned)*turns)
	d.mu.Lock()
	for m := range turns {
		for i := range planned {
			l := &launches[m*len(planned)+i]
			d.fill(l, &planned[i], p.scratch, backend.At{Model: m * batch}, s.Steps, batch)
			l.Advance = advance(planned[i].Words)
		}
	}
	d.mu.Unlock()
	seq, err := d.rt.NewSequence(launches)
	if err != nil {
		p.Release()
		return nil, d.first(typed(err))
	}
	p.seq = seq
	return p, nil
}

// planAll plans every call of a step, as many models in one launch as there is room for where they leave each other
// alone, or else one at a time. batch is the number of models of a launch. What it is changes no bit: every model is cut
// as it is when it runs alone.
func (d *device) planAll(s backend.Step) (planned []plan.Launch, batch int, err error) {
	batch = 1
	if s.Models > 1 && plan.Independent(s) {
		batch = s.Models
	}
	for ; ; batch-- {
		if s.Models%batch != 0 {
			continue
		}
		env := d.env
		env.Models = batch
		if planned, err = plan.BuildAll(s.Calls, env); err == nil || batch == 1 {
			return planned, batch, err
		}
	}
}

// advance is what the words grow by with each step, nil where none does.
func advance(words []plan.Word) []uint32 {
	var a []uint32
	for i, w := range words {
		if w.Advance != 0 {
			if a == nil {
				a = make([]uint32, len(words))
			}
			a[i] = w.Advance
		}
	}
	return a
}

// Run queues n steps as one message.
func (p *program) Run(n int, stop *atomic.Bool) int {
	if stop == nil {
		p.d.rt.Run(p.seq, 0, n)
	} else {
		n = p.d.rt.RunUntil(p.seq, 0, n, stop)
	}
	p.d.Calls.Add(p.calls * int64(n))
	runtime.KeepAlive(p)
	return n
}

func (p *program) Release() {
	if p.scratch != nil {
		p.scratch.Release()
	}
}
