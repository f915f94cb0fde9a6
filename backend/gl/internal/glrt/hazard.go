//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import "github.com/go-gl/gl/v4.3-core/gl"

// hazard knows what the dispatches since the last barrier have touched. OpenGL lets them run in any order and at once,
// so a launch that reads what they write, or writes what they read or write, needs a barrier before it.
type hazard struct {
	open []touch
	// host: shaders wrote since the last barrier that covers the host's own reads and writes.
	hostDirty bool
}

type touch struct {
	block  *block
	lo, hi int
	write  bool
}

// maxOpen bounds the search: a barrier now and then costs less than comparing with hundreds of ranges.
const maxOpen = 64

func (h *hazard) conflicts(l *Launch) bool {
	if len(h.open) == 0 {
		return false
	}
	if len(h.open)+len(l.Access) > maxOpen {
		return true
	}
	for _, a := range l.Access {
		b := l.Buffers[a.Buffer].block
		for _, t := range h.open {
			if t.block == b && (a.Write || t.write) && a.Lo < t.hi && t.lo < a.Hi {
				return true
			}
		}
	}
	return false
}

func (h *hazard) add(l *Launch) {
	for _, a := range l.Access {
		h.open = append(h.open, touch{l.Buffers[a.Buffer].block, a.Lo, a.Hi, a.Write})
		h.hostDirty = true
	}
}

// forget empties the list without a barrier: for planning, and after one.
func (h *hazard) forget() {
	clear(h.open)
	h.open = h.open[:0]
}

// barrier orders dispatches with dispatches.
func (h *hazard) barrier(d *Device) {
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
	d.counters.barriers.Add(1)
	h.forget()
}

// host orders dispatches with the host's reads, writes and clears, which need a bit of their own.
func (h *hazard) host(d *Device) {
	if !h.hostDirty {
		return
	}
	gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT | gl.SHADER_STORAGE_BARRIER_BIT)
	d.counters.barriers.Add(1)
	h.hostDirty = false
	h.forget()
}
