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
	f := &foldRows{rows: rows, cols: cols, out: out, cost: cost, chunkRows: max(16, foldChunk/max(cols, 1))}
	n := pieces(rows, f.chunkRows) * cols
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
		for lo := 0; lo < f.cols; lo += blockLen {
			n := min(blockLen, f.cols-lo)
			v, args := x.s.fold[:n], x.s.args[:n]
			for l := range v {
				p := nothing
				for c := range chunks {
					q := f.partial(o, c*f.cols+lo+l)
					p.then(&q)
				}
				v[l], args[l] = p.value(r.by), p.arg
			}
			r.finish(&x.s, v, args, lo)
		}
	}
}

func (f *foldRows) partial(o, i int) partial {
	if f.sums[o] != nil {
		return partial{sum: f.sums[o][i]}
	}
	return partial{top: f.tops[o][i], arg: f.args[o][i]}
}

func (f *foldRows) chunk(s *scratch, c int) {
	i0 := c * f.chunkRows
	i1 := min(i0+f.chunkRows, f.rows)
	for o, r := range f.out {
		from, to := c*f.cols, (c+1)*f.cols
		if r.by == backend.Sum {
			clear(f.sums[o][from:to])
		} else {
			f32.Fill(f.tops[o][from:to], nothing.top)
			for i := from; i < to; i++ {
				f.args[o][i] = nothing.arg
			}
		}
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
