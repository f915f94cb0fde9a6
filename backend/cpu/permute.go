package cpu

import "github.com/gloss-ml/gloss/backend"

// permuteChunk numbers make a chunk: each takes some hundred nanoseconds.
const permuteChunk = 128

// A permute fills in an epoch's order, number by number.
type permute struct {
	call *backend.Permute
	dst  []uint32
	key  [4]uint32
}

func (p *permute) run(x *exec, at backend.At) {
	p.dst = integers(&p.call.Dst, at)
	copy(p.key[:], integers(&p.call.Key, at))
	size := p.call.Dst.Size()
	x.share(p, pieces(size, permuteChunk), float64(size)*300)
}

func (p *permute) chunk(_ *scratch, c int) {
	d := &p.call.Dst
	for i := c * permuteChunk; i < min((c+1)*permuteChunk, d.Size()); i++ {
		v := backend.NoRow
		if n := uint64(p.key[3]) + uint64(i); n < uint64(p.call.N) {
			v = backend.Permuted(p.key, uint32(p.call.N), uint32(n))
		}
		p.dst[i/d.Cols*d.RowStride()+i%d.Cols] = v
	}
}
