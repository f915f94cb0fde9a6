// Package draw hands out random numbers one after the other, for what the host generates. They are package backend's:
// Philox under a seed, so that item i of a generated set depends on the seed and on i alone, not on how many items
// there are or on the order in which goroutines make them.
package draw

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// Stream is a sequence of draws. The zero value is that of seed 0, kind 0, item 0. Not for two goroutines at once.
type Stream struct {
	key  [2]uint32
	ctr  [4]uint32 // the number of the next four words, the item's (two words), the kind
	buf  [4]uint32
	left int
}

// New is the sequence of one item. Sequences of different kinds are independent: 31 bits that keep the uses of one
// seed apart.
func New(seed uint64, kind uint32, item uint64) Stream {
	// The top bit keeps clear of the kinds of package backend: layers' streams count up from 0.
	return Stream{
		key: [2]uint32{uint32(seed), uint32(seed >> 32)},
		ctr: [4]uint32{0, uint32(item), uint32(item >> 32), kind | 1<<31},
	}
}

// Word is 32 random bits.
func (s *Stream) Word() uint32 {
	if s.left == 0 {
		s.buf = backend.Philox(s.key, s.ctr)
		s.ctr[0]++
		s.left = 4
	}
	s.left--
	return s.buf[3-s.left]
}

// Below is a whole number from 0 to n−1, n at least 1, whose probabilities differ by less than n·2⁻³².
func (s *Stream) Below(n int) int { return int(uint64(s.Word()) * uint64(n) >> 32) }

// Uniform is from [0, 1), a multiple of 2⁻²⁴.
func (s *Stream) Uniform() float64 { return backend.Uniform(s.Word()) }

// Within is from [−r, r). The conversion keeps compilers from fusing the product with a caller's sum, which would make
// the result depend on the platform.
func (s *Stream) Within(r float64) float64 { return float64(r * (2*s.Uniform() - 1)) }

// Normal has mean 0 and standard deviation 1, by Box and Muller's transform.
func (s *Stream) Normal() float64 {
	radius := math.Sqrt(-2 * math.Log(s.Uniform()+1.0/(1<<25)))
	return radius * math.Cos(2*math.Pi*s.Uniform())
}
