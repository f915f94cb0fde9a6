package backend

import (
	"fmt"
	"slices"
	"sync"
)

// A Stager is a backend whose memory the host can fill while the device runs. Stage and [MarkQueue] find it through [Unwrap].
type Stager interface {
	// Stage is Alloc of memory that the host writes through the Mapping. It returns [ErrNotMapped] where the driver has none.
	Stage(kind Kind, n int) (*Buffer, Mapping, error)
	// Mark marks the end of what is queued.
	Mark() Mark
}

// A Mapping is the host's side of a staged buffer.
type Mapping interface {
	// Fill lends f the bytes from off up to off+n. Calls that are queued once it has returned see what f wrote. It returns
	// [ErrClosed] once the buffer is gone, or f's error.
	Fill(off, n int, f func(dst []byte) error) error
}

// A Mark is a place in the queue.
type Mark interface {
	// Wait waits until the device has done what was queued before the mark, and returns its first failure.
	Wait() error
}

// ErrNotMapped is what a Stager without such memory says; [Stage] then copies.
var ErrNotMapped = fmt.Errorf("the driver maps no buffers: %w", ErrUnavailable)

// A Staging is a buffer that the host fills in parts while the device reads other parts: the ring of a data set that does
// not lie on the device. On a GPU it is mapped for as long as it lives, where the driver can (OpenGL 4.4), and elsewhere written like any other. Fill may be called from any goroutine; several at once fill
// parts of their own.
type Staging struct {
	Buf  *Buffer
	b    Backend
	host Mapping // nil where it is copied
	mu   sync.Mutex
	copy []byte // what is about to be written
}

// Stage returns n elements of zeros to be filled by the host. Its errors are Alloc's.
func Stage(b Backend, kind Kind, n int) (*Staging, error) {
	s, ok := Unwrap(b).(Stager)
	c := b.common()
	if ok && n > 0 && n <= maxAlloc && kind <= U8 && !c.Closed() && c.Err() == nil {
		buf, host, err := s.Stage(kind, n)
		if err == nil {
			return &Staging{Buf: buf, b: b, host: host}, nil
		}
		if err != ErrNotMapped {
			return nil, err
		}
	}
	buf, err := Alloc(b, kind, n)
	if err != nil {
		return nil, err
	}
	return &Staging{Buf: buf, b: b}, nil
}

// Mapped reports whether the host writes the device's memory itself.
func (s *Staging) Mapped() bool { return s.host != nil }

// Fill lends f the memory of the n elements from off on, in the machine's byte order; f must fill all of it. Calls that are
// queued once Fill has returned see it. No call that is queued before may still read those elements: see [MarkQueue]. The
// error is f's, or says that the device is closed.
func (s *Staging) Fill(off, n int, f func(dst []byte) error) error {
	size := s.Buf.kind.Size()
	if off < 0 || n < 0 || off > s.Buf.n || n > s.Buf.n-off {
		misuse("Fill", fmt.Sprintf("elements %d to %d of a buffer of %d", off, off+n, s.Buf.n))
	}
	if n == 0 {
		return nil
	}
	c := s.b.common()
	if c.Closed() || !s.Buf.Live() {
		return ErrClosed
	}
	c.writes.Add(1)
	c.bytesWrites.Add(int64(n * size))
	if s.host != nil {
		return s.host.Fill(off*size, n*size, f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copy = slices.Grow(s.copy[:0], n*size)
	dst := s.copy[:n*size]
	if err := f(dst); err != nil {
		return err
	}
	if !c.failed.Load() && s.Buf.Live() {
		s.b.Write(s.Buf, off, dst)
	}
	return nil
}

// Release gives the memory back, once no Fill is at it.
func (s *Staging) Release() {
	if s != nil {
		s.Buf.Release()
	}
}

// MarkQueue marks the end of what is queued on b. On devices without marks, those that compute before a call returns among
// them, to wait for it is Sync.
func MarkQueue(b Backend) Mark {
	if s, ok := Unwrap(b).(Stager); ok {
		return s.Mark()
	}
	return syncMark{b}
}

type syncMark struct{ b Backend }

func (m syncMark) Wait() error { return m.b.Sync() }
