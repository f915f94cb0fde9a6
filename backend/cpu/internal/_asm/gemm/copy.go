package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// ahead is how many rows before its turn a row is fetched: rows lie far apart, where the processor does not guess them.
const ahead = 8

// copyTiles copies n ≤ 8 numbers: panels times, from each of rows rows. It writes eight: what it writes beyond n, in the row
// below or behind the last one, has to be of no importance until it is overwritten. Distances are in bytes: the numbers for
// a panel lie srcNext after those for the one before, and go dstNext after them.
func copyTiles() { copyPieces("avx2CopyTiles", avx2{}, []bool{true}) }

// copyPanels is copyTiles with the numbers of a whole panel.
func copyPanels(v vectors) { copyPieces(v.name()+"CopyPanels", v, []bool{false, false}) }

func copyPieces(name string, v vectors, cut []bool) {
	TEXT(name, NOSPLIT, "func(dst, src *float32, dstRow, srcRow, dstNext, srcNext, n, panels, rows int)")
	Pragma("noescape")
	dst, src, dstRow, srcRow := param("dst"), param("src"), param("dstRow"), param("srcRow")
	dstNext, srcNext, rows := param("dstNext"), param("srcNext"), param("rows")
	if cut[0] {
		v.mask(narrow, param("n"))
	}
	to, from, panels, next := GP64(), GP64(), GP64(), GP64()
	Label("row")
	MOVQ(dst, to)
	MOVQ(src, from)
	LEAQ(operand.Mem{Base: src, Index: srcRow, Scale: ahead}, next)
	MOVQ(param("panels"), panels)
	Label("piece")
	for i := 0; i < len(cut)*v.bytes(); i += 64 {
		PREFETCHT0(operand.Mem{Base: next, Disp: i})
	}
	for i, c := range cut {
		x := v.vector()
		v.load(operand.Mem{Base: from, Disp: v.bytes() * i}, x, c)
		VMOVUPS(x, operand.Mem{Base: to, Disp: v.bytes() * i})
	}
	ADDQ(srcNext, from)
	ADDQ(srcNext, next)
	ADDQ(dstNext, to)
	DECQ(panels)
	JNZ(operand.LabelRef("piece"))
	ADDQ(srcRow, src)
	ADDQ(dstRow, dst)
	DECQ(rows)
	JNZ(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}
