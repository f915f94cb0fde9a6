package cpu

import (
	"github.com/gloss-ml/gloss/backend"
)

// A wholeProduct is a MatMul as a program does it that uses gonum directly: one call of Sgemm, which shares it out
// among goroutines that it starts for the purpose. The chain follows when all of it is there.
type wholeProduct struct {
	product
	to []float32
	ld int
}

func newWholeProduct(c *backend.MatMul, x *exec) *wholeProduct {
	p := &wholeProduct{product: *placeProduct(c)}
	p.tile = [3]int{p.m, p.n, p.k}
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
	p.aAt, p.bAt = p.a.data, p.b.data
	p.to, p.ld = p.dst.data, leading(&p.dst)
	if !p.inPlace {
		p.to, p.ld = x.pack, p.n
		if p.call.Beta != 0 {
			p.dst.gather(p.to[:p.m*p.n], 0, 0)
		}
	}
	p.multiply(p.to, p.ld, 0, 0, p.m, p.n)
	x.share(p, pieces(p.m, p.rows()), float64(p.m*p.n)*p.then.cost)
}

// rows of the result make a chunk.
func (p *wholeProduct) rows() int { return max(1, eachChunk/p.n) }

func (p *wholeProduct) chunk(s *scratch, c int) {
	i0 := c * p.rows()
	i1 := min(i0+p.rows(), p.m)
	p.finish(s, p.to[i0*p.ld:], p.ld, i0*p.n, i1*p.n)
}
