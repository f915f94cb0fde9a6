package backendtest

import (
	"math"
	"testing"
)

// A comparer that lets NaN pass would let everything pass.
func TestBound(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		got  float64
		want bound
		ok   bool
	}{
		{1, bound{1, 0}, true},
		{1, bound{1 + 1e-6, 1e-5}, true},
		{1, bound{1 + 1e-4, 1e-5}, false},
		{-1, bound{1, 1e-5}, false},
		{nan, bound{1, 1e-5}, false},
		{nan, bound{1, inf}, false},
		{1, bound{nan, inf}, false},
		{1, bound{1, nan}, false},
		{0, bound{1, nan}, false},
		{nan, bound{nan, 0}, true},
		{nan, bound{inf, 0}, false},
		{inf, bound{nan, 0}, false},
		{inf, bound{inf, 0}, true},
		{inf, bound{-inf, 0}, false},
		{inf, bound{1, 1}, false},
		{inf, bound{1, nan}, false},
		{math.MaxFloat32, bound{inf, 0}, false},
		{inf, bound{1e39, 0}, true},   // rounds to Inf
		{-inf, bound{-1e39, 0}, true}, // rounds to −Inf
		{math.MaxFloat32, bound{1e39, 1}, false},
		{0, bound{1e-39, 0}, true}, // a subnormal may read as zero
		{0, bound{-1e-39, 0}, true},
		{0, bound{1e-37, 0}, false},
		{1e-39, bound{0, 0}, false},
		{1e-39, bound{1e-39, 0}, true},
		{0, bound{math.Copysign(0, -1), 0}, true},
	} {
		if c.want.holds(float32(c.got)) != c.ok {
			t.Errorf("%v within %v: %v, want %v", c.got, c.want, !c.ok, c.ok)
		}
	}
}

func TestSumBound(t *testing.T) {
	if b := sumBound(3, 6, 8); b.want != 3 || b.tol != 8*8*0x1p-24 {
		t.Error(b)
	}
	if b := sumBound(0, 0, 0); b.tol != 0 {
		t.Error(b)
	}
}

func TestFlushes(t *testing.T) {
	for _, x := range []float64{1, -1, smallest, -smallest, math.Inf(1)} {
		for i, f := range flushes {
			if f(x) != x {
				t.Errorf("flush %d of %v: %v", i, x, f(x))
			}
		}
	}
	if y := flushes[0](-1e-40); y != -1e-40 {
		t.Error(y)
	}
	if y := flushes[1](-1e-40); y != 0 || !math.Signbit(y) {
		t.Error(y)
	}
	if y := flushes[2](-1e-40); y != 0 || math.Signbit(y) {
		t.Error(y)
	}
}
