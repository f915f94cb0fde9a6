//go:build !purego

package gemm

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

// Haswell and Zen, and what came after them, have 32 KiB at least.
var setAVX2 = set{rows: 6, cols: 16, inner: avx2Inner, transpose: avx2Transpose, copyTiles: avx2CopyTiles, copyPanels: avx2CopyPanels, piece: 16, cache: cache{l1: 32 << 10, strip: 1 << 20}}

// Ice Lake and Zen 5 have 48 KiB; in the 32 of Skylake-X and Zen 4 the rows of A take half and more, which still is room.
var setAVX512 = set{rows: 14, cols: 32, inner: avx512Inner, transpose: avx2Transpose, copyTiles: avx2CopyTiles, copyPanels: avx2CopyPanels, piece: 16, cache: cache{l1: 48 << 10, strip: 1 << 20}}

func native(s isa.Set) *set {
	switch s {
	case isa.AVX2:
		return &setAVX2
	case isa.AVX512:
		return &setAVX512
	}
	return nil
}
