//go:build !purego

package gemm

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

// Cortex-A72, Neoverse and Apple's processors have at least these caches.
var setNEON = set{rows: 6, cols: 16, inner: neonInner, transpose: transposeGeneric, copyTiles: copyPieces, copyPanels: copyPieces, piece: 16,
	cache: cache{l1: 32 << 10, l2: 512 << 10}}

func native(s isa.Set) *set {
	if s == isa.NEON {
		return &setNEON
	}
	return nil
}
