package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gloss-ml/gloss/backend"
)

// A Sgemmer has the BLAS routine of that name with gonum's types: c ← alpha·op(a)·op(b) + beta·c, matrices row after row.
// With beta 0 it must not look at c. It is called from one goroutine for each program or call that runs.
type Sgemmer interface {
	Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int)
}

// BLAS has every product done by one call of that Sgemm, on threads of its own: as a program does that uses the library
// directly. The device calls itself by name then. The module backend/cpu/netlib has the system's.
func BLAS(name string, impl Sgemmer) Option {
	return func(c *config) { c.name, c.blas = name, impl }
}

// Gonum is BLAS with gonum's, which shares a product out among goroutines that it starts for the purpose. The device
// calls itself "gonum".
func Gonum(c *config) { BLAS("gonum", gonum.Implementation{})(c) }

// A wholeProduct is a MatMul by one call of a BLAS. The chain follows when all of it is there.
type wholeProduct struct {
	product
	blas Sgemmer
}

func newWholeProduct(c *backend.MatMul, impl Sgemmer, x *exec) *wholeProduct {
	return &wholeProduct{placeProduct(c, x), impl}
}

func (p *wholeProduct) run(x *exec, at backend.At) {
	if p.m == 0 || p.n == 0 {
		return
	}
	p.place(x, at)
	if p.k == 0 {
		p.start(0, p.m, 0, p.n)
	} else {
		p.blas.Sgemm(transposed(p.call.TransA), transposed(p.call.TransB), p.m, p.n, p.k, 1,
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

// leading is a row stride that a BLAS accepts: of a single row it may be anything.
func leading(o *operand) int { return max(o.stride, o.t.Cols, 1) }

// rows of the result make a chunk.
func (p *wholeProduct) rows() int { return max(1, eachChunk/p.n) }

func (p *wholeProduct) chunk(s *scratch, c int) {
	i0 := c * p.rows()
	p.finish(s, i0, min(i0+p.rows(), p.m), 0, p.n)
}
