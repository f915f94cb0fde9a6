//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

// #include "replay.h"
import "C"

import "github.com/go-gl/gl/v4.3-core/gl"

// Launch is one dispatch with everything that it needs.
type Launch struct {
	Kernel  *Kernel
	Groups  [3]uint32
	Buffers []*Buffer // bound to the storage blocks 0, 1, ...
	Ranges  []Range   // what of them is bound; nil for all
	// Uniforms are the kernel's `uniform uvec4 U[...]`, floats as their bits: a multiple of four words.
	Uniforms []uint32
	// Advance is what Uniforms grow by from one step of a Sequence to the next; nil for a launch of its own.
	Advance []uint32
	Access  []Access
	// Steps is how many steps of a Sequence, all of whose launches do as many, the launch does itself at most; the uniform StepsAt
	// tells it how many. 0 is one.
	Steps, StepsAt int
}

// Access is a range of bytes that a launch reads or writes: what barriers are placed by. In a Sequence it covers all
// steps.
type Access struct {
	Buffer int // index in Buffers
	Lo, Hi int // bytes, Hi excluded
	Write  bool
}

// Range is a part of a buffer in bytes, Hi excluded; the zero Range is the whole.
type Range struct{ Lo, Hi int }

// MaxBindings is the most buffers that a launch binds.
const MaxBindings = C.GLOSS_BINDINGS

// glState is what the context is known to have bound, so that only changes are made.
type glState struct {
	driver  C.gloss_state
	copyBuf uint32
	dirty   bool // work was given since the last flush
}

// copyTarget binds a buffer for the host's own access. COPY_WRITE_BUFFER is nobody else's.
func (s *glState) copyTarget(id uint32) {
	if s.copyBuf != id {
		gl.BindBuffer(gl.COPY_WRITE_BUFFER, id)
		s.copyBuf = id
	}
	s.dirty = true
}

// forget drops a buffer that is about to be deleted: GL unbinds it by itself, and may give its name to the next.
func (s *glState) forget(id uint32) {
	if s.copyBuf == id {
		s.copyBuf = 0
	}
	for i := range s.driver.bound {
		if b := &s.driver.bound[i]; b.id == C.uint32_t(id) {
			*b = C.gloss_range{}
		}
	}
}

// flush hands work to the device that a driver may still be collecting.
func (s *glState) flush() {
	if s.dirty {
		gl.Flush()
		s.dirty = false
	}
}

// dispatch runs one launch on the thread, with a barrier before it where it needs one.
func (d *Device) dispatch(l *Launch) error {
	if err := d.ready(l.Kernel); err != nil {
		return err
	}
	if d.hazard.conflicts(l) {
		d.hazard.barrier(d)
	}
	d.hazard.add(l)
	d.one.clear()
	if err := d.one.add(l, false); err != nil {
		return err
	}
	d.replay(&d.one, 0, 1, 0, 1, false)
	return nil
}
