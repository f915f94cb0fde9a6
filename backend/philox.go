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

// An Order is a permutation of 0…n−1: a Feistel network of six rounds over the bits that hold n−1, walked along its cycle
// until it is back below n (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). The rounds' keys are
// words of Philox; their function is Wellons' integer hash of the lowest known bias (2018), for an order must look random
// and need not keep a secret.
type Order struct {
	n           uint32
	low         uint32 // bits of the right half
	left, right uint32 // masks
	keys        [8]uint32
}

// OrderBits is how many bits the two halves of the numbers of an Order have.
func OrderBits(n uint32) (left, right int) {
	all := bits.Len32(n - 1)
	return all / 2, all - all/2
}

// NewOrder is the order of n > 0 numbers that the key row (seed, seed, epoch, –) stands for.
func NewOrder(key [4]uint32, n uint32) Order {
	left, right := OrderBits(n)
	o := Order{n: n, low: uint32(right), left: 1<<left - 1, right: 1<<right - 1}
	for i := range uint32(2) {
		w := Philox([2]uint32{key[0], key[1]}, [4]uint32{i, 0, key[2], permuteSalt})
		copy(o.keys[4*i:], w[:])
	}
	return o
}

// At is the place of i, which must be below n: only then is the walk certain to end.
func (o *Order) At(i uint32) uint32 {
	for {
		if i = o.walk(i); i < o.n {
			return i
		}
	}
}

// walk goes on by one place of the cycle.
func (o *Order) walk(i uint32) uint32 {
	l, r := i>>o.low, i&o.right
	for k := 0; k < 6; k += 2 {
		l ^= hash(r+o.keys[k]) & o.left
		r ^= hash(l+o.keys[k+1]) & o.right
	}
	return l<<o.low | r
}

// Fill sets dst[i] to the place of first + i, all of which must be below n. Four walks at once take little longer than one.
func (o *Order) Fill(dst []uint32, first uint32) {
	low, left, right := o.low&31, o.left, o.right
	for ; len(dst) >= 4; dst, first = dst[4:], first+4 {
		l0, l1, l2, l3 := first>>low, (first+1)>>low, (first+2)>>low, (first+3)>>low
		r0, r1, r2, r3 := first&right, (first+1)&right, (first+2)&right, (first+3)&right
		for k := 0; k < 6; k += 2 {
			x, y := o.keys[k], o.keys[k+1]
			l0 ^= hash(r0+x) & left
			l1 ^= hash(r1+x) & left
			l2 ^= hash(r2+x) & left
			l3 ^= hash(r3+x) & left
			r0 ^= hash(l0+y) & right
			r1 ^= hash(l1+y) & right
			r2 ^= hash(l2+y) & right
			r3 ^= hash(l3+y) & right
		}
		d := (*[4]uint32)(dst)
		d[0], d[1], d[2], d[3] = l0<<low|r0, l1<<low|r1, l2<<low|r2, l3<<low|r3
		for j, i := range d {
			if i >= o.n {
				d[j] = o.At(i)
			}
		}
	}
	for i := range dst {
		dst[i] = o.At(first + uint32(i))
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
