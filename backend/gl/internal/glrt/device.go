//go:build cgo && (gl || glfw) && (linux || windows)

// Package glrt is the OpenGL runtime under the backend: a thread that owns a context, and a queue to it.
//
// Any goroutine may call any method. Launches, writes of small data, sequences and releases are queued and return at
// once; Alloc, Read, Sync, Compile and Close wait for all that was queued before them. The first failure of the device
// is kept: from then on nothing runs, and whatever waits returns that failure.
package glrt

import (
	"errors"
	"runtime"
	"sync"
	"unsafe"

	"github.com/gloss-ml/gloss/backend/gl/internal/binaries"
)

// Options choose the device and bound its memory.
type Options struct {
	// Device is empty for the first that opens, a number in the list that Devices gives, or a part of the renderer's
	// name or of that of the way to it, in any case.
	Device string
	// Lend, if given, finds GL functions of a context that is current on the calling thread: the device runs there, in
	// that context, instead of a thread and a context of its own.
	Lend func(name string) unsafe.Pointer
	// Budget is the most bytes that buffers may take; 0 takes the driver's word for what is there, or no bound.
	Budget int64
	// Programs is the folder of compiled programs; "" for none.
	Programs string
	// Failed is called once, on any goroutine, with the failure that the device is stuck with.
	Failed func(error)
}

// Device is an open context with its thread.
type Device struct {
	queue    queue
	info     Info
	limits   Limits
	counters counters
	kernels  kernelCache
	programs *binaries.Store // nil where none are kept
	pool     pool

	// Below: the thread's own, no lock.
	state  glState
	hazard hazard
	timer  timer
	debug  bool          // look for errors and messages after every command
	reset  func() uint32 // the driver's word on resets; nil where it has none
	lost   bool          // the context is: GL calls have no effect, and some drivers crash in them
	one    tape          // of a launch that is not in a sequence
	room   []uint32      // for the words of a launch at a step

	failMu  sync.Mutex
	failure error
	failed  func(error)

	closing sync.Once
	gone    chan struct{} // closed when the thread has ended
}

// ErrClosed answers those who come after Close.
var ErrClosed = errors.New("gl: the device is closed")

// Open starts the thread and its context.
func Open(o Options) (*Device, error) {
	d := &Device{gone: make(chan struct{}), debug: debugging(), failed: o.Failed}
	d.queue.init()
	d.pool.init(d)
	d.kernels.init()
	if o.Lend != nil {
		if err := d.borrow(o); err != nil {
			return nil, err
		}
		return d, nil
	}
	opened := make(chan error, 1)
	go d.thread(o, opened)
	if err := <-opened; err != nil {
		<-d.gone
		return nil, err
	}
	return d, nil
}

// thread is the life of the device. It is never unlocked from its OS thread, so that the thread ends with it: what a
// driver has stored for the thread goes too.
func (d *Device) thread(o Options, opened chan<- error) {
	runtime.LockOSThread()
	defer close(d.gone)
	ctx, err := openContext(o, d)
	opened <- err
	if err != nil {
		return
	}
	d.loop()
	d.end(ctx)
}

// end is the last that the device does on its thread.
func (d *Device) end(ctx context) {
	d.drain()
	d.programs.Close()
	d.destroyObjects()
	ctx.Destroy()
}

// Info says what was opened.
func (d *Device) Info() Info { return d.info }

// Limits are what the driver promises for compute shaders.
func (d *Device) Limits() Limits { return d.limits }

// Programs says what was read from the disk, and what was not.
func (d *Device) Programs() binaries.State { return d.programs.State() }

// Err is the failure that the device is stuck with, nil while it works. It does not wait.
func (d *Device) Err() error {
	d.failMu.Lock()
	defer d.failMu.Unlock()
	return d.failure
}

// fail keeps the first failure.
func (d *Device) fail(err error) {
	if err == nil {
		return
	}
	d.failMu.Lock()
	first := d.failure == nil
	if first {
		d.failure = err
	}
	d.failMu.Unlock()
	if first && d.failed != nil {
		d.failed(err)
	}
}

// Close waits until what was queued has run, frees everything that the device holds and ends its thread. It returns the
// failure that the device is stuck with, every time it is called.
func (d *Device) Close() error {
	d.closing.Do(func() { d.queue.close() })
	d.queue.lent.help()
	<-d.gone
	return d.Err()
}

// destroyObjects deletes what the context would otherwise take along only if nothing else shares it.
func (d *Device) destroyObjects() {
	if d.lost {
		d.pool.unmap() // what the driver mapped stays until the context goes, but nobody is to look any more
		return         // they are gone with the context
	}
	defer func() { recover() }() // the device is ending; what failed is already kept
	d.timer.destroy()
	d.kernels.destroy()
	d.pool.destroy()
}
