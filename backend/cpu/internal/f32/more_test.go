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
			Dropout(v.x, 1/(1-p), -1.5, uint32(math.Ceil(p*(1<<24))), [2]uint32{key[0], key[1]}, key[2], key[3]+stream, first)
			for i, x := range v.x {
				want := float64(was[i]) / (1 - p)
				if backend.Uniform(backend.Bits(key, stream, first+uint64(i))) < p {
					want = -1.5
				}
				near(t, "Dropout", i, x, want, 0)
			}
			v.guards(t, "Dropout")
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
	for _, z := range [][2]int{{0, 3}, {3, 0}, {1, 1}, {1, 40}, {40, 1}, {15, 17}, {16, 32}, {33, 65}} {
		rows, cols := z[0], z[1]
		src, dst := newVector(rows*(cols+3), 1, rng, spread), newVector(cols*(rows+2), 2, rng, func(*rand.Rand) float32 { return guard })
		Transpose(dst.x, rows+2, src.x, cols+3, rows, cols)
		for j := range cols {
			for i := range rows + 2 {
				want := float32(guard)
				if i < rows {
					want = src.x[i*(cols+3)+j]
				}
				if dst.x[j*(rows+2)+i] != want {
					t.Fatalf("%d×%d: element (%d, %d)", rows, cols, i, j)
				}
			}
		}
		dst.guards(t, "Transpose")
	}
}
