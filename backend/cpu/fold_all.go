package cpu

import "github.com/gloss-ml/gloss/backend"

// foldAll folds a whole domain into one number.
type foldAll struct {
	size int
	out  []*result
	part [][]partial // by result and chunk
	cost float64
}

func newFoldAll(size int, out []*result, cost float64) *foldAll {
	f := &foldAll{size: size, out: out, cost: cost}
	for range out {
		f.part = append(f.part, make([]partial, pieces(size, foldChunk)))
	}
	return f
}

func (f *foldAll) run(x *exec, at backend.At) {
	for _, r := range f.out {
		r.place(at)
	}
	x.share(f, pieces(f.size, foldChunk), float64(f.size)*f.cost)
	for o, r := range f.out {
		p := nothing
		for c := range f.part[o] {
			p.then(&f.part[o][c])
		}
		x.s.fold[0], x.s.args[0] = p.value(r.by), p.arg
		r.finish(&x.s, x.s.fold[:1], x.s.args[:1], 0)
	}
}

func (f *foldAll) chunk(s *scratch, c int) {
	for o := range f.out {
		f.part[o][c] = nothing
	}
	hi := min((c+1)*foldChunk, f.size)
	for o, r := range f.out {
		p := &f.part[o][c]
		for lo := c * foldChunk; lo < hi; {
			n := r.do.step(lo, hi)
			p.add(r, r.mapped(s, lo, n), lo)
			lo += n
		}
	}
}
