package gl

import (
	"unsafe"

	"github.com/gloss-ml/gloss/backend"
)

// Lend makes the device run in the OpenGL context that is current on the thread that calls [Open], and on that thread:
// an application that draws what it trains needs no copies and no second context. proc finds the context's functions, as
// glfw.GetProcAddress does.
//
// The calling goroutine must be locked to its thread (runtime.LockOSThread) and the context, of OpenGL 4.3 or later, must be
// current there whenever the device works: in [Work], in Close, and in whatever waits for the device on that thread
// (Alloc, Read, Sync, Record and large writes, and so nn.New, train.New and the like). Other goroutines may use the device as
// any other; what they wait for comes about in the next Work, and so does their Close.
//
// The device changes the current program, the storage buffers bound to the first 16 points and the buffer bound to
// GL_COPY_WRITE_BUFFER, and nothing else of the context's state. It takes no notice of what the application binds, and
// drops GL errors that were pending. Close leaves the context alone.
func Lend(proc func(name string) unsafe.Pointer) Option {
	return func(o *options) { o.lent, o.proc = true, proc }
}

// Work runs what was queued on a device that was opened with [Lend], on the thread that lent it, and returns the
// device's first failure. What was written is there for whatever the application draws next. It does not wait for the
// GPU. It panics on another thread. A device with a thread of its own needs no Work, which then does nothing; it is
// misuse on what is not an OpenGL device.
func Work(b backend.Backend) error {
	d, ok := backend.Unwrap(b).(interface{ work() error })
	if !ok {
		panic(&backend.Misuse{Call: "gl.Work", Reason: b.Info().Device + " is no OpenGL device"})
	}
	return d.work()
}

// Object is the name of the OpenGL buffer object in which the buffer's elements lie, from byte 0 on: 4 bytes each for
// F32 and U32, in the order of the rows. It belongs to the device's context (see [Lend]), is valid until the buffer is
// released, and may be longer than the buffer. It is misuse on a buffer of another device.
func Object(buf *backend.Buffer) uint32 {
	mem, ok := buf.Mem().(interface{ Name() uint32 })
	if !ok {
		panic(&backend.Misuse{Call: "gl.Object", Reason: "the buffer is not on an OpenGL device"})
	}
	return mem.Name()
}
