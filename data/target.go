package data

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// ReadTarget reads what the rows are paired with back from the device, or where they are streamed from: labels, values and weights in the set's own order,
// nil where it has none. It waits for the device.
func (s *Set) ReadTarget() (label []uint32, value, weight []float32, err error) {
	if label, err = readPart[uint32](s, labels); err != nil {
		return nil, nil, nil, err
	}
	if value, err = readPart[float32](s, values); err != nil {
		return nil, nil, nil, err
	}
	if weight, err = readPart[float32](s, weights); err != nil {
		return nil, nil, nil, err
	}
	return label, value, weight, nil
}

func readPart[T backend.Elem](s *Set, part int) ([]T, error) {
	t := s.y[part]
	if t.Cols == 0 {
		return nil, nil
	}
	if s.origin != nil {
		v := make([]T, t.Size())
		copy(raw(v), s.origin.y[part].mem)
		return v, nil
	}
	v := make([]T, t.Size())
	if err := backend.Read(s.dev, v, t.Buf, t.Off); err != nil {
		return nil, fmt.Errorf("data: reading the target: %w", err)
	}
	return v, nil
}
