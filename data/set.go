package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// Set is a data set that lies on a device, whole: rows of bytes or floats, each with what a model is to make of it, labels
// or values or both, and perhaps a weight. Batches are gathered there by index, so a training step moves no data from the host.
// [Stream] makes sets of what a device has no room for. A Set may be used from any goroutine.
type Set struct {
	dev   backend.Backend
	x     backend.Tensor
	y     [targetParts]backend.Tensor // those that are there
	label []int                       // the largest of each column of labels
	most  []int                       // the largest code of each column
	rows  int
	then  backend.Chain

	origin *origin // of a streamed set, whose x and y have shapes and no buffers
}

// The parts of a target.
const (
	labels = iota
	values
	weights
	codes // inputs, by their use, but gathered as targets are
	targetParts
)

// partKind is the kind of each part's elements.
var partKind = [targetParts]backend.Kind{labels: backend.U32, values: backend.F32, weights: backend.F32, codes: backend.U32}

// bytesThen makes 0…1 of bytes.
var bytesThen = backend.Chain{backend.Affine(1.0/255, 0)}

// Target is what a set's rows are paired with: [Labels] or [Values], both by And, and weights by Weighted.
type Target struct {
	labels          []uint32
	codes           []uint32
	values, weights []float32
	cols            [targetParts]int
}

// Labels are class numbers from 0 on, one for each row of the set. A label of 2³¹ or more, as −100 is in 32 bits, is no
// class: losses can be told to ignore its row.
func Labels(l []uint32) Target { return LabelColumns(l, 1) }

// LabelColumns are rows of cols class numbers, for as many heads.
func LabelColumns(l []uint32, cols int) Target {
	return Target{labels: l, cols: [targetParts]int{labels: cols}}
}

// Values are rows of cols numbers each, one for each row of the set.
func Values(v []float32, cols int) Target {
	return Target{values: v, cols: [targetParts]int{values: cols}}
}

// And is the target of rows with both labels and values, for models with several heads: t's parts, and those of u that t
// lacks, weights and codes too.
func (t Target) And(u Target) Target {
	for part, c := range u.cols {
		if t.cols[part] != 0 {
			continue
		}
		t.cols[part] = c
		switch part {
		case labels:
			t.labels = u.labels
		case values:
			t.values = u.values
		case weights:
			t.weights = u.weights
		case codes:
			t.codes = u.codes
		}
	}
	return t
}

// Weighted gives each row a weight in the loss, 0 or more.
func (t Target) Weighted(w []float32) Target {
	t.weights, t.cols[weights] = w, 1
	return t
}

// Codes puts rows of cols category codes beside the rows' inputs, for a model's embeddings. A code of 2³¹ or more, as −1 is
// in 32 bits, is none: a value that is missing, or the end of a short bag.
func (t Target) Codes(c []uint32, cols int) Target {
	t.codes, t.cols[codes] = c, cols
	return t
}

// check compares the lengths of the parts with the number of rows.
func (t *Target) check(rows int) error {
	if t.cols[labels] == 0 && t.cols[values] == 0 {
		return fmt.Errorf("data: %d rows without labels or values", rows)
	}
	for part, n := range [targetParts]int{len(t.labels), len(t.values), len(t.weights), len(t.codes)} {
		name := [targetParts]string{"labels", "values", "weights", "codes"}[part]
		if c := t.cols[part]; c < 0 || c == 0 && n > 0 || c > 0 && (n%c != 0 || n/c != rows) {
			return fmt.Errorf("data: %d rows, but %d %s in rows of %d", rows, n, name, c)
		}
	}
	for i, w := range t.weights {
		if !(w >= 0 && w <= math.MaxFloat32) {
			return fmt.Errorf("data: row %d has weight %v: it has to be finite and not negative", i, w)
		}
	}
	return nil
}

// FromFloats puts rows of cols floats on the device. The error says what does not fit, or is the device's.
func FromFloats(dev backend.Backend, x []float32, cols int, y Target) (*Set, error) {
	n, err := rowsOf(len(x), cols)
	if err != nil {
		return nil, err
	}
	return newSet(dev, backend.F32, x, cols, n, y, nil)
}

// FromBytes puts rows of cols bytes on the device, where they stay bytes; batches see them as byte/255.
func FromBytes(dev backend.Backend, x []byte, cols int, y Target) (*Set, error) {
	n, err := rowsOf(len(x), cols)
	if err != nil {
		return nil, err
	}
	return newSet(dev, backend.U8, x, cols, n, y, bytesThen)
}

