//go:build !purego

package isa

import "golang.org/x/sys/cpu"

func native() (sets []Set) {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		sets = append(sets, AVX2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW {
			sets = append(sets, AVX512)
		}
	}
	return sets
}
