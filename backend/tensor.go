package backend

import "fmt"

// A Tensor is a matrix that lies in a buffer: element (i, j) at Off + i·Stride + j, counted in elements. A view of
// columns keeps the stride and moves Off. In a recorded step the whole moves by Advance with each step and by Model
// with each model.
type Tensor struct {
	Buf            *Buffer
	Off            int
	Rows, Cols     int
	Stride         int // distance of rows; 0 stands for Cols
	Advance, Model int
}

// Mat is a rows×cols matrix, row after row, from element off of buf on.
func Mat(buf *Buffer, off, rows, cols int) Tensor {
	return Tensor{Buf: buf, Off: off, Rows: rows, Cols: cols}
}

// Row is a 1×n matrix from element off of buf on.
func Row(buf *Buffer, off, n int) Tensor { return Mat(buf, off, 1, n) }

// Advanced is t moving by n elements with each step of a program.
func (t Tensor) Advanced(n int) Tensor { t.Advance = n; return t }

// Columns is the view of the columns from lo up to, not including, hi.
func (t Tensor) Columns(lo, hi int) Tensor {
	t.Stride = t.RowStride()
	t.Off += lo
	t.Cols = hi - lo
	return t
}

// RowSpan is the view of the rows from lo up to, not including, hi.
func (t Tensor) RowSpan(lo, hi int) Tensor {
	t.Off += lo * t.RowStride()
	t.Rows = hi - lo
	return t
}

// RowStride is the distance of two rows: Stride, or Cols where Stride is 0.
func (t *Tensor) RowStride() int {
	if t.Stride == 0 {
		return t.Cols
	}
	return t.Stride
}

// At is the index of element (0, 0) at the given step and model.
func (t *Tensor) At(at At) int { return t.Off + at.Step*t.Advance + at.Model*t.Model }

// Size is the number of elements, Rows·Cols.
func (t *Tensor) Size() int { return t.Rows * t.Cols }

// Present reports whether the operand is given: optional operands are left as the zero Tensor.
func (t *Tensor) Present() bool { return t.Buf != nil }

// extent is the distance from the first element to one past the last; 0 for an empty tensor.
func (t *Tensor) extent() int {
	if t.Rows == 0 || t.Cols == 0 {
		return 0
	}
	return (t.Rows-1)*t.RowStride() + t.Cols
}

// Span is the half-open range of elements that t covers at the given step and model, gaps between rows included.
func (t *Tensor) Span(at At) (lo, hi int) {
	lo = t.At(at)
	return lo, lo + t.extent()
}

func (t *Tensor) String() string {
	if !t.Present() {
		return fmt.Sprintf("%d×%d (no buffer)", t.Rows, t.Cols)
	}
	s := fmt.Sprintf("%d×%d", t.Rows, t.Cols)
	if k := t.Buf.Kind(); k != F32 {
		s += " " + k.String()
	}
	if t.Stride != 0 && t.Stride != t.Cols {
		s += fmt.Sprintf(" stride %d", t.Stride)
	}
	if t.Off != 0 {
		s += fmt.Sprintf(" at %d", t.Off)
	}
	return s
}

// same reports whether a and b are the same elements in the same order, at every step and model.
func (a *Tensor) same(b *Tensor) bool {
	return a.Buf == b.Buf && a.Off == b.Off && a.Rows == b.Rows && a.Cols == b.Cols &&
		(a.RowStride() == b.RowStride() || a.Rows <= 1) && a.Advance == b.Advance && a.Model == b.Model
}

// Overlaps reports whether a and b share an element at the given step and model. Views with one common stride are
// disjoint when their columns are disjoint modulo that stride; other views are compared by their spans.
func (a *Tensor) Overlaps(b *Tensor, at At) bool {
	if a.Buf == nil || a.Buf != b.Buf {
		return false
	}
	alo, ahi := a.Span(at)
	blo, bhi := b.Span(at)
	if alo == ahi || blo == bhi || ahi <= blo || bhi <= alo {
		return false
	}
	s := a.RowStride()
	if a.Rows == 1 {
		s = b.RowStride()
	} else if b.Rows > 1 && b.RowStride() != s {
		return true
	}
	if a.Cols > s || b.Cols > s || s == 0 {
		return true
	}
	ca, cb := alo%s, blo%s
	return cyclic(ca, a.Cols, cb, b.Cols, s)
}

// cyclic reports whether the arcs [a, a+n) and [b, b+m) on a circle of s places share a place.
func cyclic(a, n, b, m, s int) bool {
	return (b-a+s)%s < n || (a-b+s)%s < m
}