// FromImages puts images and their labels on the device, as FromBytes does.
func FromImages(dev backend.Backend, im Images) (*Set, error) {
	return FromBytes(dev, im.Pixels, im.Cols(), Labels(im.Labels))
}

// FromCodes puts rows of cols category codes without numeric columns on the device: a set of Cols 0.
func FromCodes(dev backend.Backend, c []uint32, cols int, y Target) (*Set, error) {
	if cols < 1 || len(c)%cols != 0 {
		return nil, fmt.Errorf("data: %d codes are no whole number of rows of %d", len(c), cols)
	}
	return newSet(dev, backend.F32, []float32(nil), 0, len(c)/cols, y.Codes(c, cols), nil)
}

// rowsOf is the number of rows of cols values.
func rowsOf(values, cols int) (int, error) {
	if cols < 1 || values%cols != 0 {
		return 0, fmt.Errorf("data: %d values are no whole number of rows of %d", values, cols)
	}
	return values / cols, nil
}

func newSet[T backend.Elem](dev backend.Backend, kind backend.Kind, x []T, cols, n int, y Target, then backend.Chain) (*Set, error) {
	if n == 0 {
		return nil, fmt.Errorf("data: a set of no rows")
	}
	if err := y.check(n); err != nil {
		return nil, err
	}
	s := &Set{dev: dev, rows: n, then: then, label: mostOf(y.labels, y.cols[labels]), most: mostOf(y.codes, y.cols[codes])}
	var err error
	if cols > 0 {
		if s.x, err = upload(dev, kind, x, n, cols); err != nil {
			return nil, err
		}
	}
	for part, c := range y.cols {
		switch {
		case c == 0 || err != nil:
		case part == labels:
			s.y[part], err = upload(dev, backend.U32, y.labels, n, c)
		case part == codes:
			s.y[part], err = upload(dev, backend.U32, y.codes, n, c)
		case part == values:
			s.y[part], err = upload(dev, backend.F32, y.values, n, c)
		default:
			s.y[part], err = upload(dev, backend.F32, y.weights, n, c)
		}
	}
	if err != nil {
		s.Release()
		return nil, err
	}
	return s, nil
}

// mostOf is the largest code, or label, of each column, −1 where there is none.
func mostOf(c []uint32, cols int) []int {
	most := make([]int, cols)
	for i := range most {
		most[i] = -1
	}
	for i, code := range c {
		if code <= math.MaxInt32 {
			most[i%cols] = max(most[i%cols], int(code))
		}
	}
	return most
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
func (s *Set) Len() int { return s.rows }

// Cols is the number of values in a row; 0 for a set of codes alone.
func (s *Set) Cols() int { return s.x.Cols }

// Classes is one more than the largest label, and 0 for a set without labels.
func (s *Set) Classes() int { return slices.Max(append(s.MaxLabels(), -1)) + 1 }

// MaxLabels is the largest label of each column, −1 for a column without any.
func (s *Set) MaxLabels() []int { return slices.Clone(s.label) }

// Target is the number of labels and of values that each row is paired with.
func (s *Set) Target() (numLabels, numValues int) { return s.y[labels].Cols, s.y[values].Cols }

// Codes is the number of category codes in a row.
func (s *Set) Codes() int { return s.y[codes].Cols }

// MaxCodes is the largest code of each column, −1 for a column without any.
func (s *Set) MaxCodes() []int { return slices.Clone(s.most) }

// Weighted reports whether rows have weights.
func (s *Set) Weighted() bool { return s.y[weights].Cols > 0 }

// Streamed reports whether the set's rows stay with the host: see [Stream].
func (s *Set) Streamed() bool { return s.origin != nil }

// Through is the set as it is seen through dev, a decorator of the set's device or a view of a [backend.Stack] on it: its feeds take
// their memory there. The rows are the same, and given back by Release of either.
func (s *Set) Through(dev backend.Backend) *Set {
	t := *s
	t.dev = dev
	return &t
}

// Device is where the set lies, or what it is streamed to.
func (s *Set) Device() backend.Backend { return s.dev }

// Release gives the memory back.
func (s *Set) Release() {
	for _, t := range append(s.y[:], s.x) {
		if t.Present() {
			t.Buf.Release()
		}
	}
}
