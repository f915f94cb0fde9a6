//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"errors"
	"runtime"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/glrt"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// Do plans the call and queues its launches. A call that is run often is better recorded, which plans it once.
func (d *device) Do(call backend.Call, at backend.At) {
	if d.Err() != nil {
		return
	}
	env := d.env
	env.At = at
	d.Calls.Add(1)
	d.run(call, env)
}

func (d *device) run(call backend.Call, env plan.Env) {
	launches, err := plan.Build(call, env)
	if err != nil {
		d.Fail(err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range launches {
		p := &launches[i]
		scratch, err := d.grow(p.Scratch)
		if errors.Is(err, glrt.ErrClosed) {
			return // Close came first: nothing runs any more, and nothing has failed
		}
		if err != nil {
			d.Fail(err)
			return
		}
		d.fill(&d.launch, p, scratch)
		d.rt.Launch(&d.launch)
	}
	runtime.KeepAlive(call) // and with it its buffers
}

// grow makes the scratch that calls outside of programs share at least so many words long. Kernels leave the words that
// must be zero as they found them.
func (d *device) grow(words int) (*glrt.Buffer, error) {
	if words == 0 || d.scratch != nil && d.scratch.Size >= 4*words {
		return d.scratch, nil
	}
	b, err := d.rt.Alloc(4 * max(words, 1<<14))
	if err != nil {
		return nil, err
	}
	if d.scratch != nil {
		d.scratch.Release()
	}
	d.scratch = b
	return b, nil
}

// kernel is the program of a launch. d.mu is held.
func (d *device) kernel(p *plan.Launch) *glrt.Kernel {
	key := p.Key()
	k := d.kernels[key]
	if k == nil {
		k = d.rt.Kernel(p.Name, p.Source())
		d.kernels[key] = k
	}
	return k
}

// fill makes the runtime's launch out of a planned one. d.mu is held.
func (d *device) fill(l *glrt.Launch, p *plan.Launch, scratch *glrt.Buffer) {
	l.Kernel, l.Groups = d.kernel(p), p.Groups
	l.Buffers, l.Ranges, l.Uniforms, l.Access = l.Buffers[:0], l.Ranges[:0], l.Uniforms[:0], l.Access[:0]
	for i, b := range p.Buffers {
		l.Ranges = append(l.Ranges, glrt.Range(p.Ranges[i]))
		if b == nil {
			l.Buffers = append(l.Buffers, scratch)
		} else {
			l.Buffers = append(l.Buffers, memory(b))
		}
	}
	for _, w := range p.Words {
		l.Uniforms = append(l.Uniforms, w.At(p.At))
	}
	for _, t := range p.Touches {
		a := glrt.Access{Buffer: t.Binding, Lo: t.Lo, Hi: t.Hi, Write: t.Write}
		if t.Scratch {
			a.Hi = 4 * p.Scratch
		}
		if a.Lo < a.Hi {
			l.Access = append(l.Access, a)
		}
	}
}
