package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// A Snapshot is room on a model's device for a copy of its parameters and running statistics. Saving and restoring are
// queued device copies, bit for bit, without a look of the host: cheap enough for every epoch. It is used by one goroutine
// at a time.
type Snapshot struct {
	model         *Model
	w, stats      *backend.Buffer // stats is nil for a model without running statistics
	save, restore []backend.Call
}

// Snapshot takes the room and saves the model as it is. The error is the device's.
func (m *Model) Snapshot() (*Snapshot, error) {
	s := &Snapshot{model: m}
	var err error
	if s.w, err = s.copyOf(m.w); err == nil && m.stats.buf != nil {
		s.stats, err = s.copyOf(m.stats.buf)
	}
	if err != nil {
		s.Release()
		return nil, fmt.Errorf("nn: snapshot: %w", err)
	}
	s.Save()
	return s, nil
}

// copyOf makes a buffer for what lies in another, and the calls that copy there and back.
func (s *Snapshot) copyOf(from *backend.Buffer) (*backend.Buffer, error) {
	to, err := backend.Alloc(s.model.dev, backend.F32, from.Len())
	if err != nil {
		return nil, err
	}
	s.save = append(s.save, copyAll(to, from))
	s.restore = append(s.restore, copyAll(from, to))
	return to, nil
}

func copyAll(to, from *backend.Buffer) backend.Call {
	return &backend.Each{Dst: backend.Row(to, 0, to.Len()), Do: backend.Chain{backend.Load(backend.Row(from, 0, from.Len()))}}
}

// Save replaces the copy by the model as it is.
func (s *Snapshot) Save() { backend.Do(s.model.dev, s.save...) }

// Restore brings the model back to the copy.
func (s *Snapshot) Restore() { backend.Do(s.model.dev, s.restore...) }

// Release gives the room back; the model stays.
func (s *Snapshot) Release() {
	for _, b := range []*backend.Buffer{s.w, s.stats} {
		if b != nil {
			b.Release()
		}
	}
}
