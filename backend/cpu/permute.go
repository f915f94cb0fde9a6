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

func (p *permute) chunk(s *scratch, c int) {
	d := &p.call.Dst
	hi := min((c+1)*permuteChunk, d.Size())
	for lo := c * permuteChunk; lo < hi; {
		v := s.args[:min(hi-lo, len(s.args))]
		there := min(uint64(len(v)), uint64(p.call.N)-min(uint64(p.call.N), p.first+uint64(lo)))
		p.order.Fill(v[:there], uint32(p.first+uint64(lo)))
		for i := range v[there:] {
			v[int(there)+i] = backend.NoRow
		}
		for i, j := lo/d.Cols, lo%d.Cols; len(v) > 0; i, j = i+1, 0 {
			n := copy(p.dst[i*d.RowStride()+j:][:d.Cols-j], v)
			v, lo = v[n:], lo+n
		}
	}
}
