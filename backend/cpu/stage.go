package cpu

import (
	"github.com/gloss-ml/gloss/backend"
)

// Stage lends the memory itself: it is the host's.
func (d *device) Stage(kind backend.Kind, n int) (*backend.Buffer, backend.Mapping, error) {
	buf, err := d.Alloc(kind, n)
	if err != nil {
		return nil, nil, err
	}
	return buf, (*mapping)(buf.Mem().(*store)), nil
}

// Mark marks nothing: calls have run when they return.
func (d *device) Mark() backend.Mark { return done{} }

type done struct{}

func (done) Wait() error { return nil }

// mapping is filled beside calls that read other parts of the store, so it takes no lock.
type mapping store

func (m *mapping) Fill(off, n int, f func([]byte) error) error {
	return f((*store)(m).raw(0)[off:][:n])
}
