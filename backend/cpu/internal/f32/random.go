package f32

import (
	"math"
	"math/bits"
)

// A Stream numbers the random words of the contract: word n is lane n mod 4 of Philox4x32-10 under Key at the counter
// (n/4, Lo, Hi), as backend.Bits has it.
type Stream struct {
	Key    [2]uint32
	Lo, Hi uint32
}

// Dropout is for i := range v { if word(first+i)>>8 < limit { v[i] = value } else { v[i] *= scale } }
func Dropout(v []float32, scale, value float32, limit uint32, s Stream, first uint64) {
	var room [64]uint32
	for len(v) > 0 {
		w := s.words(&room, first, len(v))
		n := len(w)
		if vectors {
			vecDrop(v[:n], w, scale, value, float32(limit))
		} else {
			drop(v[:n], w, scale, value, limit)
		}
		v, first = v[n:], first+uint64(n)
	}
}

func drop(v []float32, w []uint32, scale, value float32, limit uint32) {
	dropped := math.Float32bits(value)
	w = w[:len(v)]
	for i, x := range v {
		b := math.Float32bits(x * scale)
		if w[i]>>8 < limit { // a conditional move: the mask is random
			b = dropped
		}
		v[i] = math.Float32frombits(b)
	}
}

// Uniform is for i := range v { v[i] = lo + step*(word(first+i)>>8) }
func Uniform(v []float32, lo, step float32, s Stream, first uint64) {
	var room [64]uint32
	for len(v) > 0 {
		w := s.words(&room, first, len(v))
		n := len(w)
		if vectors {
			vecUniform(v[:n], w, lo, step)
		} else {
			for i, x := range w {
				v[i] = lo + step*float32(x>>8)
			}
		}
		v, first = v[n:], first+uint64(n)
	}
}

// words draws the words from number first on: n of them, or as many as there is room for.
func (s *Stream) words(room *[64]uint32, first uint64, n int) []uint32 {
	skip := int(first % 4)
	n = min(n, len(room)-skip)
	if vectors { // in turns of 32
		vecWords(room[:(skip+n+31)&^31], first/4, s.Key[0], s.Key[1], s.Lo, s.Hi)
	} else {
		for i := 0; i < skip+n; i += 4 {
			*(*[4]uint32)(room[i:]) = philox(s.Key, (first+uint64(i))/4, s.Lo, s.Hi)
		}
	}
	return room[skip : skip+n]
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
