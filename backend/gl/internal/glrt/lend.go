//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"unsafe"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// lent is a thread of the application's, with a context of its own, that the device runs on. What is queued runs when the
// application calls Work there, or when something on that thread waits for the device.
type lent struct {
	device *Device
	thread int
	ctx    context
	last   []command // for the queue to use again
	ended  bool
}

// borrow makes the calling thread the device's.
func (d *Device) borrow(o Options) error {
	ctx, err := openContext(o, d)
	if err != nil {
		return err
	}
	d.queue.lent = &lent{device: d, thread: threadID(), ctx: ctx}
	return nil
}

// here reports whether the caller is on a lent thread. It is not on a nil one: that is a device with its own thread.
func (l *lent) here() bool { return l != nil && l.thread == threadID() }

// help keeps a caller on the lent thread from waiting for itself.
func (l *lent) help() {
	if l.here() {
		l.work()
	}
}

// Here reports whether the caller may call Work: the device has a thread of its own, or was lent this one.
func (d *Device) Here() bool { return d.queue.lent == nil || d.queue.lent.here() }

// Work runs what is queued, on the thread that was lent, and leaves what it wrote for the application to see. A device
// with a thread of its own needs no help: Work does nothing. It returns the failure that the device is stuck with.
func (d *Device) Work() error {
	if l := d.queue.lent; l != nil {
		l.work()
	}
	return d.Err()
}

func (l *lent) work() {
	if l.ended {
		return
	}
	d := l.device
	// What the application has bound, and the errors that it left behind, are not known and not the device's.
	d.state = glState{}
	_ = glError()
	_ = d.messages()
	for batch := d.queue.take(l.last, false); batch != nil; batch = d.queue.take(l.last, false) {
		l.last = batch
		d.runBatch(batch)
	}
	if d.queue.over() {
		l.ended = true
		d.end(l.ctx)
		close(d.gone)
		return
	}
	if !d.lost {
		gl.MemoryBarrier(gl.ALL_BARRIER_BITS)
		d.hazard.forget()
	}
}

// borrowed is the way into the context that is current on the calling thread.
func borrowed(proc func(name string) unsafe.Pointer) way {
	return way{name: "a context of the application's", open: func(int, int) (context, error) { return theirs{proc}, nil }}
}

// theirs is a context that the application makes current and destroys.
type theirs struct {
	proc func(name string) unsafe.Pointer
}

func (theirs) MakeCurrent() error                       { return nil }
func (theirs) Release() error                           { return nil }
func (theirs) Destroy()                                 {}
func (c theirs) ProcAddress(name string) unsafe.Pointer { return c.proc(name) }

// Name is the GL name of the buffer object under b, for an application that draws from it in the context that it lent.
func (b *Buffer) Name() uint32 { return b.block.id }
