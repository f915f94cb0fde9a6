// Package gemm multiplies matrices: the blocking, the packing and the inner kernels of package cpu's products.
//
// The bits of C = A·B + C depend on the shape alone, not on the blocking or on who computes what. Where A is transposed, as
// for a gradient over the rows of a batch, each element is one chain of multiply-adds over ascending k that starts from C:
// a batch in parts, one after another, has the bits of the whole. Elsewhere, where K is a layer's width, it is the sum of C and
// of a chain for each block of at most 256, in order: the rounding errors of shorter sums are smaller. Where multiply-adds are
// fused, with AVX2, AVX-512 and NEON, the bits are the same too.
//
// The structure is that of Goto and van de Geijn (2008) with the roles of A and B changed: a strip of B of some depth
// stays in the second-level cache, a few rows of A in the first, and panels of B stream past them, so that neighbours in a
// row of C are written one after another. B is packed where it lies badly, A hardly ever: the kernels take any distances.
package gemm

//go:generate go run -C ../_asm ./gemm -pkg gemm -out ../gemm/kernels_amd64.s -stubs ../gemm/stubs_amd64.go -dir ../gemm
