package backend

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// A Buffer is a device's memory: n elements of one kind. It is made by Alloc and given back by Release; a buffer that
// is dropped without it is given back some time after the collector has found it. A [Program] holds its buffers: their
// memory lives until both the buffer and the program are released.
type Buffer struct {
	owner    *Common
	kind     Kind
	n        int
	mem      any
	free     func()
	refs     atomic.Int32
	released atomic.Bool
	cleanup  runtime.Cleanup
}

// NewBuffer is for backends: it wraps mem, the device's own handle, as a buffer of b. free is called once, when nobody
// holds the buffer any longer, on any goroutine; neither mem nor free may refer to the buffer.
func NewBuffer(b Backend, kind Kind, n int, mem any, free func()) *Buffer {
	c, bytes := b.common(), int64(n*kind.Size())
	c.allocs.Add(1)
	c.live.Add(1)
	c.liveBytes.Add(bytes)
	gone := func() {
		c.live.Add(-1)
		c.liveBytes.Add(-bytes)
		free()
	}
	buf := &Buffer{owner: c, kind: kind, n: n, mem: mem, free: gone}
	buf.refs.Store(1)
	buf.cleanup = runtime.AddCleanup(buf, func(free func()) { free() }, gone)
	return buf
}

// Kind is the type of the elements.
func (b *Buffer) Kind() Kind { return b.kind }

// Len is the number of elements.
func (b *Buffer) Len() int { return b.n }

// Mem is the device's own handle, as given to [NewBuffer].
func (b *Buffer) Mem() any { return b.mem }

// Live reports whether the buffer may be used: neither it nor its device has been given back.
func (b *Buffer) Live() bool { return !b.released.Load() && !b.owner.Closed() }

// Release gives the memory back once every call that was queued before has run. Using the buffer afterwards is misuse;
// releasing it again does nothing.
func (b *Buffer) Release() {
	if b != nil && !b.released.Swap(true) {
		b.drop()
	}
}

// hold keeps the memory until drop; it reports whether it still was there.
func (b *Buffer) hold() bool {
	for {
		n := b.refs.Load()
		if n == 0 {
			return false
		}
		if b.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (b *Buffer) drop() {
	if b.refs.Add(-1) == 0 {
		b.cleanup.Stop()
		b.free()
	}
}

// maxAlloc keeps sizes in bytes far from what an int holds: 2⁴⁰ elements, or what a 32-bit machine can address.
const maxAlloc = min(1<<40, math.MaxInt/8)

// Elem are the Go types of the kinds F32, U32 and U8.
type Elem interface{ float32 | uint32 | uint8 }

func kindOf[T Elem]() Kind {
	var z T
	switch any(z).(type) {
	case float32:
		return F32
	case uint32:
		return U32
	}
	return U8
}

// Alloc returns n elements of zeros on b, n ≥ 0. It returns [ErrClosed], an error that wraps [ErrOutOfMemory], or the
// device's first failure.
func Alloc(b Backend, kind Kind, n int) (*Buffer, error) {
	if n < 0 || kind > U8 {
		misuse("Alloc", fmt.Sprintf("%d elements of %v", n, kind))
	}
	c := b.common()
	if n > maxAlloc {
		asked := int64(math.MaxInt64)
		if size := int64(kind.Size()); int64(n) <= asked/size {
			asked = int64(n) * size
		}
		return nil, fmt.Errorf("%d elements of %v, more than any device has: %w", n, kind, &MemoryError{Asked: asked, Live: c.Stats().LiveBytes})
	}
	if c.Closed() {
		return nil, ErrClosed
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return b.Alloc(kind, n)
}

// Write queues a copy of src to the elements of dst from off on. src may change once Write has returned.
func Write[T Elem](b Backend, dst *Buffer, off int, src []T) {
	raw := door(b, "Write", dst, off, src)
	c := b.common()
	c.writes.Add(1)
	c.bytesWrites.Add(int64(len(raw)))
	if len(raw) > 0 && !c.failed.Load() {
		b.Write(dst, off, raw)
	}
}

// Read waits for everything queued before and fills dst with the elements of src from off on. It returns the device's
// first failure, and then leaves dst alone.
func Read[T Elem](b Backend, dst []T, src *Buffer, off int) error {
	raw := door(b, "Read", src, off, dst)
	c := b.common()
	c.reads.Add(1)
	c.bytesRead.Add(int64(len(raw)))
	if err := c.Err(); err != nil {
		return err
	}
	if len(raw) == 0 {
		return b.Sync()
	}
	return b.Read(raw, src, off)
}

// door checks a transfer and returns the host's side of it as bytes.
func door[T Elem](b Backend, name string, buf *Buffer, off int, host []T) []byte {
	switch {
	case buf == nil:
		misuse(name, "nil buffer")
	case buf.owner != b.common():
		misuse(name, "the buffer belongs to another backend")
	case !buf.Live():
		misuse(name, "the buffer or its backend has been released")
	case buf.kind != kindOf[T]():
		misuse(name, fmt.Sprintf("%v elements on the host, %v in the buffer", kindOf[T](), buf.kind))
	case off < 0 || off > buf.n || len(host) > buf.n-off:
		misuse(name, fmt.Sprintf("elements %d to %d of a buffer of %d", off, off+len(host), buf.n))
	}
	if len(host) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&host[0])), len(host)*buf.kind.Size())
}
