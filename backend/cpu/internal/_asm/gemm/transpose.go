package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose turns eight rows of src into rows of eight: dst[p*dstRow + r] = src[r*srcRow + p] for p < cols. Distances
// are in bytes.
func transpose() {
	TEXT("avx2Transpose", NOSPLIT, "func(dst, src *float32, dstRow, srcRow, cols int)")
	Pragma("noescape")
	dst, dstRow, srcRow, cols := param("dst"), param("dstRow"), param("srcRow"), param("cols")
	at := pointers(8, param("src"), srcRow)
	Label("square")
	CMPQ(cols, operand.Imm(8))
	JLT(operand.LabelRef("column"))
	square(at, srcRow, dst, dstRow)
	for _, p := range at {
		ADDQ(operand.Imm(32), p)
	}
	LEAQ(operand.Mem{Base: dst, Index: dstRow, Scale: 8}, dst)
	SUBQ(operand.Imm(8), cols)
	JMP(operand.LabelRef("square"))

	Label("column")
	TESTQ(cols, cols)
	JZ(operand.LabelRef("done"))
	x := XMM()
	for r := range 8 {
		VMOVSS(element(at, srcRow, r), x)
		VMOVSS(x, operand.Mem{Base: dst, Disp: 4 * r})
	}
	for _, p := range at {
		ADDQ(operand.Imm(4), p)
	}
	ADDQ(dstRow, dst)
	DECQ(cols)
	JMP(operand.LabelRef("column"))
	Label("done")
	VZEROUPPER()
	RET()
}

// square transposes 8×8 elements: pairs, then fours, then the halves of the vectors change places.
func square(at []reg.GPVirtual, srcRow, dst, dstRow reg.GPVirtual) {
	rows := make([]reg.VecVirtual, 8)
	for r := range rows {
		rows[r] = YMM()
		VMOVUPS(element(at, srcRow, r), rows[r])
	}
	pairs := make([]reg.VecVirtual, 8)
	for i := 0; i < 8; i += 2 {
		pairs[i], pairs[i+1] = YMM(), YMM()
		VUNPCKLPS(rows[i+1], rows[i], pairs[i])
		VUNPCKHPS(rows[i+1], rows[i], pairs[i+1])
	}
	fours := make([]reg.VecVirtual, 8) // column c of rows 0…3 and 4…7, and column c+4 in the upper halves
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			lo, hi := YMM(), YMM()
			VSHUFPS(operand.Imm(0x44), pairs[i+2+j], pairs[i+j], lo)
			VSHUFPS(operand.Imm(0xee), pairs[i+2+j], pairs[i+j], hi)
			fours[i+2*j], fours[i+2*j+1] = lo, hi
		}
	}
	to := GP64()
	MOVQ(dst, to)
	for half, select_ := range []uint64{0x20, 0x31} {
		for c := range 4 {
			v := YMM()
			VPERM2F128(operand.Imm(select_), fours[4+c], fours[c], v)
			VMOVUPS(v, operand.Mem{Base: to})
			if half*4+c < 7 {
				ADDQ(dstRow, to)
			}
		}
	}
}
