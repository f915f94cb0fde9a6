//go:build cgo

package netlib

/*
#cgo LDFLAGS: -lopenblas
#include <stddef.h>

// Weak: another BLAS may stand in OpenBLAS' place.
char *openblas_get_config(void) __attribute__((weak));

static const char *config(void) { return openblas_get_config ? openblas_get_config() : NULL; }
*/
import "C"

import (
	"gonum.org/v1/netlib/blas/netlib"

	"github.com/gloss-ml/gloss/backend/cpu"
)

// BLAS is an option of [cpu.Open]: every product is one call of the system's Sgemm. The device calls itself "netlib".
func BLAS() cpu.Option { return cpu.BLAS("netlib", netlib.Implementation{}) }

// Version is what OpenBLAS says of itself, with the processor whose kernels it chose, or empty of another BLAS.
func Version() string { return C.GoString(C.config()) }
