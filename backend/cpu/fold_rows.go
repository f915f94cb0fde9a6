package cpu

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
)

// partRows rows of a sum over rows are added up apart; the parts are then added to Beta·Dst in order. So sums over a multiple of partRows rows, and with Beta 1 over those that follow, end in the bits of
// the sum over all: accumulated gradients are those of the one big batch.
const partRows = 64

// stripCols columns of wide rows are folded at a time.
const stripCols = blockLen

// foldRows folds each column into a number: parts of the rows keep a row of partial results each.
type foldRows struct {
	rows, cols int
	out        []*result
	cost       float64
	parts      int // all
	some       int // those of a chunk
	strips     int
	sums       [][]float64 // by result: part after part, a row each
	tops       [][]float32
	args       [][]uint32
}

func newFoldRows(rows, cols int, out []*result, cost float64) *foldRows {
	f := &foldRows{rows: rows, cols: cols, out: out, cost: cost, parts: pieces(rows, partRows)}
	f.some = max(1, foldChunk/partRows/max(cols, 1))
	f.strips = pieces(cols, stripCols)
	n := max(f.parts, 1) * cols
	for _, r := range out {
		var sums []float64
		var tops []float32
		var args []uint32
		if r.by == backend.Sum {
			sums = make([]float64, n)
		} else {
			tops, args = make([]float32, n), make([]uint32, n)
		}
		f.sums, f.tops, f.args = append(f.sums, sums), append(f.tops, tops), append(f.args, args)
	}
	return f
}

func (f *foldRows) run(x *exec, at backend.At) {
	if f.cols == 0 {
		return
	}
	for _, r := range f.out {
		r.place(at)
	}
	x.share(f, pieces(f.parts, f.some)*f.strips, float64(f.rows*f.cols)*f.cost)
	for o, r := range f.out {
		if r.by != backend.Sum {
			f.combine(o)
		}
		for lo := 0; lo < f.cols; lo += blockLen {
			n := min(blockLen, f.cols-lo)
			v, args := x.s.fold[:n], x.s.args[:n]
			if r.by == backend.Sum {
				f.total(&x.s, o, v, lo)
				r.put(&x.s, v, lo)
				continue
			}
			copy(v, f.tops[o][lo:])
			copy(args, f.args[o][lo:])
			r.finish(&x.s, v, args, lo)
		}
	}
}

// total is Beta·Dst and the parts' sums added to it in order, for the columns from lo on.
func (f *foldRows) total(s *scratch, o int, v []float32, lo int) {
	r := f.out[o]
	clear(v)
	if r.beta != 0 {
		old := s.tmp[0][:len(v)]
		r.dst.load(old, lo, 0, lo)
		f32.Axpy(v, r.beta, old)
	}
	for part := range f.parts {
		for l, x := range f.sums[o][part*f.cols+lo:][:len(v)] {
			v[l] += float32(x)
		}
	}
}

// combine folds the parts' rows of maxima into the first.
func (f *foldRows) combine(o int) {
	if f.parts == 0 {
		f.clear(o, 0, 0, f.cols)
	}
	tops, args := f.tops[o], f.args[o]
	for part := 1; part < f.parts; part++ {
		at := part * f.cols
		for j := range f.cols {
			if args[at+j] != backend.NoRow && (tops[at+j] > tops[j] || args[j] == backend.NoRow) {
				tops[j], args[j] = tops[at+j], args[at+j]
			}
		}
	}
}

// clear makes columns of a part's row the fold of nothing.
func (f *foldRows) clear(o, part, lo, hi int) {
	lo, hi = part*f.cols+lo, part*f.cols+hi
	if f.sums[o] != nil {
		clear(f.sums[o][lo:hi])
		return
	}
	for j := lo; j < hi; j++ {
		f.tops[o][j], f.args[o][j] = nothing.top, nothing.arg
	}
}

func (f *foldRows) chunk(s *scratch, c int) {
	j0 := c % f.strips * stripCols
	j1 := min(j0+stripCols, f.cols)
	first := c / f.strips * f.some
	for part := first; part < min(first+f.some, f.parts); part++ {
		i0, i1 := part*partRows, min((part+1)*partRows, f.rows)
		for o := range f.out {
			f.clear(o, part, j0, j1)
			if f.strips == 1 {
				f.fold(s, o, part, i0*f.cols, i1*f.cols)
				continue
			}
			for i := i0; i < i1; i++ {
				f.fold(s, o, part, i*f.cols+j0, i*f.cols+j1)
			}
		}
	}
}

// fold folds the elements from number lo up to hi into a part's row.
func (f *foldRows) fold(s *scratch, o, part, lo, hi int) {
	r := f.out[o]
	for lo < hi {
		n := r.do.step(lo, hi)
		f.take(o, part, r.mapped(s, lo, n), lo)
		lo += n
	}
}

// take folds v, the elements from number lo on, into a part's row.
func (f *foldRows) take(o, part int, v []float32, lo int) {
	if f.cols == 1 && f.sums[o] != nil {
		f.sums[o][part] += f32.Sum(v)
		return
	}
	for i, j := lo/f.cols, lo%f.cols; len(v) > 0; i, j = i+1, 0 {
		n := min(f.cols-j, len(v))
		at := part*f.cols + j
		if f.sums[o] != nil {
			if n == f.cols {
				n *= len(v) / n // whole rows
			}
			f32.Accumulate(f.sums[o][at:at+min(n, f.cols)], v[:n])
		} else {
			tops, args := f.tops[o][at:at+n], f.args[o][at:at+n]
			for l, x := range v[:n] {
				if x > tops[l] || i == 0 {
					tops[l], args[l] = x, uint32(i)
				}
			}
		}
		v = v[n:]
	}
}
