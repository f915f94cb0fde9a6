//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/binaries"
	"github.com/gloss-ml/gloss/backend/gl/internal/glrt"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// device is the backend: plans of the calls, run by the runtime's thread.
type device struct {
	backend.Common
	rt  *glrt.Device
	env plan.Env
	pace
	tuner *tuner // nil on a software renderer, and where GLOSS_TUNE is off

	// mu keeps the launches of one call together in the queue: they share the scratch. It guards what follows too.
	mu      sync.Mutex
	kernels map[string]*glrt.Kernel // by plan.Launch.Key
	scratch *glrt.Buffer
	launch  glrt.Launch // reused by Do
}

func open(o options) (backend.Backend, error) {
	without, err := plan.ParseTechniques(os.Getenv("GLOSS_WITHOUT"))
	if err != nil {
		return nil, fmt.Errorf("gl: GLOSS_WITHOUT: %w", err)
	}
	d := &device{kernels: map[string]*glrt.Kernel{}}
	programs := binaries.Dir()
	if o.programs != nil {
		programs = *o.programs
	}
	rt, err := glrt.Open(glrt.Options{Device: o.device, Budget: o.budget, Lend: o.proc, Programs: programs, Failed: func(err error) { d.Fail(typed(err)) }})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", backend.ErrUnavailable, err)
	}
	d.rt = rt
	lim := rt.Limits()
	d.env = plan.Env{
		Blocks: min(lim.StorageBlocks, glrt.MaxBindings), Words: lim.UniformComponents,
		Block: lim.BoundBytes, Scratch: int(lim.StorageBlockBytes / 4), Shared: lim.SharedBytes,
		Without: without,
	}
	if rt.Info().Software {
		d.env.Loop, d.env.Serial = plan.LLVMPipeLoop, true
	} else {
		d.env.TooLong = d.tooLong
		if os.Getenv("GLOSS_TUNE") != "off" {
			d.tuner = newTuner(d)
			d.env.Tuned = d.tuner.find
		}
	}
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
	name := i.Renderer
	if d.env.Without != 0 { // which results shall say
		name += " without " + d.env.Without.String()
	}
	return backend.Info{Device: "gl", Name: name, Driver: i.Vendor + ", OpenGL " + i.Version + ", " + i.Path, Software: i.Software}
}

func programsOf(b backend.Backend) ProgramState {
	d, ok := b.(*device)
	if !ok {
		return ProgramState{}
	}
	s := d.rt.Programs()
	return ProgramState{Dir: s.Dir, Loaded: s.Loaded, Compiled: s.Missed, Err: s.Err}
}

func (d *device) Stats() backend.Stats {
	s, r := d.Common.Stats(), d.rt.Stats()
	s.Dispatches, s.Barriers, s.Submits, s.Waits, s.Busy = r.Dispatches, r.Barriers, r.Submits, r.Waits, r.Busy
	return s
}

func (d *device) Alloc(kind backend.Kind, n int) (*backend.Buffer, error) {
	bytes := n * kind.Size()
	mem, err := d.rt.Alloc(bytes)
	if err != nil {
		return nil, d.refused(err)
	}
	return backend.NewBuffer(d, kind, n, mem, mem.Release), nil
}

// refused is what Alloc says where the runtime gives no memory.
func (d *device) refused(err error) error {
	var full *glrt.MemoryError
	if !errors.As(err, &full) {
		return d.first(typed(err))
	}
	text := "gl: %w"
	if full.Driver {
		text = "gl: the driver refuses a buffer: %w"
	}
	return fmt.Errorf(text, &backend.MemoryError{Asked: full.Asked, Live: full.Live, Budget: full.Budget})
}

// typed gives the runtime's errors the types that callers know.
func typed(err error) error {
	var refused *glrt.CompileError
	switch {
	case errors.Is(err, glrt.ErrContextLost):
		return fmt.Errorf("%w: %w", backend.ErrLost, err)
	case errors.As(err, &refused):
		return &CompileError{Kernel: refused.Kernel, text: err.Error()}
	}
	return err
}

// first prefers the failure that the backend is stuck with to what a later command ran into. A command that Close
// overtook has not failed.
func (d *device) first(err error) error {
	if e := d.Err(); e != nil {
		return e
	}
	if errors.Is(err, glrt.ErrClosed) {
		return backend.ErrClosed
	}
	return err
}

// memory is the runtime's buffer under b. It is not b: whoever queues a command with it keeps b alive until then, or the
// collector may give the memory to somebody else first.
func memory(b *backend.Buffer) *glrt.Buffer { return b.Mem().(*glrt.Buffer) }

func (d *device) Write(dst *backend.Buffer, off int, src []byte) {
	d.rt.Write(memory(dst), off*dst.Kind().Size(), src)
	runtime.KeepAlive(dst)
}

func (d *device) Read(dst []byte, src *backend.Buffer, off int) error {
	if err := d.Err(); err != nil {
		return err
	}
	err := d.rt.Read(memory(src), off*src.Kind().Size(), dst)
	runtime.KeepAlive(src)
	return d.first(err)
}

func (d *device) Sync() error {
	if d.Closed() {
		return d.Err()
	}
	return d.first(d.rt.Sync())
}

// work is for Work, on a thread that was lent.
func (d *device) work() error {
	if !d.rt.Here() {
		panic(&backend.Misuse{Call: "gl.Work", Reason: "called on another thread than the one that was lent"})
	}
	return d.first(d.rt.Work())
}

func (d *device) Close() error {
	d.Shut()
	return d.first(d.rt.Close())
}
