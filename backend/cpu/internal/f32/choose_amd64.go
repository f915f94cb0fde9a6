//go:build !purego

package f32

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

// vectors says that the assembly runs, wide that its bodies for AVX-512 do.
//
//lint:ignore U1000 the assembly reads wide
var vectors, wide = chosen()

func chosen() (vectors, wide bool) {
	s := isa.Use()
	return s >= isa.AVX2, s == isa.AVX512
}

// Gain is how many times faster the assembly is than the Go loops, roughly.
func Gain() float64 {
	if vectors {
		return 5
	}
	return 1
}

// Choose takes the set of instructions that isa says from now on. For tests, where nothing else runs.
func Choose() { vectors, wide = chosen() }
