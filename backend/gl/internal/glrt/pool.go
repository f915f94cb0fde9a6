//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// pool lends buffer objects. Creating one costs a driver hundreds of microseconds, so those that come back are kept by
// size class, as far as the budget allows.
type pool struct {
	d *Device

	mu      sync.Mutex
	dropped []*block // returned, by Release in queue order or by the collector; not yet on the free list

	made atomic.Int64 // bytes lent since the collector was last asked to run, less what was returned; never below 0

	// Below: the thread's own.
	free   map[int][]*block
	all    map[*block]struct{}
	lent   int64 // bytes of the classes that are lent
	cached int64 // bytes on the free list
	budget int64 // 0: no bound but the driver's
	most   int   // bytes of the largest block; set before the first Alloc
}

// MemoryError is a refused Alloc.
type MemoryError struct {
	Asked, Live, Budget int64
	Driver              bool // it was the driver that refused, not the budget
}

func (e *MemoryError) Error() string {
	if e.Driver {
		return fmt.Sprintf("gl: out of memory: the driver refuses a buffer of %d bytes while %d are in use", e.Asked, e.Live)
	}
	return fmt.Sprintf("gl: out of memory: %d bytes asked for while %d of a budget of %d are in use", e.Asked, e.Live, e.Budget)
}

// maxCached bounds the free list: other programs want memory too, and a budget may be all that the device has.
const maxCached = 1 << 30

func (p *pool) init(d *Device) {
	p.d, p.free, p.all = d, map[int][]*block{}, map[*block]struct{}{}
}

// setBounds is called by the thread before anybody else has the device.
func (p *pool) setBounds(budget int64, info *Info, lim *Limits) {
	if p.budget = budget; budget == 0 {
		p.budget = info.MemoryBytes
	}
	p.most = int(lim.StorageBlockBytes)
}

func (p *pool) class(size int) int { return class(size, p.most) }

// class rounds a size up: eight classes to each doubling, so that at most an eighth is wasted, and multiples of 256
// bytes, or 4 MiB at most. It does not go beyond most, the largest block that a shader sees whole, unless size does; 0
// is no bound.
func class(size, most int) int {
	if size <= 256 {
		return 256
	}
	step := 1 << max(0, bits.Len(uint(size-1))-4)
	step = min(max(step, 256), 4<<20)
	n := (size + step - 1) / step * step
	if n > most && size <= most {
		return most
	}
	return n
}

// get lends a block of zeros, or a new one that is mapped.
func (p *pool) get(size int, mapped bool) (*block, error) {
	p.reclaim()
	n := p.class(size)
	var b *block
	if list := p.free[n]; len(list) > 0 && !mapped {
		b = list[len(list)-1]
		p.free[n] = list[:len(list)-1]
		p.cached -= int64(n)
	} else {
		if p.budget > 0 && p.lent+p.cached+int64(n) > p.budget {
			p.trim(p.budget - p.lent - int64(n))
		}
		if p.budget > 0 && p.lent+int64(n) > p.budget {
			return nil, &MemoryError{Asked: int64(size), Live: p.lent, Budget: p.budget}
		}
		var err error
		if b, err = p.create(n, mapped); err == errOutOfMemory {
			p.trim(0)
			b, err = p.create(n, mapped)
		}
		if err == errOutOfMemory {
			return nil, &MemoryError{Asked: int64(size), Live: p.lent, Driver: true}
		}
		if err != nil {
			return nil, err
		}
	}
	if !mapped {
		if err := p.zero(b, size); err != nil {
			p.delete(b)
			return nil, err
		}
	}
	b.size = size
	p.lent += int64(n)
	c := &p.d.counters
	c.liveBuffers.Add(1)
	c.liveBytes.Add(int64(size))
	c.cachedBytes.Store(p.cached)
	return b, nil
}

