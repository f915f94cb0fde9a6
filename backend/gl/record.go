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
	var planned []plan.Launch
	words := 0
	for _, c := range s.Calls {
		l, err := plan.Build(c, d.env)
		if err != nil {
			return nil, err
		}
		planned = append(planned, l...)
	}
	for i := range planned {
		words = max(words, planned[i].Scratch)
	}
	if words > 0 {
		var err error
		if p.scratch, err = d.rt.Alloc(4 * words); err != nil {
			return nil, d.first(err)
		}
	}
	launches := make([]glrt.Launch, len(planned)*s.Models)
	d.mu.Lock()
	for m := range s.Models {
		for i := range planned {
			l := &launches[m*len(planned)+i]
			d.fill(l, &planned[i], p.scratch, backend.At{Model: m}, s.Steps)
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
