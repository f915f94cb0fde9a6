// Package cpu is the contract on the processor: products and loops in the vector instructions that it has, shared out among
// persistent workers. It allocates nothing while a program runs.
//
// A call has run when Do returns. Calls of several goroutines run side by side where they do not write each other's
// buffers, and one after another where they do; a program counts as one call. The workers serve one of them at a time,
// the others run on their callers' goroutines, to the same bits. So a definition of an op runs on any goroutine, on
// several at once, and must not use the backend.
package cpu

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/isa"
	"github.com/gloss-ml/gloss/internal/host"
)

// An Option chooses how the device computes.
type Option func(*config)

type config struct {
	blas    Sgemmer // nil: products of our own
	name    string  // of the device with a blas
	workers int
}

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

// Check says what is wrong with the environment variable GLOSS_ISA, which names the vector instructions to use where it
// is not empty: generic, avx2, avx512 or neon, as far as the machine and the build have them. It is for tests and
// measurements; without it the fastest are used.
func Check() error { return isa.Err() }

// Open returns a backend of its own. It panics with what Check returns.
func Open(opts ...Option) backend.Backend {
	if err := Check(); err != nil {
		panic("cpu: " + err.Error())
	}
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
	i := backend.Info{Device: "cpu", Name: host.CPU(), Driver: "kernels for " + isa.Use().String(), Workers: d.workers}
	if d.blas != nil {
		i.Device, i.Driver = d.name, d.name+"'s Sgemm, Go loops"
	}
	return i
}

func (d *device) Alloc(kind backend.Kind, n int) (*backend.Buffer, error) {
	most, live, size := host.Memory(), d.Stats().LiveBytes, int64(kind.Size())
	if most > 0 && int64(n) > (most-live)/size {
		return nil, fmt.Errorf("cpu: %d elements of %v: %w", n, kind, &backend.MemoryError{Asked: int64(n) * size, Live: live, Budget: most})
	}
	return backend.NewBuffer(d, kind, n, newStore(kind, n), func() {}), nil
}

func (d *device) Write(dst *backend.Buffer, off int, src []byte) {
	m := dst.Mem().(*store)
	m.mu.Lock()
	defer m.mu.Unlock()
	copy(m.raw(off), src)
}

func (d *device) Read(dst []byte, src *backend.Buffer, off int) error {
	if err := d.Err(); err != nil {
		return err
	}
	m := src.Mem().(*store)
	m.mu.RLock()
	defer m.mu.RUnlock()
	copy(dst, m.raw(off))
	return nil
}

func (d *device) Sync() error { return d.Err() }

func (d *device) Close() error {
	if d.Shut() {
		d.dropped.Stop()
		d.pool.stop()
	}
	return d.Err()
}
