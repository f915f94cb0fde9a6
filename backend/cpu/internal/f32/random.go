package f32

import (
	"math"
	"math/bits"
)

// Dropout is for i := range v { if words(first+i)>>8 < limit { v[i] = value } else { v[i] *= scale } }
//
// words(n) is lane n mod 4 of Philox4x32-10 under key at the counter (n/4, lo, hi): see backend.Bits.
func Dropout(v []float32, scale, value float32, limit uint32, key [2]uint32, lo, hi uint32, first uint64) {
	dropped := math.Float32bits(value)
	for len(v) > 0 {
		w := philox(key, first/4, lo, hi)
		l := int(first % 4)
		n := min(4-l, len(v))
		for i := range v[:n] {
			b := math.Float32bits(v[i] * scale)
			if w[l+i]>>8 < limit { // a conditional move: the mask is random
				b = dropped
			}
			v[i] = math.Float32frombits(b)
		}
		v, first = v[n:], first+uint64(n)
	}
}

// philox is backend.Philox in scalars, which stay in registers.
func philox(key [2]uint32, block uint64, lo, hi uint32) [4]uint32 {
	const m0, m1, w0, w1 = 0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85
	c0, c1, c2, c3, k0, k1 := uint32(block), uint32(block>>32), lo, hi, key[0], key[1]
	for range 10 {
		h0, l0 := bits.Mul32(m0, c0)
		h1, l1 := bits.Mul32(m1, c2)
		c0, c1, c2, c3 = h1^c1^k0, l1, h0^c3^k1, l0
		k0 += w0
		k1 += w1
	}
	return [4]uint32{c0, c1, c2, c3}
}
