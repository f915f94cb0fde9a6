//go:build cgo && (gl || glfw) && linux

package gl

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/glrt"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// program is a compiled step: a sequence of the runtime, which replays it without looking anything up.
type program struct {
	d       *device
	seq     *glrt.Sequence
	scratch *glrt.Buffer
	calls   int64 // of one step
}

// Record plans and compiles every call once, for each model. An error of a shader's compiler is returned from here.
func (d *device) Record(s backend.Step) (backend.Runner, error) {
	p := &program{d: d, calls: int64(len(s.Calls) * s.Models)}
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
	}
	turns := s.Models / batch
	launches := make([]glrt.Launch, len(planned)*turns)
	d.mu.Lock()
	for m := range turns {
		for i := range planned {
			l := &launches[m*len(planned)+i]
			d.fill(l, &planned[i], p.scratch, backend.At{Model: m}, s.Steps, batch)
			l.Advance = advance(planned[i].Words)
		}
	}
	d.mu.Unlock()
	seq, err := d.rt.NewSequence(launches)
	if err != nil {
		p.Release()
		return nil, d.first(err)
	}
	p.seq = seq
	return p, nil
}

// planAll plans every call of a step, all models in one launch where they leave each other alone, or else for one model
// at a time. batch is the number of models of a launch.
func (d *device) planAll(s backend.Step) (planned []plan.Launch, batch int, err error) {
	env := d.env
	if s.Models > 1 && plan.Independent(s) {
		env.Models = s.Models
		if planned, err = plan.BuildAll(s.Calls, env); err == nil {
			return planned, s.Models, nil
		}
	}
	planned, err = plan.BuildAll(s.Calls, d.env)
	return planned, 1, err
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
func (p *program) Run(n int) {
	p.d.Calls.Add(p.calls * int64(n))
	p.d.rt.Run(p.seq, 0, n)
}

func (p *program) Release() {
	if p.scratch != nil {
		p.scratch.Release()
	}
}
