//go:build !purego

package gemm

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

// Cortex-A72 has 32 KiB, Neoverse 64, Apple's processors more.
var setNEON = set{rows: 6, cols: 16, inner: neonInner, transpose: transposeGeneric, copyTiles: copyPieces, copyPanels: copyPieces, piece: 16,
	cache: cache{l1: 32 << 10, strip: 1 << 20}}

func native(s isa.Set) *set {
	if s == isa.NEON {
		return &setNEON
	}
	return nil
}
