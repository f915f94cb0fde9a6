package cpu

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gloss-ml/gloss/backend"
)

// A stage is a call, compiled: everything that its shapes and buffers decide has been decided.
type stage interface {
	// run does the call at a step, without allocating.
	run(x *exec, at backend.At)
}

// build compiles a call and makes room for what it needs.
func (d *device) build(call backend.Call, x *exec) stage {
	switch c := call.(type) {
	case *backend.MatMul:
		if d.blas != nil {
			return newWholeProduct(c, d.blas, x)
		}
		return newProduct(c, x)
	case *backend.Each:
		return newEach(c)
	case *backend.Reduce:
		return newFold(c)
	case *backend.Xent:
		return newXent(c)
	case *backend.Gather:
		return newGather(c)
	case *backend.Scatter:
		return newScatter(c)
	case *backend.Permute:
		return &permute{call: c}
	}
	panic(fmt.Sprintf("cpu: unknown call %T", call))
}

// program is a recorded step. The lock makes runs of one program follow each other: they share its memory.
type program struct {
	mu     sync.Mutex
	d      *device
	tracks []track // one, or one for each worker
	task   models
	hold   hold
	models int
}

// Record implements [backend.Recorder].
func (d *device) Record(s backend.Step) (backend.Runner, error) {
	p := &program{d: d, tracks: d.tracks(s), hold: holdOf(s.Calls...), models: s.Models}
	p.task.p = p
	return p, nil
}

// Run does n steps, and none behind a failure.
func (p *program) Run(n int, stop *atomic.Bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold.take()
	defer p.hold.release()
	defer p.d.Worked(time.Now())
	if len(p.tracks) > 1 {
		return p.runTracks(n, stop)
	}
	t, done := &p.tracks[0], 0
	defer func() { t.count(done) }()
	for step := range n {
		if stop != nil && stop.Load() {
			return step
		}
		for model := range p.models {
			if p.d.Err() != nil {
				return n
			}
			t.run(backend.At{Step: step, Model: model})
			done++
		}
	}
	return n
}

func (p *program) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tracks, p.hold = nil, nil
}

// Do compiles the call and runs it.
func (d *device) Do(call backend.Call, at backend.At) {
	if d.Err() != nil {
		return
	}
	h := holdOf(call)
	h.take()
	defer h.release()
	defer d.Worked(time.Now())
	x := d.idle.Get().(*exec)
	d.build(call, x).run(x, at)
	d.Calls.Add(1)
	d.idle.Put(x)
}

// share has the workers do the chunks of a task, or the caller alone where the work, in nanoseconds, is not worth it.
// That depends on the shape only, and the results on neither.
func (x *exec) share(t task, chunks int, work float64) {
	if work < worthSharing {
		alone(t, chunks, &x.s)
	} else {
		x.d.pool.run(t, chunks, &x.s)
	}
}

// worthSharing is a few times what waking a worker costs.
const worthSharing = 12e3

// pieces is how many chunks of a size hold n.
func pieces(n, size int) int { return (n + size - 1) / size }
