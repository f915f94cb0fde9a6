package cpu

import "github.com/gloss-ml/gloss/backend"

// foldCols folds each row into a number.
type foldCols struct {
	rows, cols int
	out        []*result
	cost       float64
}

// chunkRows of the domain make a chunk: their results fit a block.
func (f *foldCols) chunkRows() int { return min(max(1, foldChunk/max(f.cols, 1)), blockLen) }

func (f *foldCols) run(x *exec, at backend.At) {
	for _, r := range f.out {
		r.place(at)
	}
	x.share(f, pieces(f.rows, f.chunkRows()), float64(f.rows*f.cols)*f.cost)
}

func (f *foldCols) chunk(s *scratch, c int) {
	i0 := c * f.chunkRows()
	i1 := min(i0+f.chunkRows(), f.rows)
	for _, r := range f.out {
		v, args := s.fold[:i1-i0], s.args[:i1-i0]
		if f.cols < narrow {
			f.narrow(s, r, i0, i1)
		} else {
			for i := i0; i < i1; i++ {
				p := f.row(s, r, i)
				v[i-i0], args[i-i0] = p.value(r.by), p.arg
			}
		}
		r.finish(s, v, args, i0)
	}
}

func (f *foldCols) row(s *scratch, r *result, i int) partial {
	p := nothing
	for j := 0; j < f.cols; {
		n := min(blockLen, f.cols-j)
		p.add(r, r.mapped(s, i*f.cols+j, n), j)
		j += n
	}
	return p
}

// narrow maps several rows at a time.
func (f *foldCols) narrow(s *scratch, r *result, i0, i1 int) {
	per := blockLen / max(f.cols, 1)
	for i := i0; i < i1; {
		n := min(per, i1-i)
		var block []float32
		if f.cols > 0 {
			block = r.mapped(s, i*f.cols, n*f.cols)
		}
		for l := range n {
			p := nothing
			p.add(r, block[l*f.cols:(l+1)*f.cols], 0)
			s.fold[i+l-i0], s.args[i+l-i0] = p.value(r.by), p.arg
		}
		i += n
	}
}
