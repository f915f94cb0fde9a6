// Package cpu is the contract on the processor: gonum's products and loops of its own for everything else, shared out
// among persistent workers. It allocates nothing while a program runs.
package cpu

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/internal/plain"
)

// An Option chooses how the device computes.
type Option func(*config)

type config struct {
	gonum   bool
	workers int
}

// Gonum has every product done by one call of gonum's Sgemm with goroutines of its own, as a program does that uses
// gonum directly. The device calls itself "gonum" then.
func Gonum(c *config) { c.gonum = true }

// Workers sets the number of goroutines that compute, the caller's included; the default is GOMAXPROCS. Results do
// not depend on it.
func Workers(n int) Option { return func(c *config) { c.workers = max(n, 1) } }

type device struct {
	backend.Common
	config
	pool *pool
	idle sync.Pool // of *exec, for calls that are not recorded

	dropped runtime.Cleanup
}

// Open returns a backend of its own. It never fails.
func Open(opts ...Option) backend.Backend {
	d := &device{config: config{workers: runtime.GOMAXPROCS(0)}}
	for _, o := range opts {
		o(&d.config)
	}
	d.pool = newPool(d.workers - 1)
	d.idle.New = func() any { return &exec{d: d} }
	// A backend that is dropped without Close must not leave its workers behind.
	d.dropped = runtime.AddCleanup(d, (*pool).stop, d.pool)
	return d
}

func (d *device) Info() backend.Info {
	i := backend.Info{Device: "cpu", Name: hostName(), Driver: "gonum's Sgemm on tiles, Go loops", Workers: d.workers}
	if d.gonum {
		i.Device, i.Driver = "gonum", "gonum's Sgemm, Go loops"
	}
	return i
}

func (d *device) Alloc(kind backend.Kind, n int) (*backend.Buffer, error) {
	most, size := hostBytes(), int64(kind.Size())
	if most > 0 && int64(n) > (most-d.Stats().LiveBytes)/size {
		return nil, fmt.Errorf("cpu: %d elements of %v: %w", n, kind, backend.ErrOutOfMemory)
	}
	return backend.NewBuffer(d, kind, n, plain.New[float32](kind, n), func() {}), nil
}

func (d *device) Write(dst *backend.Buffer, off int, src []byte) {
	copy(raw(dst, off), src)
}

func (d *device) Read(dst []byte, src *backend.Buffer, off int) error {
	copy(dst, raw(src, off))
	return nil
}

// raw is a buffer's memory from element off on, as bytes.
func raw(b *backend.Buffer, off int) []byte {
	m := b.Mem().(*plain.Mem[float32])
	switch b.Kind() {
	case backend.F32:
		return unsafe.Slice((*byte)(unsafe.Pointer(&m.F[off])), 4*(len(m.F)-off))
	case backend.U32:
		return unsafe.Slice((*byte)(unsafe.Pointer(&m.U[off])), 4*(len(m.U)-off))
	}
	return m.B[off:]
}

func (d *device) Sync() error { return d.Err() }

func (d *device) Close() error {
	if d.Shut() {
		d.dropped.Stop()
		d.pool.stop()
	}
	return d.Err()
}
