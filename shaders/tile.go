package shaders

import (
	"fmt"
	"strings"
)

// Tile is a way to cut a product: a BM×BN tile for each group of 256, TM×TN of it for each invocation, slices of BK.
type Tile struct{ BM, BN, TM, TN, BK int }

// Tiles are the ways in use, the largest first. All of them give the same bits.
var Tiles = []Tile{
	{128, 128, 8, 8, 8}, {128, 64, 8, 4, 8}, {64, 128, 4, 8, 8}, {64, 64, 4, 4, 8}, {64, 64, 4, 4, 16}, {128, 32, 4, 4, 8}, {32, 128, 4, 4, 8},
	{32, 32, 2, 2, 16}, {32, 32, 2, 2, 32}, {64, 16, 4, 1, 16}, {16, 64, 1, 4, 16}, {16, 16, 1, 1, 16}, {16, 16, 1, 1, 64},
}

// ShortTiles are the same with shorter slices, for a software renderer: it waits for nothing in between, and takes as long to compile
// a slice as the slice is.
var ShortTiles = []Tile{
	{128, 128, 8, 8, 2}, {64, 64, 4, 4, 4}, {128, 32, 4, 4, 4}, {32, 128, 4, 4, 4}, {32, 32, 2, 2, 4}, {64, 16, 4, 1, 4}, {16, 64, 1, 4, 4}, {16, 16, 1, 1, 4},
}

// Floats is what it takes of the shared memory, in words.
func (t Tile) Floats() int { return max(t.BK*(t.BM+1+t.BN), t.BM/t.TM*t.BN) }

// Defines are the macros of matmul.comp that depend on the tile.
func (t Tile) Defines() []string {
	return append(t.sizes(),
		"TILE_INIT "+t.rows(t.row, "precise float C = 0.0;"),
		"TILE_LOAD "+t.stripe(t.row, "C = cs(AT);"),
		"TILE_STEPS "+each(t.BK, t.step),
		"TILE_SAVE "+t.stripe(t.row, "cs(AT) = C;"),
	)
}

func (t Tile) sizes() []string {
	return []string{
		fmt.Sprintf("BM %du", t.BM), fmt.Sprintf("BN %du", t.BN), fmt.Sprintf("TM %du", t.TM),
		fmt.Sprintf("TN %du", t.TN), fmt.Sprintf("BK %du", t.BK),
		"NOTHING uintBitsToFloat(0x80000000u)",
	}
}

// rows is a statement for each row of an invocation, as row writes it out.
func (t Tile) rows(row func(i int, statement string) string, statement string) string {
	return each(t.TM, func(i int) string { return row(i, statement) })
}

// stripe is rows for row r alone, which the kernel counts.
func (t Tile) stripe(row func(i int, statement string) string, statement string) string {
	return each(t.TM, func(i int) string { return fmt.Sprintf("if (r == %du) { %s }", i, row(i, statement)) })
}

// row is a statement for each element of row i: C is its accumulator, A and B the factors, AT its place in the stripe, where
// neighbouring invocations have neighbouring columns.
func (t Tile) row(i int, statement string) string {
	return each(t.TN, func(j int) string {
		return strings.NewReplacer("C", fmt.Sprintf("c%d_%d", i, j), "AT", fmt.Sprintf("ty * BN + tx + %du", j*t.BN/t.TN),
			"A", fmt.Sprintf("a%d", i), "B", fmt.Sprintf("b%d", j)).Replace(statement)
	})
}

// step is the multiply-adds of one k of a slice.
func (t Tile) step(k int) string {
	return "{ " +
		each(t.TM, func(i int) string { return fmt.Sprintf("float a%d = as(%du * AW + ty + %du);", i, k, i*t.BM/t.TM) }) + " " +
		each(t.TN, func(j int) string { return fmt.Sprintf("float b%d = bs(%du * BN + tx + %du);", j, k, j*t.BN/t.TN) }) + " " +
		t.rows(t.row, "C = fma(A, B, C);") + " }"
}

func each(n int, f func(int) string) string {
	s := make([]string, n)
	for i := range s {
		s[i] = f(i)
	}
	return strings.Join(s, " ")
}
