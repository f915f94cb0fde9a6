package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx2 is AVX2 with FMA: twelve accumulators, two vectors of B, and what is left for elements of A and a mask.
type avx2 struct{}

func (avx2) name() string           { return "avx2" }
func (avx2) rows() int              { return 6 }
func (avx2) bytes() int             { return 32 }
func (avx2) vector() reg.VecVirtual { return YMM() }
func (avx2) zero(v reg.VecVirtual)  { VXORPS(v, v, v) }

var maskAVX2 reg.VecVirtual

// masks are eight words of ones and eight of zeros: cols ones begin 8−cols words from the start.
var masks operand.Mem

func (avx2) mask(_ width, cols reg.Register) {
	if masks.Symbol.Name == "" {
		masks = GLOBL("masks", RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, operand.U32(map[bool]uint32{true: ^uint32(0)}[i < 8]))
		}
	}
	at, back := GP64(), GP64()
	LEAQ(masks.Offset(32), at)
	MOVQ(cols, back)
	SHLQ(operand.Imm(2), back)
	SUBQ(back, at)
	maskAVX2 = YMM()
	VMOVUPS(operand.Mem{Base: at}, maskAVX2)
}

func (avx2) load(from operand.Mem, to reg.VecVirtual, cut bool) {
	if cut {
		VMASKMOVPS(from, maskAVX2, to)
	} else {
		VMOVUPS(from, to)
	}
}

// storeRows stores a vector of each row. AMD's masked stores are slow, so a vector that is cut off goes in pieces of
// four, two and one.
func (a avx2) storeRows(acc []reg.VecVirtual, c, cRow, cols reg.GPVirtual, w width) {
	if w == whole {
		each(acc, c, cRow, func(to operand.Mem, v reg.VecVirtual) { VMOVUPS(v, to) })
		return
	}
	CMPQ(cols, operand.Imm(8))
	JNE(operand.LabelRef("four"))
	each(acc, c, cRow, func(to operand.Mem, v reg.VecVirtual) { VMOVUPS(v, to) })
	JMP(operand.LabelRef("stored"))
	at := GP64()
	Label("four")
	MOVQ(c, at)
	TESTQ(operand.U32(4), cols)
	JZ(operand.LabelRef("two"))
	each(acc, at, cRow, func(to operand.Mem, v reg.VecVirtual) {
		VMOVUPS(v.AsX(), to)
		VEXTRACTF128(operand.Imm(1), v.AsY(), v.AsX())
	})
	ADDQ(operand.Imm(16), at)
	Label("two")
	TESTQ(operand.U32(2), cols)
	JZ(operand.LabelRef("one"))
	each(acc, at, cRow, func(to operand.Mem, v reg.VecVirtual) {
		VMOVLPS(v.AsX(), to)
		VMOVHLPS(v.AsX(), v.AsX(), v.AsX())
	})
	ADDQ(operand.Imm(8), at)
	Label("one")
	TESTQ(operand.U32(1), cols)
	JZ(operand.LabelRef("stored"))
	each(acc, at, cRow, func(to operand.Mem, v reg.VecVirtual) { VMOVSS(v.AsX(), to) })
	Label("stored")
}

// each runs f with the place of each row's vector.
func each(acc []reg.VecVirtual, c, cRow reg.GPVirtual, f func(to operand.Mem, v reg.VecVirtual)) {
	row := GP64()
	MOVQ(c, row)
	for r, v := range acc {
		f(operand.Mem{Base: row}, v)
		if r+1 < len(acc) {
			ADDQ(cRow, row)
		}
	}
}
