package safetensors

import (
	"io"
	"os"
	"sync/atomic"
)

// behind writes on a goroutine of its own what it is given, so that reading from the device and the checksum take no time
// of the disk's. Close waits for it.
type behind struct {
	full, free chan []byte // free has room for all three buffers, so that run never waits
	now        []byte
	failed     atomic.Bool
	done       chan error
}

// room is what a tensor is read and written by: it stays in the cache between the device, the checksum and the disk.
const room = 1 << 19

func newBehind(f *os.File) *behind {
	b := &behind{full: make(chan []byte, 2), free: make(chan []byte, 3), now: make([]byte, 0, room), done: make(chan error, 1)}
	for range 2 { // beside the one that is being filled
		b.free <- make([]byte, 0, room)
	}
	go b.run(f)
	return b
}

// flushEvery is how many bytes are written before the disk is told of them.
const flushEvery = 8 << 20

// run goes on taking after an error, so that nobody waits for it.
func (b *behind) run(f *os.File) {
	var err error
	var written, flushed int64
	for p := range b.full {
		if err == nil {
			_, err = f.Write(p)
			b.failed.Store(err != nil)
		}
		if written += int64(len(p)); written-flushed >= flushEvery {
			flush(f, flushed, written-flushed)
			flushed = written
		}
		b.free <- p[:0]
	}
	b.done <- err
}

// Write copies p. After an error, which Close returns, there is no sense in going on: it is io.ErrClosedPipe.
func (b *behind) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		if b.failed.Load() {
			return n, io.ErrClosedPipe
		}
		k := copy(b.now[len(b.now):cap(b.now)], p)
		b.now = b.now[:len(b.now)+k]
		n, p = n+k, p[k:]
		if len(b.now) == cap(b.now) {
			b.full <- b.now
			b.now = <-b.free
		}
	}
	return n, nil
}

// Close writes the rest and returns the first error.
func (b *behind) Close() error {
	b.full <- b.now
	close(b.full)
	return <-b.done
}
