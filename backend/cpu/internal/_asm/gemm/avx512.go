package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx512 is AVX-512: 28 accumulators, two vectors of B, two for elements of A.
type avx512 struct{}

func (avx512) name() string           { return "avx512" }
func (avx512) rows() int              { return 14 }
func (avx512) bytes() int             { return 64 }
func (avx512) vector() reg.VecVirtual { return ZMM() }
func (avx512) zero(v reg.VecVirtual)  { VPXORD(v, v, v) }

var maskAVX512 reg.OpmaskVirtual

// mask is cols ones: all ones, shifted right by 16−cols.
func (avx512) mask(_ width, cols reg.Register) {
	ones, shift := GP32(), GP32()
	MOVL(operand.U32(0xffff), ones)
	MOVL(operand.U32(16), shift)
	SUBL(cols.(reg.GPVirtual).As32(), shift)
	SHRXL(shift, ones, ones)
	maskAVX512 = K()
	KMOVW(ones, maskAVX512)
}

func (avx512) load(from operand.Mem, to reg.VecVirtual, cut bool) {
	if cut {
		VMOVUPS_Z(from, maskAVX512, to)
	} else {
		VMOVUPS(from, to)
	}
}

func (avx512) storeRows(acc []reg.VecVirtual, c, cRow, _ reg.GPVirtual, w width) {
	each(acc, c, cRow, func(to operand.Mem, v reg.VecVirtual) {
		if w == whole {
			VMOVUPS(v, to)
		} else {
			VMOVUPS(v, maskAVX512, to)
		}
	})
}
