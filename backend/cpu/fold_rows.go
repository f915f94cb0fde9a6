package cpu

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
)

// foldRows folds each column into a number: chunks of rows keep a row of partial results each.
type foldRows struct {
	rows, cols int
	out        []*result
	cost       float64
	chunkRows  int
	sums       [][]float64 // by result: chunk after chunk, a row each
	tops       [][]float32
	args       [][]uint32
}

func newFoldRows(rows, cols int, out []*result, cost float64) *foldRows {
	f := &foldRows{rows: rows, cols: cols, out: out, cost: cost, chunkRows: max(16, foldChunk/max(cols, 1), pieces(rows, 16))}
	n := max(pieces(rows, f.chunkRows), 1) * cols
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
	chunks := pieces(f.rows, f.chunkRows)
	x.share(f, chunks, float64(f.rows*f.cols)*f.cost)
	for o, r := range f.out {
		f.combine(o, chunks)
		for lo := 0; lo < f.cols; lo += blockLen {
			n := min(blockLen, f.cols-lo)
			v, args := x.s.fold[:n], x.s.args[:n]
			if r.by == backend.Sum {
				for l := range v {
					v[l] = float32(f.sums[o][lo+l])
				}
			} else {
				copy(v, f.tops[o][lo:])
				copy(args, f.args[o][lo:])
			}
			r.finish(&x.s, v, args, lo)
		}
	}
}

// combine folds the chunks' rows into the first, in order.
func (f *foldRows) combine(o, chunks int) {
	if chunks == 0 {
		f.clear(o, 0)
	}
	sums, tops, args := f.sums[o], f.tops[o], f.args[o]
	for c := 1; c < chunks; c++ {
		at := c * f.cols
		for j := range f.cols {
			if sums != nil {
				sums[j] += sums[at+j]
			} else if args[at+j] != backend.NoRow && (tops[at+j] > tops[j] || args[j] == backend.NoRow) {
				tops[j], args[j] = tops[at+j], args[at+j]
			}
		}
	}
}

// clear makes chunk c's row the fold of nothing.
func (f *foldRows) clear(o, c int) {
	at := c * f.cols
	if f.sums[o] != nil {
		clear(f.sums[o][at : at+f.cols])
		return
	}
	for j := range f.cols {
		f.tops[o][at+j], f.args[o][at+j] = nothing.top, nothing.arg
	}
}

func (f *foldRows) chunk(s *scratch, c int) {
	i0 := c * f.chunkRows
	i1 := min(i0+f.chunkRows, f.rows)
	for o, r := range f.out {
		f.clear(o, c)
		for lo, hi := i0*f.cols, i1*f.cols; lo < hi; {
			n := r.do.step(lo, hi)
			f.take(o, c, r.mapped(s, lo, n), lo)
			lo += n
		}
	}
}

// take folds v, the elements from number lo on, into chunk c's row.
func (f *foldRows) take(o, c int, v []float32, lo int) {
	for i, j := lo/f.cols, lo%f.cols; len(v) > 0; i, j = i+1, 0 {
		n := min(f.cols-j, len(v))
		at := c*f.cols + j
		if f.sums[o] != nil {
			f32.Accumulate(f.sums[o][at:at+n], v)
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
