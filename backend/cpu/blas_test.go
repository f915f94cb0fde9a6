package cpu_test

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
)

// counted is gonum's BLAS with a counter.
type counted struct {
	gonum.Implementation
	calls *int
}

func (c counted) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, dst []float32, ldc int) {
	*c.calls++
	c.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, dst, ldc)
}

// TestBLASDoesEveryProduct has one call of Sgemm for each product, and none where there is nothing to add up.
func TestBLASDoesEveryProduct(t *testing.T) {
	var calls int
	dev := cpu.Open(cpu.BLAS("counted", counted{calls: &calls}))
	defer dev.Close()
	if i := dev.Info(); i.Device != "counted" || i.Driver != "counted's Sgemm, Go loops" {
		t.Errorf("the device calls itself %q, %q", i.Device, i.Driver)
	}
	buf, err := backend.Alloc(dev, backend.F32, 300*500)
	if err != nil {
		t.Fatal(err)
	}
	dst, err := backend.Alloc(dev, backend.F32, 300*300)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[int]int{500: 1, 0: 0} {
		calls = 0
		backend.Do(dev, &backend.MatMul{Dst: backend.Mat(dst, 0, 300, 300), A: backend.Mat(buf, 0, 300, k), B: backend.Mat(buf, 0, 300, k), TransB: true})
		if calls != want {
			t.Errorf("a product over k = %d took %d calls of Sgemm, want %d", k, calls, want)
		}
	}
}

// A BLAS of one's own, or the system's from the module backend/cpu/netlib, does the products.
func ExampleBLAS() {
	dev := cpu.Open(cpu.BLAS("mine", gonum.Implementation{}))
	defer dev.Close()
	fmt.Println(dev.Info().Device)
	// Output: mine
}
