//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"errors"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// ErrNotMapped is what AllocMapped says where the driver keeps no buffer mapped.
var ErrNotMapped = errors.New("gl: the driver has no persistently mapped buffers (OpenGL 4.4), or maps none of this size")

// immutable reports whether buffers have immutable storage.
func (d *Device) immutable() bool { return d.info.Major > 4 || d.info.Minor >= 4 }

// Mapping is the host's side of a buffer that stays mapped.
type Mapping struct {
	mu  sync.RWMutex // Fill reads, close writes
	mem []byte       // nil once it is closed
}

// Fill lends f the bytes from off up to off+n. Commands that are queued once it has returned see what f wrote: the mapping
// is coherent. It returns ErrClosed once the buffer is gone, or f's error.
func (m *Mapping) Fill(off, n int, f func([]byte) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.mem == nil {
		return ErrClosed
	}
	return f(m.mem[off:][:n:n])
}

// close waits until nobody fills.
func (m *Mapping) close() {
	if m == nil {
		return
	}
	m.mu.Lock()
	m.mem = nil
	m.mu.Unlock()
}

// mapTarget gives the buffer object at the copy target its storage and maps it, for as long as it lives; nil where the
// driver refuses either.
func mapTarget(n int) *Mapping {
	const access = gl.MAP_WRITE_BIT | gl.MAP_PERSISTENT_BIT | gl.MAP_COHERENT_BIT
	gl.BufferStorage(gl.COPY_WRITE_BUFFER, n, nil, access)
	p := gl.MapBufferRange(gl.COPY_WRITE_BUFFER, 0, n, access)
	if p == nil {
		return nil
	}
	m := &Mapping{mem: unsafe.Slice((*byte)(p), n)}
	clear(m.mem)
	return m
}

// AllocMapped is Alloc of memory that the host writes. It returns ErrNotMapped where the driver has none.
func (d *Device) AllocMapped(size int) (*Buffer, *Mapping, error) {
	if !d.immutable() {
		return nil, nil, ErrNotMapped
	}
	b, err := d.alloc(size, true)
	if err != nil {
		return nil, nil, err
	}
	return b, b.block.host, nil
}

// unmap closes all mappings.
func (p *pool) unmap() {
	for b := range p.all {
		b.host.close()
	}
}

// Mark is a place in the queue: a fence behind what was queued before it.
type Mark struct {
	d *Device
	f *fence
}

// fence is the thread's own.
type fence struct{ sync uintptr } // 0 before it is made, and once it is deleted

func (f *fence) delete() {
	if f.sync != 0 {
		gl.DeleteSync(f.sync)
		f.sync = 0
	}
}

// Mark marks the end of what is queued.
func (d *Device) Mark() *Mark {
	m := &Mark{d, &fence{}}
	d.queue.put(&markCmd{m.f})
	// For marks that nobody waits for.
	runtime.AddCleanup(m, func(f *fence) { d.queue.force(&unmarkCmd{f}) }, m.f)
	return m
}

type markCmd struct{ f *fence }

func (c *markCmd) run(d *Device) error {
	c.f.sync = gl.FenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)
	d.state.dirty = true
	return nil
}
func (c *markCmd) finish(error) {}
func (c *markCmd) weight() int  { return 0 }

type unmarkCmd struct{ f *fence }

func (c *unmarkCmd) run(*Device) error { c.f.delete(); return nil }
func (c *unmarkCmd) finish(error)      {}
func (c *unmarkCmd) weight() int       { return 0 }

// Wait waits until the device has done what was queued before the mark.
func (m *Mark) Wait() error {
	c := &markWaitCmd{newWaiter(), m.f}
	err := m.d.wait(c, &c.waiter)
	runtime.KeepAlive(m)
	return err
}

type markWaitCmd struct {
	waiter
	f *fence
}

// fenceTurn is how long the driver may wait before the context is asked whether it is still there.
const fenceTurn = 100 * time.Millisecond

func (c *markWaitCmd) run(d *Device) error {
	for c.f.sync != 0 {
		if gl.ClientWaitSync(c.f.sync, gl.SYNC_FLUSH_COMMANDS_BIT, uint64(fenceTurn)) != gl.TIMEOUT_EXPIRED || d.check() != nil {
			c.f.delete()
		}
	}
	return d.earlier()
}
