package data

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// Table is a data set in the host's memory: Len rows of Cols floats, each with a label or a row of values to predict, or
// both, and perhaps a weight. [FromTable] puts it on a device.
type Table struct {
	X       []float32 // Len×Cols, row by row
	Cols    int
	Labels  []uint32  // one a row, for classification
	Values  []float32 // Len×Outputs, row by row, for regression
	Outputs int       // values to predict in a row; 0 stands for 1
	Weights []float32 // of the rows in the loss; nil where all count alike

	Codes    []uint32 // Len×CodeCols category codes beside X, for embeddings; without X, Cols is 0
	CodeCols int      // 0 stands for 1
}

// Len is the number of rows.
func (t Table) Len() int {
	if t.coded() {
		return len(t.Codes) / max(1, t.CodeCols)
	}
	if t.Cols < 1 {
		return 0
	}
	return len(t.X) / t.Cols
}

// coded reports whether there are codes alone.
func (t Table) coded() bool { return t.Codes != nil && t.Cols == 0 && len(t.X) == 0 }

// Row returns the inputs of row i: a part of X, not a copy.
func (t Table) Row(i int) []float32 { return t.X[i*t.Cols : (i+1)*t.Cols : (i+1)*t.Cols] }

// Target is what the rows are paired with, for [FromFloats].
func (t Table) Target() Target {
	y := Target{}
	if t.Labels != nil {
		y = Labels(t.Labels)
	}
	if t.Values != nil || t.Labels == nil {
		y = y.And(Values(t.Values, max(1, t.Outputs)))
	}
	if t.Weights != nil {
		y = y.Weighted(t.Weights)
	}
	if t.Codes != nil {
		y = y.Codes(t.Codes, max(1, t.CodeCols))
	}
	return y
}

// Subset copies the rows of these numbers, in this order; a number may occur more than once. It panics where there is
// no such row.
func (t Table) Subset(rows []int) Table {
	s := Table{X: pick(t.X, t.Cols, rows), Cols: t.Cols, Outputs: t.Outputs}
	if t.Labels != nil {
		s.Labels = pick(t.Labels, 1, rows)
	}
	if t.Values != nil || t.Labels == nil {
		s.Values = pick(t.Values, max(1, t.Outputs), rows)
	}
	if t.Weights != nil {
		s.Weights = pick(t.Weights, 1, rows)
	}
	if t.Codes != nil {
		s.Codes, s.CodeCols = pick(t.Codes, max(1, t.CodeCols), rows), t.CodeCols
	}
	return s
}

// Subset copies the images of these numbers, in this order; a number may occur more than once. It panics where there
// is no such image.
func (s Images) Subset(rows []int) Images {
	return Images{Pixels: pick(s.Pixels, s.Cols(), rows), Labels: pick(s.Labels, 1, rows), Height: s.Height, Width: s.Width, Channels: s.Channels}
}

// pick copies rows of cols elements.
func pick[T any](x []T, cols int, rows []int) []T {
	out := make([]T, 0, len(rows)*cols)
	for _, r := range rows {
		if r < 0 || (r+1)*cols > len(x) {
			panic(fmt.Sprintf("data: Subset: no row %d in %d elements in rows of %d", r, len(x), cols))
		}
		out = append(out, x[r*cols:(r+1)*cols]...)
	}
	return out
}

// FromTable puts a table on the device, as [FromFloats] does. The error says what does not fit, or is the device's.
func FromTable(dev backend.Backend, t Table) (*Set, error) {
	if t.coded() {
		return FromCodes(dev, t.Codes, max(1, t.CodeCols), t.Target())
	}
	return FromFloats(dev, t.X, t.Cols, t.Target())
}
