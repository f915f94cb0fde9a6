package f32

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// near compares with a few roundings of the largest term.
func near(t *testing.T, what string, i int, got float32, want, scale float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= relative*math.Abs(want)+termShare*math.Abs(scale)) {
		t.Fatalf("%s: element %d is %v, want %v", what, i, got, want)
	}
}

// Dropout keeps and drops what the contract's bits say, from any element on.
func TestDropout(t *testing.T) { variants(t, testDropout) }

func testDropout(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	key := [4]uint32{1, 2, 3, 4}
	const p, stream = 0.3, 7
	for n := range 131 {
		for _, first := range []uint64{0, 1, 2, 3, 4, 1<<34 - 5} {
			v := newVector(n, n%4, rng, spread)
			was := append([]float32(nil), v.x...)
			s := Stream{[2]uint32{key[0], key[1]}, key[2], key[3] + stream}
			Dropout(v.x, 1/(1-p), -1.5, uint32(math.Ceil(p*(1<<24))), s, first)
			for i, x := range v.x {
				want := float64(was[i]) / (1 - p)
				if backend.Uniform(backend.Bits(key, stream, first+uint64(i))) < p {
					want = -1.5
				}
				near(t, "Dropout", i, x, want, 0)
			}
			v.guards(t, "Dropout")
			Uniform(v.x, -1, 0x3p-24, s, first)
			for i, x := range v.x {
				near(t, "Uniform", i, x, -1+3*backend.Uniform(backend.Bits(key, stream, first+uint64(i))), 1)
			}
			v.guards(t, "Uniform")
		}
	}
}

func TestMoves(t *testing.T) { variants(t, testMoves) }

func testMoves(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 131 {
		v := newVector(n, n%4, rng, spread)
		bytes := make([]byte, n)
		for i := range bytes {
			bytes[i] = byte(rng.Uint32())
		}
		Bytes(v.x, bytes)
		AddBytes(v.x, bytes)
		for i, x := range v.x {
			if x != 2*float32(bytes[i]) {
				t.Fatalf("byte %d has become %v", bytes[i], x)
			}
		}
		v.guards(t, "Bytes")
	}
}
