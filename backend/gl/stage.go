//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"errors"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/glrt"
)

// Stage gives memory that the driver keeps mapped. Shaders read it where it lies, which is the host's memory on most
// cards: for what is read once.
func (d *device) Stage(kind backend.Kind, n int) (*backend.Buffer, backend.Mapping, error) {
	mem, host, err := d.rt.AllocMapped(n * kind.Size())
	if errors.Is(err, glrt.ErrNotMapped) {
		return nil, nil, backend.ErrNotMapped
	}
	if err != nil {
		return nil, nil, d.refused(err)
	}
	return backend.NewBuffer(d, kind, n, mem, mem.Release), mapping{host}, nil
}

// mapping is the runtime's with the contract's errors.
type mapping struct{ host *glrt.Mapping }

func (m mapping) Fill(off, n int, f func([]byte) error) error {
	err := m.host.Fill(off, n, f)
	if err == glrt.ErrClosed {
		return backend.ErrClosed
	}
	return err
}

// Mark puts a fence behind what is queued.
func (d *device) Mark() backend.Mark { return mark{d, d.rt.Mark()} }

type mark struct {
	d *device
	m *glrt.Mark
}

func (m mark) Wait() error { return m.d.first(m.m.Wait()) }
