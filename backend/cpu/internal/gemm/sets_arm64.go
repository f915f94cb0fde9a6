//go:build !purego

package gemm

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

var setNEON = set{rows: 6, cols: 16, inner: neonInner, transpose: transposeGeneric, copyTiles: copyPieces, copyPanels: copyPieces, strip: 1 << 20,
	cost: 0.03}

func native(s isa.Set) *set {
	if s == isa.NEON {
		return &setNEON
	}
	return nil
}
