package cpu

import "github.com/gloss-ml/gloss/backend"

// permuteChunk numbers make a chunk.
const permuteChunk = 1024

// A permute fills in an epoch's order, number by number.
type permute struct {
	call  *backend.Permute
	dst   []uint32
	first uint64
	order backend.Order
}

func (p *permute) run(x *exec, at backend.At) {
	p.dst = integers(&p.call.Dst, at)
	key := [4]uint32(integers(&p.call.Key, at))
	p.first, p.order = uint64(key[3]), backend.NewOrder(key, uint32(p.call.N))
	size := p.call.Dst.Size()
	x.share(p, pieces(size, permuteChunk), float64(size)*25)
}

func (p *permute) chunk(_ *scratch, c int) {
	d := &p.call.Dst
	for i := c * permuteChunk; i < min((c+1)*permuteChunk, d.Size()); i++ {
		v := backend.NoRow
		if n := p.first + uint64(i); n < uint64(p.call.N) {
			v = p.order.At(uint32(n))
		}
		p.dst[i/d.Cols*d.RowStride()+i%d.Cols] = v
	}
}
