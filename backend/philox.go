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

// Permuted is the place of i under the permutation of 0…n−1 that the key row (seed, seed, epoch, –) stands for: a
// Feistel network of six Philox rounds over the smallest even number of bits that holds n−1, walked along its cycle
// until it is back below n (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). i must be below
// n: only then is the walk certain to end.
func Permuted(key [4]uint32, n, i uint32) uint32 {
	half := max(1, (bits.Len32(n-1)+1)/2)
	mask := uint32(1)<<half - 1
	for {
		l, r := i>>half, i&mask
		for round := range uint32(6) {
			f := Philox([2]uint32{key[0], key[1]}, [4]uint32{r, round, key[2], permuteSalt})[0]
			l, r = r, l^(f&mask)
		}
		if i = l<<half | r; i < n {
			return i
		}
	}
}

// permuteSalt keeps an epoch's order apart from the draws of Bits, whose streams count up from 0.
const permuteSalt = 0x70657231

// NoRow is the index that Permute writes past the end of an epoch and that Gather, Scatter and Xent pass over.
const NoRow = ^uint32(0)
