// Package netlib has the products of gloss' CPU done by the system's BLAS, through gonum's binding to it:
//
//	dev := cpu.Open(netlib.BLAS())
//
// Building it takes cgo, a C compiler and OpenBLAS (Debian and Ubuntu: libopenblas-dev); without cgo the package is empty
// and [BLAS] is missing. CGO_LDFLAGS may name another library with the interface CBLAS, as in CGO_LDFLAGS=-lblis: what comes
// first on the linker's line does the products. How many threads it takes is its own affair: OPENBLAS_NUM_THREADS.
// [cpu.Workers] is for everything else. Two kinds of threads on the same cores get into each other's way, so measure before
// you use it: bench/peers/run does.
//
// The package must not be used in a program whose results shall not depend on the machine: OpenBLAS chooses its kernels,
// and with them the order of a sum, by processor and number of threads.
package netlib
