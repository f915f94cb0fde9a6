package shaders

import (
	"fmt"
	"strings"
)

// Tile is a way to cut a product: a BM×BN tile for each group of 256, TM×TN of it for each invocation, slices of BK.
type Tile struct{ BM, BN, TM, TN, BK int }

// Tiles are the ways in use, the largest first. All of them give the same bits.
var Tiles = [...]Tile{{64, 64, 4, 4, 8}, {32, 32, 2, 2, 16}, {16, 16, 1, 1, 16}}

// Deep is the smallest tile with slices so deep that a long product waits for memory, and at barriers, four times less
// often: few work groups have nothing else to do meanwhile.
var Deep = Tile{16, 16, 1, 1, 64}

// Defines are the macros of matmul.comp that depend on the tile.
func (t Tile) Defines() []string {
	return []string{
		fmt.Sprintf("BM %du", t.BM), fmt.Sprintf("BN %du", t.BN), fmt.Sprintf("TM %du", t.TM),
		fmt.Sprintf("TN %du", t.TN), fmt.Sprintf("BK %du", t.BK),
		"TILE_INIT " + t.each(func(i, j int) string {
			return fmt.Sprintf("precise float c%d_%d = TILE_START(%s);", i, j, t.cell(i, j))
		}),
		"TILE_STEPS " + t.steps(),
		"TILE_SAVE " + t.each(func(i, j int) string { return fmt.Sprintf("cs[%s] = c%d_%d;", t.cell(i, j), i, j) }),
	}
}

// cell is where element (i, j) of an invocation lies in the tile: a row apart for neighbours in i, and in j so far apart
// that neighbouring invocations have neighbouring columns.
func (t Tile) cell(i, j int) string {
	return fmt.Sprintf("(ty + %du) * BN + tx + %du", i*t.BM/t.TM, j*t.BN/t.TN)
}

func (t Tile) each(f func(i, j int) string) string {
	var s []string
	for i := range t.TM {
		for j := range t.TN {
			s = append(s, f(i, j))
		}
	}
	return strings.Join(s, " ")
}

// steps are the multiply-adds of one slice.
func (t Tile) steps() string {
	var s []string
	for k := range t.BK {
		s = append(s, "{")
		for i := range t.TM {
			s = append(s, fmt.Sprintf("float a%d = as[%du * AW + ty + %du];", i, k, i*t.BM/t.TM))
		}
		for j := range t.TN {
			s = append(s, fmt.Sprintf("float b%d = bs[%du * BN + tx + %du];", j, k, j*t.BN/t.TN))
		}
		s = append(s, t.each(func(i, j int) string {
			return fmt.Sprintf("c%d_%d = fma(a%d, b%d, c%d_%d);", i, j, i, j, i, j)
		}), "}")
	}
	return strings.Join(s, " ")
}
