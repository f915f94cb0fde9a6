// Package ref is the contract in float64: plain loops over the op table. It is slow and clear, the reference that
// other backends and whole models are measured against. Buffers of kind F32 hold float64 here; Read and Write convert,
// and [Float64] looks underneath, so that finite differences reach 1e-7.
package ref

import (
	"sync"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/internal/plain"
)

type device struct {
	backend.Common
	mu sync.Mutex
}

// Open returns a reference backend of its own. It never fails.
func Open() backend.Backend { return &device{} }

func (d *device) Info() backend.Info {
	return backend.Info{Device: "ref", Name: "float64 reference", Driver: "plain Go loops", Workers: 1}
}

func (d *device) Alloc(kind backend.Kind, n int) (*backend.Buffer, error) {
	return backend.NewBuffer(d, kind, n, plain.New[float64](kind, n), func() {}), nil
}

func (d *device) Write(dst *backend.Buffer, off int, src []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	dst.Mem().(*plain.Mem[float64]).Write(off, src)
}

func (d *device) Read(dst []byte, src *backend.Buffer, off int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	src.Mem().(*plain.Mem[float64]).Read(dst, off)
	return nil
}

func (d *device) Do(call backend.Call, at backend.At) {
	if d.Err() != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.Worked(time.Now())
	d.Calls.Add(1)
	plain.Do[float64](call, at)
}

func (d *device) Sync() error { return d.Err() }

func (d *device) Close() error {
	d.Shut()
	return d.Err()
}

// Float64 is the memory of an F32 buffer of this backend, to read and to change while nothing runs.
func Float64(b *backend.Buffer) []float64 { return b.Mem().(*plain.Mem[float64]).F }

// ReadWide is [backend.Wide]'s.
func (d *device) ReadWide(dst []float64, src *backend.Buffer, off int) error {
	if err := d.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	copy(dst, Float64(src)[off:])
	return nil
}

// WriteWide is [backend.Wide]'s.
func (d *device) WriteWide(dst *backend.Buffer, off int, src []float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	copy(Float64(dst)[off:], src)
}
