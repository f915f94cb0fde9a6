package backend

import "math/bits"

// Philox is the counter-based generator Philox4x32-10: 128 random bits that are a function of a 64-bit key and a
// 128-bit counter. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
func Philox(key [2]uint32, ctr [4]uint32) [4]uint32 {
	const m0, m1, w0, w1 = 0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85
	for range 10 {
		hi0, lo0 := bits.Mul32(m0, ctr[0])
		hi1, lo1 := bits.Mul32(m1, ctr[2])
		ctr = [4]uint32{hi1 ^ ctr[1] ^ key[0], lo1, hi0 ^ ctr[3] ^ key[1], lo0}
		key[0] += w0
		key[1] += w1
	}
	return ctr
}

// Bits is the random word of element i (row·columns + column) under a key row (seed, seed, step, salt) and a stream:
// lane i mod 4 of Philox at the counter (i/4, step, salt + stream). Every device draws the same word.
func Bits(key [4]uint32, stream uint32, i uint64) uint32 {
	b := i / 4
	return Philox([2]uint32{key[0], key[1]}, [4]uint32{uint32(b), uint32(b >> 32), key[2], key[3] + stream})[i%4]
}

// Uniform maps a random word to [0, 1): its upper 24 bits times 2⁻²⁴, exact in float32.
func Uniform(word uint32) float64 { return float64(word>>8) * (1.0 / (1 << 24)) }

// An Order is a permutation of 0…n−1: a Feistel network of six rounds over the smallest even number of bits that holds
// n−1, walked along its cycle until it is back below n (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA
// 2002). The rounds' keys are words of Philox; their function is Wellons' integer hash of the lowest known bias (2018), for
// an order must look random and need not keep a secret.
type Order struct {
	n, half, mask uint32
	keys          [6]uint32
}

// NewOrder is the order of n > 0 numbers that the key row (seed, seed, epoch, –) stands for.
func NewOrder(key [4]uint32, n uint32) Order {
	o := Order{n: n, half: uint32(max(1, (bits.Len32(n-1)+1)/2))}
	o.mask = 1<<o.half - 1
	for i := range uint32(2) {
		w := Philox([2]uint32{key[0], key[1]}, [4]uint32{i, 0, key[2], permuteSalt})
		copy(o.keys[4*i:], w[:])
	}
	return o
}

// At is the place of i, which must be below n: only then is the walk certain to end.
func (o *Order) At(i uint32) uint32 {
	for {
		l, r := i>>o.half, i&o.mask
		for _, k := range o.keys {
			l, r = r, l^(hash(r+k)&o.mask)
		}
		if i = l<<o.half | r; i < o.n {
			return i
		}
	}
}

func hash(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	return x ^ x>>16
}

// Permuted is the place of i under the Order of a key row.
func Permuted(key [4]uint32, n, i uint32) uint32 {
	o := NewOrder(key, n)
	return o.At(i)
}

// permuteSalt keeps an epoch's order apart from the draws of Bits, whose streams count up from 0.
const permuteSalt = 0x70657231

// NoRow is the index that Permute writes past the end of an epoch and that Gather, Scatter and Xent pass over.
const NoRow = ^uint32(0)
