package backend

import (
	"fmt"
	"slices"
	"sync/atomic"
)

// A Step is a list of calls that is run again and again.
type Step struct {
	Calls  []Call
	Steps  int // the most steps that one Run may replay; 0 stands for 1
	Models int // models that each step trains side by side; 0 stands for 1
	// Scratch are buffers whose contents nobody looks at after a Run, so that a recorder may leave out writing them.
	Scratch []*Buffer
}

// A Program is a step that has been checked and compiled once. It holds every buffer of its calls until Release.
//
// A Program may be used from any goroutine; Runs of one program happen in the order in which they were called.
type Program struct {
	b        Backend
	own      *Common
	step     Step
	run      Runner
	held     []*Buffer
	watchers []watcher
	id       uint64 // counts the process' programs
	gone     atomic.Bool
}

var programs atomic.Uint64

// watcher is a decorator that wants to know of programs that ran.
type watcher interface{ ran(p *Program, n int) }

// Record checks the calls at every step and model, and compiles them where the device can. It panics with [Misuse]
// if one of them is wrong, and returns [ErrClosed] or the device's failure, such as a kernel that does not compile.
func Record(b Backend, s Step) (*Program, error) {
	s.Steps, s.Models = max(s.Steps, 1), max(s.Models, 1)
	own := b.common()
	if own.Closed() {
		return nil, ErrClosed
	}
	if err := own.Err(); err != nil {
		return nil, err
	}
	p := &Program{b: b, own: own, step: s, watchers: watchers(b), id: programs.Add(1)}
	defer func() {
		if p.run == nil { // an error or a panic on the way
			p.drop()
		}
	}()
	// Buffers are held before anything is made of them: a Release from then on finds them in use.
	for i, c := range s.Calls {
		present("Record", i, c)
		checkCall(own, c, s.Steps, s.Models)
		c.Walk(func(o Operand) { p.hold(o.Tensor.Buf) })
	}
	for i, buf := range s.Scratch {
		if buf == nil || !slices.Contains(p.held, buf) {
			misuse("Record", fmt.Sprintf("Scratch[%d] is no buffer of the calls", i))
		}
	}
	var err error
	if r, ok := Unwrap(b).(Recorder); ok {
		p.run, err = r.Record(s)
	} else {
		p.run = &loop{b: Unwrap(b), step: s}
	}
	if err != nil {
		p.run = nil
		return nil, err
	}
	return p, nil
}

func (p *Program) hold(b *Buffer) {
	if slices.Contains(p.held, b) {
		return
	}
	if !b.hold() {
		misuse("Record", "a buffer has been released")
	}
	p.held = append(p.held, b)
}

func (p *Program) drop() {
	for _, b := range p.held {
		b.drop()
	}
}

// Run queues n steps, 0 ≤ n ≤ Steps, always from step 0: each step of each model in turn. Running a released program,
// or one of a closed backend, is misuse. Run allocates nothing.
func (p *Program) Run(n int) { p.RunUntil(nil, n) }

// RunUntil is Run that begins no step once stop is set, by whatever goroutine, and returns how many ran: whole ones, the
// first of the n. It waits for them. A device to which steps are queued faster than it computes has those that it was given.
// A stop of nil is never set, and nothing is waited for.
func (p *Program) RunUntil(stop *atomic.Bool, n int) int {
	switch {
	case p.gone.Load():
		misuse("Run", "the program has been released")
	case p.own.Closed():
		misuse("Run", "the backend is closed")
	case n < 0 || n > p.step.Steps:
		misuse("Run", fmt.Sprintf("%d steps of a program recorded for %d", n, p.step.Steps))
	}
	if n == 0 || p.own.failed.Load() {
		return n
	}
	done := p.run.Run(n, stop)
	for _, w := range p.watchers {
		w.ran(p, done)
	}
	return done
}

// Backend is what the program was recorded on.
func (p *Program) Backend() Backend { return p.b }

// Calls are the calls of a step, for people and tools; they must not be changed.
func (p *Program) Calls() []Call { return p.step.Calls }

// Release lets go of the program's buffers and of what the device made for it. Releasing it again does nothing.
func (p *Program) Release() {
	if p == nil || p.gone.Swap(true) {
		return
	}
	p.run.Release()
	p.drop()
}

// loop replays a step call by call: for devices that do not record, and the meaning of every recorder.
type loop struct {
	b    Backend
	step Step
}

func (l *loop) Run(n int, stop *atomic.Bool) int {
	for s := range n {
		if stop != nil && stop.Load() {
			return s
		}
		for m := range l.step.Models {
			for _, c := range l.step.Calls {
				l.b.Do(c, At{Step: s, Model: m})
			}
		}
	}
	return n
}

func (l *loop) Release() {}

// Replay queues one step of one model call by call through Do: what a Program does, slowly, for those who want to
// look between the calls. The calls must have been recorded before with at least step+1 steps.
func (p *Program) Replay(at At, after func(i int, c Call)) {
	if p.gone.Load() || p.own.Closed() || at.Step < 0 || at.Step >= p.step.Steps || at.Model < 0 || at.Model >= p.step.Models {
		misuse("Replay", fmt.Sprintf("step %d of model %d of a program recorded for %d and %d, or released", at.Step, at.Model, p.step.Steps, p.step.Models))
	}
	for i, c := range p.step.Calls {
		p.b.Do(c, at)
		if after != nil {
			after(i, c)
		}
	}
}
