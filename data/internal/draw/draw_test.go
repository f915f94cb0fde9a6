package draw

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// TestWords: the words are Philox's, in order, and every part of a stream's name matters.
func TestWords(t *testing.T) {
	const item = 5<<32 | 6
	s := New(1<<32|2, 3, item)
	for block := range uint32(3) {
		for _, want := range backend.Philox([2]uint32{2, 1}, [4]uint32{block, 6, 5, 3 | 1<<31}) {
			if got := s.Word(); got != want {
				t.Fatalf("block %d: word %#x, want %#x", block, got, want)
			}
		}
	}
	seen := map[uint32]bool{}
	for _, s := range []Stream{{}, New(0, 0, 0), New(1, 0, 0), New(1<<32, 0, 0), New(0, 1, 0), New(0, 0, 1), New(0, 0, 1<<32)} {
		seen[s.Word()] = true
	}
	if len(seen) != 7 {
		t.Errorf("%d different first words of 7 streams", len(seen))
	}
}

func TestDistributions(t *testing.T) {
	const n = 100000
	s := New(4, 1, 0)
	counts := [5]int{}
	var sum, squares, fourth, uniform float64
	for range n {
		counts[s.Below(5)]++
		z := s.Normal()
		sum, squares, fourth = sum+z, squares+z*z, fourth+z*z*z*z
		u := s.Within(3)
		if u < -3 || u >= 3 {
			t.Fatalf("%v is not within 3", u)
		}
		uniform += u * u
	}
	for i, c := range counts {
		if math.Abs(float64(c)-n/5) > 5*math.Sqrt(n*0.2*0.8) {
			t.Errorf("%d is drawn %d times of %d", i, c, n)
		}
	}
	// Five standard deviations of each mean: of z 1, of z² √2, of z⁴ √96, of 9·u² √(81·4/45).
	for name, v := range map[string][3]float64{
		"mean": {sum / n, 0, 1}, "variance": {squares / n, 1, math.Sqrt2}, "fourth moment": {fourth / n, 3, math.Sqrt(96)},
		"uniform's variance": {uniform / n, 3, math.Sqrt(81 * 4.0 / 45)},
	} {
		if !(math.Abs(v[0]-v[1]) < 5*v[2]/math.Sqrt(n)) {
			t.Errorf("%s %v, want %v", name, v[0], v[1])
		}
	}
}
