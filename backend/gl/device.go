//go:build cgo && (gl || glfw) && linux

package gl

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/glrt"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// device is the backend: plans of the calls, run by the runtime's thread.
type device struct {
	backend.Common
	rt  *glrt.Device
	env plan.Env

	// mu keeps the launches of one call together in the queue: they share the scratch. It guards what follows too.
	mu      sync.Mutex
	kernels map[kernelKey]*glrt.Kernel
	scratch *glrt.Buffer
	launch  glrt.Launch // reused by Do
}

// kernelKey is what a kernel's source is made of: it is cheaper to compare than to put together.
type kernelKey struct{ template, defines, code string }

func open(o options) (backend.Backend, error) {
	d := &device{kernels: map[kernelKey]*glrt.Kernel{}}
	rt, err := glrt.Open(glrt.Options{Device: o.device, Budget: o.budget, Failed: d.Fail})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", backend.ErrUnavailable, err)
	}
	d.rt = rt
	lim := rt.Limits()
	d.env = plan.Env{Blocks: min(lim.StorageBlocks, glrt.MaxBindings), Words: lim.UniformComponents}
	return d, nil
}

func devices() ([]Found, error) {
	all, err := glrt.Devices()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", backend.ErrUnavailable, err)
	}
	out := make([]Found, len(all))
	for i, f := range all {
		out[i] = Found{Name: f.Name, Renderer: f.Info.Renderer, Version: f.Info.Version, Software: f.Info.Software, Err: f.Err}
	}
	return out, nil
}

func (d *device) Info() backend.Info {
	i := d.rt.Info()
	return backend.Info{Device: "gl", Name: i.Renderer, Driver: i.Vendor + ", OpenGL " + i.Version + ", " + i.Path, Software: i.Software}
}

func (d *device) Stats() backend.Stats {
	s, r := d.Common.Stats(), d.rt.Stats()
	s.Dispatches, s.Barriers, s.Waits = r.Dispatches, r.Barriers, r.Waits
	return s
}

func (d *device) Alloc(kind backend.Kind, n int) (*backend.Buffer, error) {
	bytes := n * kind.Size()
	if most := d.rt.Limits().StorageBlockBytes; int64(bytes) > most {
		return nil, fmt.Errorf("gl: %w: a buffer of %d bytes; shaders of this driver see %d at most in one buffer",
			backend.ErrOutOfMemory, bytes, most)
	}
	mem, err := d.rt.Alloc(bytes)
	if err != nil {
		var full *glrt.MemoryError
		if errors.As(err, &full) {
			return nil, fmt.Errorf("%w: %w", backend.ErrOutOfMemory, err)
		}
		return nil, d.first(err)
	}
	return backend.NewBuffer(d, kind, n, mem, mem.Release), nil
}

// first prefers the failure that the backend is stuck with to what a later command ran into.
func (d *device) first(err error) error {
	if e := d.Err(); e != nil {
		return e
	}
	return err
}

func memory(b *backend.Buffer) *glrt.Buffer { return b.Mem().(*glrt.Buffer) }

func (d *device) Write(dst *backend.Buffer, off int, src []byte) {
	d.rt.Write(memory(dst), off*dst.Kind().Size(), src)
}

func (d *device) Read(dst []byte, src *backend.Buffer, off int) error {
	if err := d.Err(); err != nil {
		return err
	}
	return d.first(d.rt.Read(memory(src), off*src.Kind().Size(), dst))
}

func (d *device) Sync() error {
	if d.Closed() {
		return d.Err()
	}
	return d.first(d.rt.Sync())
}

func (d *device) Close() error {
	d.Shut()
	return d.first(d.rt.Close())
}
