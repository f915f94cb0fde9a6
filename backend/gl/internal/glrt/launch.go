//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"

	"github.com/go-gl/gl/v4.3-core/gl"
)

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
const MaxBindings = 16

// glState is what the context is known to have bound, so that only changes are made.
type glState struct {
	program uint32
	copyBuf uint32
	bound   [MaxBindings]bound
	dirty   bool // work was given since the last flush
}

func (s *glState) use(program uint32) {
	if s.program != program {
		gl.UseProgram(program)
		s.program = program
	}
}

// bound is what a storage block has.
type bound struct {
	id uint32
	Range
}

func (s *glState) storage(i int, b bound) {
	switch {
	case s.bound[i] == b:
		return
	case b.Hi == 0:
		gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, uint32(i), b.id)
	default:
		gl.BindBufferRange(gl.SHADER_STORAGE_BUFFER, uint32(i), b.id, b.Lo, b.Hi-b.Lo)
	}
	s.bound[i] = b
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
	for i, b := range s.bound {
		if b.id == id {
			s.bound[i] = bound{}
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
	return d.issue(l, l.Uniforms)
}

// issue makes the GL calls of a launch and nothing else.
func (d *Device) issue(l *Launch, uniforms []uint32) error {
	k := l.Kernel
	d.timer.begin()
	d.state.use(k.id)
	if len(l.Buffers) > len(d.state.bound) {
		return fmt.Errorf("gl: kernel %s binds %d buffers", k.Name, len(l.Buffers))
	}
	for i, b := range l.Buffers {
		at := bound{id: b.block.id}
		if l.Ranges != nil {
			at.Range = l.Ranges[i]
		}
		d.state.storage(i, at)
	}
	if len(uniforms) > 0 {
		gl.Uniform4uiv(k.uniforms, int32(len(uniforms)/4), &uniforms[0])
	}
	gl.DispatchCompute(l.Groups[0], l.Groups[1], l.Groups[2])
	d.state.dirty = true
	return nil
}
