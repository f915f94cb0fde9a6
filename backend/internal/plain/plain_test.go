package plain_test

import (
	"sync"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/internal/plain"
)

// device is the machine in float32 as a backend: what package cpu falls back to, without anything fast.
type device struct {
	backend.Common
	mu sync.Mutex
}

func (d *device) Info() backend.Info {
	return backend.Info{Device: "plain", Name: "float32 loops", Driver: "plain Go loops", Workers: 1}
}

func (d *device) Alloc(kind backend.Kind, n int) (*backend.Buffer, error) {
	return backend.NewBuffer(d, kind, n, plain.New[float32](kind, n), func() {}), nil
}

func (d *device) Write(dst *backend.Buffer, off int, src []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	dst.Mem().(*plain.Mem[float32]).Write(off, src)
}

func (d *device) Read(dst []byte, src *backend.Buffer, off int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	src.Mem().(*plain.Mem[float32]).Read(dst, off)
	return nil
}

func (d *device) Do(call backend.Call, at backend.At) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Err() == nil {
		defer d.Worked(time.Now())
		d.Calls.Add(1)
		plain.Do[float32](call, at)
	}
}

func (d *device) Sync() error { return d.Err() }

func (d *device) Close() error {
	d.Shut()
	return d.Err()
}

func TestRun(t *testing.T) {
	backendtest.Run(t, func(testing.TB) backend.Backend { return &device{} })
}