func (p *pool) create(n int, mapped bool) (*block, error) {
	b := &block{bytes: n}
	gl.GenBuffers(1, &b.id)
	p.d.state.copyTarget(b.id)
	if mapped {
		b.host = mapTarget(n)
	} else if p.d.immutable() {
		// Immutable storage stays in the GPU's memory: drivers move mutable buffers to the host once they are read.
		gl.BufferStorage(gl.COPY_WRITE_BUFFER, n, nil, gl.DYNAMIC_STORAGE_BIT)
	} else {
		gl.BufferData(gl.COPY_WRITE_BUFFER, n, nil, gl.DYNAMIC_COPY)
	}
	err := glError()
	if err == nil && mapped && b.host == nil {
		err = ErrNotMapped
	}
	if err != nil {
		p.d.state.forget(b.id)
		gl.DeleteBuffers(1, &b.id)
		return nil, err
	}
	p.all[b] = struct{}{}
	p.d.counters.created.Add(1)
	return b, nil
}

// zero clears what will be used, rounded up to words.
func (p *pool) zero(b *block, size int) error {
	p.d.hazard.host(p.d)
	p.d.state.copyTarget(b.id)
	n := min(b.bytes, (size+3)&^3)
	if n > 0 {
		gl.ClearBufferSubData(gl.COPY_WRITE_BUFFER, gl.R32UI, 0, n, gl.RED_INTEGER, gl.UNSIGNED_INT, nil)
	}
	return glError()
}

// drop marks a block as returned. It is called from any goroutine and must not wait.
func (p *pool) drop(b *block) {
	p.mu.Lock()
	p.dropped = append(p.dropped, b)
	p.mu.Unlock()
	// What was lent before the collector was last asked does not count against what has been lent since.
	for {
		n := p.made.Load()
		if p.made.CompareAndSwap(n, max(0, n-int64(b.bytes))) {
			return
		}
	}
}

// reclaim moves what was returned to the free list.
func (p *pool) reclaim() {
	p.mu.Lock()
	list := p.dropped
	p.dropped = nil
	p.mu.Unlock()
	if len(list) == 0 {
		return
	}
	c := &p.d.counters
	for _, b := range list {
		p.lent -= int64(b.bytes)
		c.liveBuffers.Add(-1)
		c.liveBytes.Add(-int64(b.size))
		if b.host != nil {
			p.delete(b)
			continue
		}
		p.free[b.bytes] = append(p.free[b.bytes], b)
		p.cached += int64(b.bytes)
	}
	keep := int64(maxCached)
	if p.budget > 0 {
		keep = min(keep, p.budget-p.lent)
	}
	p.trim(keep)
	c.cachedBytes.Store(p.cached)
}

// trim deletes cached blocks until at most keep bytes of them are left.
func (p *pool) trim(keep int64) {
	for n, list := range p.free {
		for len(list) > 0 && p.cached > keep {
			b := list[len(list)-1]
			list = list[:len(list)-1]
			p.cached -= int64(n)
			p.delete(b)
		}
		if p.free[n] = list; len(list) == 0 {
			delete(p.free, n)
		}
	}
}

func (p *pool) delete(b *block) {
	b.host.close()
	if !p.d.lost {
		p.d.state.forget(b.id)
		gl.DeleteBuffers(1, &b.id)
	}
	delete(p.all, b)
}

func (p *pool) destroy() {
	for b := range p.all {
		b.host.close()
		gl.DeleteBuffers(1, &b.id)
	}
	p.all, p.free = nil, nil
}

// collectEvery is how many bytes are lent before the garbage collector is asked to look for dropped buffers: it counts
// the host's memory only and would let the device run full.
const collectEvery = 256 << 20

// collect is called before each attempt at an Alloc, on the caller's goroutine.
func (p *pool) collect(size, attempt int) {
	if attempt == 0 {
		if p.made.Add(int64(p.class(size))) < collectEvery {
			return
		}
		p.made.Store(0)
		runtime.GC()
		return
	}
	// Cleanups run some time after the collection that found their objects unreachable. One of our own, queued by the
	// same collection, tells about when.
	swept := make(chan struct{})
	mark := new([16]byte)
	runtime.AddCleanup(mark, func(c chan struct{}) { close(c) }, swept)
	runtime.KeepAlive(mark)
	runtime.GC()
	select {
	case <-swept:
		time.Sleep(time.Millisecond)
	case <-time.After(100 * time.Millisecond):
	}
}
