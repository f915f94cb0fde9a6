package f32

import (
	"math"
	"slices"
	"testing"
)

// TestSiLUGradOfLarge: a gradient near the largest number stays finite where the result is.
func TestSiLUGradOfLarge(t *testing.T) {
	v, x := slices.Repeat([]float32{3.3e38}, 37), slices.Repeat([]float32{1}, 37)
	SiLUGrad(v, x)
	s := 1 / (1 + math.Exp(-1))
	want := 3.3e38 * s * (1 + (1 - s))
	for i, got := range v {
		if !(math.Abs(float64(got)-want) <= 1e-5*want) {
			t.Fatalf("element %d is %v, want %v", i, got, want)
		}
	}
}
