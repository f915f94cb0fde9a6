package shaders

import (
	"fmt"
	"strings"
)

// VecTiles are the ways of matmul_vec.comp, the largest first: TM and TN are multiples of four. All of them, and those of Tiles, give
// the same bits.
var VecTiles = []Tile{{256, 128, 16, 8, 8}, {128, 128, 8, 8, 8}, {128, 128, 8, 8, 16}, {128, 64, 8, 4, 16}, {64, 128, 4, 8, 16}, {64, 64, 4, 4, 16}}

// VecFloats is what such a tile takes of the shared memory for scalars, in words.
func (t Tile) VecFloats() int { return t.BM / t.TM * t.BN }

// VecShared is all of the shared memory that matmul_vec.comp takes, in bytes.
func (t Tile) VecShared() int { return 4*t.VecFloats() + 2*16*t.BK*(t.BM/4+1+t.BN/4+1) }

// VecDefines are the macros of matmul_vec.comp that depend on the tile.
func (t Tile) VecDefines() []string {
	return append(t.sizes(),
		fmt.Sprintf("VEC_ROW(ty, r) ((ty) * 4u + (r) %% 4u + (r) / 4u * %du)", t.BM/(t.TM/4)),
		"VEC_INIT "+t.rows(t.quads, "precise vec4 C = vec4(0.0);"),
		"VEC_LOAD "+t.stripe(t.quads, "C = vec4(cs(AT), cs(AT + 1u), cs(AT + 2u), cs(AT + 3u));"),
		"VEC_STEPS "+each(t.BK, t.vecStep),
		"VEC_SAVE "+t.stripe(t.quads, "cs(AT) = C.x; cs(AT + 1u) = C.y; cs(AT + 2u) = C.z; cs(AT + 3u) = C.w;"),
	)
}

// quads is a statement for each four elements of row i: C is their accumulators, A and B the factors, AT where they lie in a stripe.
func (t Tile) quads(i int, statement string) string {
	return each(t.TN/4, func(j int) string {
		return strings.NewReplacer("C", fmt.Sprintf("c%d_%d", i, j), "AT", fmt.Sprintf("ty * BN + tx * 4u + %du", j*t.BN/(t.TN/4)),
			"A", fmt.Sprintf("vec4(a%d.%c)", i/4, "xyzw"[i%4]), "B", fmt.Sprintf("b%d", j)).Replace(statement)
	})
}

// vecStep is the multiply-adds of one k of a slice.
func (t Tile) vecStep(k int) string {
	return "{ " +
		each(t.TM/4, func(i int) string {
			return fmt.Sprintf("vec4 a%d = sliceA[atA(now, %du, ty + %du)];", i, k, i*t.BM/t.TM)
		}) + " " +
		each(t.TN/4, func(j int) string {
			return fmt.Sprintf("vec4 b%d = sliceB[atB(now, %du, tx + %du)];", j, k, j*t.BN/t.TN)
		}) + " " +
		t.rows(t.quads, "C = fma(A, B, C);") + " }"
}
