package data

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// Set is a labelled data set that lies on a device, whole: rows of bytes or floats, each with a label or a row of
// values to predict. Batches are gathered there by index, so a training step moves no data from the host. A Set may be
// used from any goroutine.
type Set struct {
	dev     backend.Backend
	x, y    backend.Tensor
	classes int // above the largest label; 0 where the target is values
	then    backend.Chain
}

// Target is what a set's rows are paired with: [Labels] or [Values].
type Target struct {
	labels []uint32
	values []float32
	cols   int
}

// Labels are class numbers from 0 on, one for each row of the set.
func Labels(l []uint32) Target { return Target{labels: l, cols: 1} }

// Values are rows of cols numbers each, one for each row of the set.
func Values(v []float32, cols int) Target { return Target{values: v, cols: cols} }

// FromFloats puts rows of cols floats on the device. The error says what does not fit, or is the device's.
func FromFloats(dev backend.Backend, x []float32, cols int, y Target) (*Set, error) {
	return newSet(dev, backend.F32, x, cols, y, nil)
}

// FromBytes puts rows of cols bytes on the device, where they stay bytes; batches see them as byte/255.
func FromBytes(dev backend.Backend, x []byte, cols int, y Target) (*Set, error) {
	return newSet(dev, backend.U8, x, cols, y, backend.Chain{backend.Affine(1.0/255, 0)})
}

// FromImages puts images and their labels on the device, as FromBytes does.
func FromImages(dev backend.Backend, im Images) (*Set, error) {
	return FromBytes(dev, im.Pixels, im.Cols(), Labels(im.Labels))
}

func newSet[T backend.Elem](dev backend.Backend, kind backend.Kind, x []T, cols int, y Target, then backend.Chain) (*Set, error) {
	if cols < 1 || len(x)%cols != 0 {
		return nil, fmt.Errorf("data: %d values are no whole number of rows of %d", len(x), cols)
	}
	n := len(x) / cols
	if n == 0 {
		return nil, fmt.Errorf("data: a set of no rows")
	}
	if m := len(y.labels) + len(y.values); y.cols < 1 || m%y.cols != 0 || m/y.cols != n {
		return nil, fmt.Errorf("data: %d rows, but %d labels or values in rows of %d", n, m, y.cols)
	}
	s := &Set{dev: dev, then: then}
	var err error
	if s.x, err = upload(dev, kind, x, n, cols); err != nil {
		return nil, err
	}
	if y.labels != nil {
		for _, l := range y.labels {
			s.classes = max(s.classes, int(l)+1)
		}
		s.y, err = upload(dev, backend.U32, y.labels, n, 1)
	} else {
		s.y, err = upload(dev, backend.F32, y.values, n, y.cols)
	}
	if err != nil {
		s.Release()
		return nil, err
	}
	return s, nil
}

func upload[T backend.Elem](dev backend.Backend, kind backend.Kind, v []T, rows, cols int) (backend.Tensor, error) {
	buf, err := backend.Alloc(dev, kind, len(v))
	if err != nil {
		return backend.Tensor{}, fmt.Errorf("data: %d×%d %v: %w", rows, cols, kind, err)
	}
	backend.Write(dev, buf, 0, v)
	return backend.Mat(buf, 0, rows, cols), nil
}

// Len is the number of rows.
func (s *Set) Len() int { return s.x.Rows }

// Cols is the number of values in a row.
func (s *Set) Cols() int { return s.x.Cols }

// Classes is one more than the largest label, and 0 for a set whose target is values.
func (s *Set) Classes() int { return s.classes }

// Target is the kind and the width of what rows are paired with.
func (s *Set) Target() (backend.Kind, int) { return s.y.Buf.Kind(), s.y.Cols }

// Device is where the set lies.
func (s *Set) Device() backend.Backend { return s.dev }

// Release gives the memory back.
func (s *Set) Release() {
	s.x.Buf.Release()
	s.y.Buf.Release()
}
