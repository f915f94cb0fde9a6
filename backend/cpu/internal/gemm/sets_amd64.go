//go:build !purego

package gemm

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

var setAVX2 = set{rows: 6, cols: 16, inner: avx2Inner, transpose: avx2Transpose, copyTiles: avx2CopyTiles, copyPanels: avx2CopyPanels, strip: 1 << 20, cost: 0.02}

var setAVX512 = set{rows: 14, cols: 32, inner: avx512Inner, transpose: avx2Transpose, copyTiles: avx2CopyTiles, copyPanels: avx512CopyPanels, strip: 1 << 20, cost: 0.01}

func native(s isa.Set) *set {
	switch s {
	case isa.AVX2:
		return &setAVX2
	case isa.AVX512:
		return &setAVX512
	}
	return nil
}
