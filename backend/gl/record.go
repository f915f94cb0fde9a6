//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"runtime"
	"sync/atomic"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/glrt"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// program is a compiled step: sequences of the runtime, which replays them without looking anything up.
type program struct {
	d       *device
	stages  []stage
	scratch *glrt.Buffer
	list    []backend.Call // with it the buffers live as long as the program
	calls   int64          // of one step
}

// stage is the launches of some of a program's steps, one after another. A program has one stage, unless an operand moves
// further than the device sees of its buffer at once.
type stage struct {
	first, n int
	planned  []plan.Launch // of all models
	seq      *glrt.Sequence
}

// Record plans and compiles every call once, for each model. An error of a shader's compiler is returned from here.
func (d *device) Record(s backend.Step) (backend.Runner, error) {
	p := &program{d: d, list: s.Calls, calls: int64(len(s.Calls) * s.Models)}
	var err error
	if p.stages, err = d.stages(s, 0, s.Steps); err != nil {
		return nil, err
	}
	words := 0
	for i := range p.stages {
		for j := range p.stages[i].planned {
			words = max(words, p.stages[i].planned[j].Scratch)
		}
	}
	if words > 0 {
		if p.scratch, err = d.rt.Alloc(4 * words); err != nil {
			return nil, d.first(err)
		}
		// For programs that are dropped without Release.
		runtime.AddCleanup(p, func(b *glrt.Buffer) { b.Release() }, p.scratch)
	}
	for i := range p.stages {
		st := &p.stages[i]
		launches := make([]glrt.Launch, len(st.planned))
		d.mu.Lock()
		for j := range st.planned {
			d.fill(&launches[j], &st.planned[j], p.scratch)
			launches[j].Advance = advance(st.planned[j].Words)
			launches[j].Steps, launches[j].StepsAt = st.planned[j].Steps, st.planned[j].StepsAt
		}
		d.mu.Unlock()
		if st.seq, err = d.rt.NewSequence(launches); err != nil {
			p.Release()
			return nil, d.first(typed(err))
		}
		st.planned = nil
	}
	return p, nil
}

// stages plans n steps from first on, in two halves where they reach too far.
func (d *device) stages(s backend.Step, first, n int) ([]stage, error) {
	env := d.env
	env.At.Step, env.Steps = first, n
	if d.tuner != nil {
		env.Tuned = d.tuner.learn
	}
	planned, err := planAll(s, env)
	if err == nil {
		return []stage{{first: first, n: n, planned: planned}}, nil
	}
	if n == 1 || !plan.TooFar(err) {
		return nil, err
	}
	a, err := d.stages(s, first, n/2)
	if err != nil {
		return nil, err
	}
	b, err := d.stages(s, first+n/2, n-n/2)
	return append(a, b...), err
}

// planAll plans every call of a step for all models, as many in one launch as there is room for where they leave each other
// alone, or else one at a time. How many changes no bit: every model is cut as it is when it runs alone.
func planAll(s backend.Step, env plan.Env) (planned []plan.Launch, err error) {
	batch := 1
	if s.Models > 1 && backend.Independent(s, true) {
		batch = s.Models
	}
	for ; ; batch-- {
		if s.Models%batch != 0 {
			continue
		}
		planned = planned[:0]
		for env.At.Model = 0; env.At.Model < s.Models; env.At.Model += batch {
			var some []plan.Launch
			env.Models = batch
			if some, err = plan.Step(s, env); err != nil {
				break
			}
			planned = append(planned, some...)
		}
		if err == nil || batch == 1 {
			return planned, err
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

// Run queues n steps, a message for each stage.
func (p *program) Run(n int, stop *atomic.Bool) int {
	done := 0
	for i := range p.stages {
		st := &p.stages[i]
		k := min(st.n, n-done)
		if k <= 0 {
			break
		}
		if stop == nil {
			p.d.rt.Run(st.seq, 0, k)
			done += k
			continue
		}
		ran := p.d.rt.RunUntil(st.seq, 0, k, stop)
		if done += ran; ran < k {
			break
		}
	}
	p.d.Calls.Add(p.calls * int64(done))
	runtime.KeepAlive(p)
	return done
}

func (p *program) Release() {
	if p.scratch != nil {
		p.scratch.Release()
	}
}
