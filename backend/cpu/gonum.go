package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gloss-ml/gloss/backend"
)

// A wholeProduct is a MatMul as a program does it that uses gonum directly: one call of Sgemm, which shares it out
// among goroutines that it starts for the purpose. The chain follows when all of it is there.
type wholeProduct struct{ product }

func newWholeProduct(c *backend.MatMul, x *exec) *wholeProduct {
	return &wholeProduct{placeProduct(c, x)}
}

func (p *wholeProduct) run(x *exec, at backend.At) {
	if p.m == 0 || p.n == 0 {
		return
	}
	p.place(x, at)
	if p.k == 0 {
		p.start(0, p.m, 0, p.n)
	} else {
		gonum.Implementation{}.Sgemm(transposed(p.call.TransA), transposed(p.call.TransB), p.m, p.n, p.k, 1,
			p.a.data, leading(&p.a), p.b.data, leading(&p.b), p.call.Beta, p.to, max(p.ld, 1))
	}
	x.share(p, pieces(p.m, p.rows()), float64(p.m*p.n)*p.then.cost)
}

func transposed(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// leading is a row stride that gonum accepts: of a single row it may be anything.
func leading(o *operand) int { return max(o.stride, o.t.Cols, 1) }

// rows of the result make a chunk.
func (p *wholeProduct) rows() int { return max(1, eachChunk/p.n) }

func (p *wholeProduct) chunk(s *scratch, c int) {
	i0 := c * p.rows()
	p.finish(s, i0, min(i0+p.rows(), p.m), 0, p.n)
}
