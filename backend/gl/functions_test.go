//go:build cgo && (gl || glfw) && (linux || windows)

package gl_test

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// everywhere are floats of every exponent and both signs, many around 1, and the special ones.
func everywhere() []float32 {
	var x []float32
	for e := range uint32(256) {
		for m := uint32(0); m < 1<<23; m += 1<<23/97 + e%7 {
			f := math.Float32frombits(e<<23 | m)
			x = append(x, f, -f)
		}
	}
	for i := range 200_000 {
		x = append(x, float32(i-100_000)*0.002)
	}
	return append(x, float32(math.Inf(1)), float32(math.Inf(-1)))
}

// TestFunctions holds the library's functions to float64 over their whole range, in units of the last place: closer
// than the contract asks, since a training run adds their errors up.
func TestFunctions(t *testing.T) {
	b := open(t)
	x := everywhere()
	in, err := backend.Alloc(b, backend.F32, len(x))
	if err != nil {
		t.Fatal(err)
	}
	res, err := backend.Alloc(b, backend.F32, len(x))
	if err != nil {
		t.Fatal(err)
	}
	backend.Write(b, in, 0, x)
	for _, f := range []struct {
		name string
		want func(float64) float64
		ulps float64
		from float64 // results below it may be off by as much: they cancel, or are subnormal
	}{
		{"fexp", math.Exp, 2, 0x1p-126},
		{"fexpm1", math.Expm1, 4, 0},
		{"fsoftplus", func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 3, 0x1p-126},
		{"flog", math.Log, 2, 0},
		{"flog1p", math.Log1p, 3, 0},
		{"ftanh", math.Tanh, 3, 0},
		{"ferf", math.Erf, 3, 0},
		{"fsqrt", math.Sqrt, 2, 0},
	} {
		op := &backend.Op{Name: "test_" + f.name, F: func(e *backend.El) { e.V = f.want(e.V) },
			GLSL: "float op_test_" + f.name + "(El e, float v) { return " + f.name + "(v); }"}
		n := len(x)
		backend.Do(b, &backend.Each{Dst: backend.Row(res, 0, n), Do: backend.Chain{backend.Load(backend.Row(in, 0, n)), {Op: op}}})
		worst, at := 0.0, float32(0)
		for i, g := range read(t, b, res) {
			got, want := float64(g), f.want(float64(x[i]))
			if math.Abs(float64(x[i])) < 0x1p-126 && got == f.want(0) {
				continue // a subnormal input read as zero
			}
			if w := float64(float32(want)); math.IsNaN(w) || math.IsInf(w, 0) {
				if math.IsNaN(w) != math.IsNaN(got) || math.IsInf(w, 0) && got != w {
					t.Errorf("%s(%g) = %g, want %g", f.name, x[i], got, want)
				}
				continue
			}
			if e := math.Abs(got-want) / ulp(math.Max(math.Abs(want), f.from)); !(e <= worst) {
				worst, at = e, x[i]
			}
		}
		t.Logf("%s: at most %.2f units of the last place, at %g", f.name, worst, at)
		if !(worst <= f.ulps) {
			t.Errorf("%s(%g) is %.2f units of the last place off", f.name, at, worst)
		}
	}
}

// ulp is the distance of float32 numbers around x.
func ulp(x float64) float64 {
	_, e := math.Frexp(x)
	return math.Ldexp(1, max(e, -125)-24)
}
