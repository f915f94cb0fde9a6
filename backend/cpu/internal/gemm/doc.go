// Package gemm multiplies matrices: the blocking, the packing and the inner kernels of package cpu's products.
//
// Each element of C = A·B + C is one chain of multiply-adds over ascending k that starts from C, or from 0, whatever the
// blocking and whoever computes it: blocks of k leave the chain in C and go on from there, which loses nothing. Where
// multiply-adds are fused, with AVX2, AVX-512 and NEON, the bits are the same too.
//
// The structure is that of Goto and van de Geijn (2008) with the roles of A and B changed: a strip of B of some depth
// stays in the second-level cache, a few rows of A in the first, and panels of B stream past them, so that neighbours in a
// row of C are written one after another. B is packed where it lies badly, A hardly ever: the kernels take any distances.
package gemm

//go:generate go run -C ../_asm ./gemm -pkg gemm -out ../gemm/kernels_amd64.s -stubs ../gemm/stubs_amd64.go -dir ../gemm
