//go:build cgo

package netlib_test

import (
	"fmt"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/cpu/netlib"
)

func TestRun(t *testing.T) {
	t.Logf("the system's BLAS: %q", netlib.Version())
	backendtest.Run(t, func(testing.TB) backend.Backend { return cpu.Open(netlib.BLAS(), cpu.Workers(2)) })
}

func BenchmarkBackend(b *testing.B) {
	backendtest.RunBench(b, func(testing.TB) backend.Backend { return cpu.Open(netlib.BLAS()) })
}

// Everything but the products is as without the option.
func ExampleBLAS() {
	dev := cpu.Open(netlib.BLAS())
	defer dev.Close()
	fmt.Println(dev.Info().Device, dev.Info().Driver)
	// Output: netlib netlib's Sgemm, Go loops
}
