//go:build !purego

package f32

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

// vectors says that the assembly runs, wide that its bodies for AVX-512 do; the assembly itself reads wide.
var vectors, wide = chosen()

func chosen() (vectors, wide bool) {
	s := isa.Use()
	return s >= isa.AVX2, s == isa.AVX512
}

// Choose takes the set of instructions that isa says from now on. For tests, where nothing else runs.
func Choose() { vectors, wide = chosen() }
