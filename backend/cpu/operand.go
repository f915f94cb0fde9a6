package cpu

import "github.com/gloss-ml/gloss/backend"

// reach says how an operand lies under the elements of a domain, which are numbered row by row.
type reach uint8

const (
	absent  reach = iota
	dense         // one after another, as the domain's elements are
	strided       // the domain's shape, with gaps between the rows
	across        // 1×n: the same row for each
	down          // m×1: a number for each row
	single        // 1×1
)

// An operand is an F32 tensor of a call, found once; place moves it to a step, if it moves.
type operand struct {
	t      *backend.Tensor
	mem    *store
	data   []float32 // from element (0, 0) on; nil while there is none
	reach  reach
	cols   int // of the domain
	stride int
	moves  bool // from step to step
}

// over compiles t, which may be absent, as an operand of a domain.
func over(t *backend.Tensor, rows, cols int) operand {
	o := operand{t: t, cols: cols, stride: t.RowStride()}
	if !t.Present() {
		return o
	}
	o.mem = memory(t)
	switch {
	case t.Rows == rows && t.Cols == cols && (o.stride == cols || rows <= 1):
		o.reach = dense
	case t.Rows == rows && t.Cols == cols:
		o.reach = strided
	case t.Rows == 1 && t.Cols == 1:
		o.reach = single
	case t.Rows == 1:
		o.reach = across
	default:
		o.reach = down
	}
	o.moves = t.Size() > 0 && (t.Advance != 0 || t.Model != 0)
	if t.Size() > 0 && o.mem.F != nil {
		o.data = o.mem.F[t.At(backend.At{}):]
	}
	return o
}

// whole is over with the tensor's own shape.
func whole(t *backend.Tensor) operand { return over(t, t.Rows, t.Cols) }

func (o *operand) place(at backend.At) {
	if o.moves {
		o.data = o.mem.F[o.t.At(at):]
	}
}

// flat reports whether the domain's rows make no difference to the operand.
func (o *operand) flat() bool { return o.reach <= dense || o.reach == single }

// direct is the operand's own memory under n elements from number lo on, or nil where that is not in one piece. A
// broadcast number is one element. i and j are lo's place.
func (o *operand) direct(lo, i, j, n int) []float32 {
	switch o.reach {
	case dense:
		return o.data[lo : lo+n]
	case single:
		return o.data[:1]
	}
	if j+n > o.cols {
		return nil
	}
	switch o.reach {
	case strided:
		return o.data[i*o.stride+j:][:n]
	case across:
		return o.data[j : j+n]
	}
	return o.data[i*o.stride:][:1]
}

// gather copies what lies under the elements from (i, j) on to dst, row by row.
func (o *operand) gather(dst []float32, i, j int) {
	for len(dst) > 0 {
		n := min(o.cols-j, len(dst))
		switch o.reach {
		case across:
			copy(dst[:n], o.data[j:])
		case down:
			x := o.data[i*o.stride]
			for l := range dst[:n] {
				dst[l] = x
			}
		default:
			copy(dst[:n], o.data[i*o.stride+j:])
		}
		dst, i, j = dst[n:], i+1, 0
	}
}

// scatter is the way back, for operands of the domain's shape.
func (o *operand) scatter(src []float32, i, j int) {
	for len(src) > 0 {
		n := min(o.cols-j, len(src))
		copy(o.data[i*o.stride+j:], src[:n])
		src, i, j = src[n:], i+1, 0
	}
}

// put stores the elements from number lo on.
func (o *operand) put(src []float32, lo, i, j int) {
	switch d := o.direct(lo, i, j, len(src)); {
	case d == nil:
		o.scatter(src, i, j)
	case len(d) > 0 && &d[0] != &src[0]:
		copy(d, src)
	}
}

// integers is the memory of a U32 operand from element (0, 0) on.
func integers(t *backend.Tensor, at backend.At) []uint32 {
	if t.Size() == 0 {
		return nil
	}
	return memory(t).U[t.At(at):]
}
