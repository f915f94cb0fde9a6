//go:build !purego

package gemm

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

// Zen 2, Zen 3 and Intel's client processors since 2013 have at least these caches.
var setAVX2 = set{rows: 6, cols: 16, inner: avx2Inner, transpose: avx2Transpose, copyTiles: avx2CopyTiles, copyPanels: avx2CopyPanels, piece: 16, cache: cache{l1: 32 << 10, l2: 512 << 10}}

// Skylake-X, Ice Lake and Zen 4 have at least these.
var setAVX512 = set{rows: 14, cols: 32, inner: avx512Inner, transpose: avx2Transpose, copyTiles: avx2CopyTiles, copyPanels: avx2CopyPanels, piece: 16, cache: cache{l1: 32 << 10, l2: 1 << 20}}

func native(s isa.Set) *set {
	switch s {
	case isa.AVX2:
		return &setAVX2
	case isa.AVX512:
		return &setAVX512
	}
	return nil
}
