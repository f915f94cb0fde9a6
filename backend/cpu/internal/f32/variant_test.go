package f32

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu/internal/isa"
)

// variants runs a test or a benchmark with each set of instructions of this machine and build.
func variants[T interface{ Run(string, func(T)) bool }](t T, f func(T)) {
	for _, s := range isa.Available() {
		t.Run(s.String(), func(t T) {
			restore := isa.Force(s)
			Choose()
			defer func() { restore(); Choose() }()
			f(t)
		})
	}
}

// A result does not depend on where in a slice its element lies: chunks and workers must not show. Nor does it depend on
// the width of the vectors.
func TestPlaces(t *testing.T) {
	all := append([]kernel(nil), kernels...)
	for _, a := range activations {
		all = append(all, kernel{name: a.op, run: func(v, x []float32) { a.run(v, x, a.p) }, gen: spread})
	}
	first := map[int][]float32{}
	variants(t, func(t *testing.T) {
		for i, k := range all {
			rng := rand.New(rand.NewPCG(1, 1))
			v, x := newVector(130, 0, rng, k.gen).x, newVector(130, 0, rng, spread).x
			copy(v[10:], edges()[:46])
			copy(x[60:], edges()[:46])
			whole := append([]float32(nil), v...)
			k.run(whole, x)
			if vectors {
				if first[i] == nil {
					first[i] = whole
				}
				same(t, k.name+" in vectors of another width", whole, first[i])
			}
			for lo := range v {
				for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 31, 33} {
					if lo+n <= len(v) {
						part := append([]float32(nil), v[lo:lo+n]...)
						k.run(part, x[lo:])
						same(t, k.name, part, whole[lo:lo+n])
					}
				}
			}
		}
	})
}

func same(t *testing.T, name string, got, want []float32) {
	t.Helper()
	for i := range got {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s: element %d of %d is %v, and %v elsewhere", name, i, len(got), got[i], want[i])
		}
	}
}
