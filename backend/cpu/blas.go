package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
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
	to   []float32
	ld   int
}

func newWholeProduct(c *backend.MatMul, impl Sgemmer, x *exec) *wholeProduct {
	p := &wholeProduct{product: *placeProduct(c), blas: impl}
	if !p.inPlace {
		x.room(p.m * p.n)
	}
	return p
}

func (p *wholeProduct) run(x *exec, at backend.At) {
	if p.m == 0 || p.n == 0 {
		return
	}
	p.place(at)
	p.to, p.ld = p.dst.data, leading(&p.dst)
	if !p.inPlace {
		p.to, p.ld = x.pack, p.n
		if p.call.Beta != 0 {
			p.dst.gather(p.to[:p.m*p.n], 0, 0)
		}
	}
	p.multiply()
	x.share(p, pieces(p.m, p.rows()), float64(p.m*p.n)*p.then.cost)
}

func (p *wholeProduct) multiply() {
	if p.k == 0 {
		for i := range p.m {
			f32.Scale(p.to[i*p.ld:][:p.n], p.call.Beta)
		}
		return
	}
	p.blas.Sgemm(transpose(p.ta), transpose(p.tb), p.m, p.n, p.k, 1, p.a.data, p.lda, p.b.data, p.ldb, p.call.Beta, p.to, p.ld)
}

func transpose(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// rows of the result make a chunk.
func (p *wholeProduct) rows() int { return max(1, eachChunk/p.n) }

func (p *wholeProduct) chunk(s *scratch, c int) {
	i0 := c * p.rows()
	i1 := min(i0+p.rows(), p.m)
	p.finish(s, p.to[i0*p.ld:], p.ld, i0*p.n, i1*p.n)
}
