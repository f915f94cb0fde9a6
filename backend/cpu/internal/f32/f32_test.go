package f32

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A kernel of the tests works on v and up to three operands as the float64 function of one element says.
type kernel struct {
	name string
	run  func(v, x []float32)
	want func(v, x float64) (y, scale float64) // scale of the terms that are added or subtracted
	gen  func(r *rand.Rand) float32
}

func spread(r *rand.Rand) float32 {
	x := float32(math.Exp(r.NormFloat64() * 2))
	if r.IntN(2) == 0 {
		return -x
	}
	return x
}

func positives(r *rand.Rand) float32 { return float32(math.Exp(r.NormFloat64() * 20)) }

func larger(x, y float64) float64 { return math.Max(math.Abs(x), math.Abs(y)) }

func cdf(x float64) float64 { return 0.5 * (1 + math.Erf(x/math.Sqrt2)) }
func pdf(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

const c1, c2 = 1.7, -0.3

var kernels = []kernel{
	{"Fill", func(v, _ []float32) { Fill(v, c1) }, func(v, _ float64) (float64, float64) { return float64(float32(c1)), 0 }, spread},
	{"Add", Add, func(v, x float64) (float64, float64) { return v + x, larger(v, x) }, spread},
	{"AddC", func(v, _ []float32) { AddC(v, c1) }, func(v, _ float64) (float64, float64) { return v + c1, larger(v, c1) }, spread},
	{"Sub", Sub, func(v, x float64) (float64, float64) { return v - x, larger(v, x) }, spread},
	{"Mul", Mul, func(v, x float64) (float64, float64) { return v * x, 0 }, spread},
	{"MulC", func(v, _ []float32) { MulC(v, c1) }, func(v, _ float64) (float64, float64) { return v * c1, 0 }, spread},
	{"Scale0", func(v, _ []float32) { Scale(v, 0) }, func(v, _ float64) (float64, float64) { return 0, 0 }, spread},
	{"Scale1", func(v, _ []float32) { Scale(v, 1) }, func(v, _ float64) (float64, float64) { return v, 0 }, spread},
	{"Scale", func(v, _ []float32) { Scale(v, c1) }, func(v, _ float64) (float64, float64) { return v * c1, 0 }, spread},
	{"Scaled", func(v, _ []float32) { Scaled(v, v, c1) }, func(v, _ float64) (float64, float64) { return v * c1, 0 }, spread},
	{"Div", Div, func(v, x float64) (float64, float64) { return v / x, 0 }, spread},
	{"DivC", func(v, _ []float32) { DivC(v, c1) }, func(v, _ float64) (float64, float64) { return v / c1, 0 }, spread},
	{"Axpy", func(v, x []float32) { Axpy(v, c1, x) }, func(v, x float64) (float64, float64) { return v + c1*x, larger(v, c1*x) }, spread},
	{"Affine", func(v, _ []float32) { Affine(v, c1, c2) }, func(v, _ float64) (float64, float64) { return c1*v + c2, larger(c1*v, c2) }, spread},
	{"Clamp", func(v, _ []float32) { Clamp(v, c2, c1) }, func(v, _ float64) (float64, float64) { return math.Min(math.Max(v, c2), c1), 0 }, spread},
	{"Square", func(v, _ []float32) { Square(v) }, func(v, _ float64) (float64, float64) { return v * v, 0 }, spread},
	{"Abs", func(v, _ []float32) { Abs(v) }, func(v, _ float64) (float64, float64) { return math.Abs(v), 0 }, spread},
	{"Sqrt", func(v, _ []float32) { Sqrt(v) }, func(v, _ float64) (float64, float64) { return math.Sqrt(v), 0 }, positives},
	{"Recip", func(v, _ []float32) { Recip(v) }, func(v, _ float64) (float64, float64) { return 1 / v, 0 }, spread},
	{"ReLU", func(v, _ []float32) { ReLU(v) }, func(v, _ float64) (float64, float64) { return math.Max(v, 0), 0 }, spread},
	{"ReLUGrad", ReLUGrad, func(v, x float64) (float64, float64) {
		if x <= 0 {
			v = 0
		}
		return v, 0
	}, spread},
	{"Tanh", func(v, _ []float32) { Tanh(v) }, func(v, _ float64) (float64, float64) { return math.Tanh(v), 0 }, spread},
	{"TanhGrad", TanhGrad, func(v, y float64) (float64, float64) { return v * (1 - y*y), larger(v, v*y*y) }, spread},
	{"Sigmoid", func(v, _ []float32) { Sigmoid(v) }, func(v, _ float64) (float64, float64) { return 1 / (1 + math.Exp(-v)), 0 }, spread},
	{"SigmoidGrad", SigmoidGrad, func(v, y float64) (float64, float64) { return v * y * (1 - y), larger(v*y, v*y*y) }, spread},
	{"SiLU", func(v, _ []float32) { SiLU(v) }, func(v, _ float64) (float64, float64) { return v / (1 + math.Exp(-v)), 0 }, spread},
	{"SiLUGrad", SiLUGrad, func(v, x float64) (float64, float64) {
		s := 1 / (1 + math.Exp(-x))
		return v * (s * (1 + x*(1-s))), larger(v*s, v*s*x*(1-s))
	}, spread},
	{"SquareGrad", SquareGrad, func(v, x float64) (float64, float64) { return v * 2 * x, 0 }, spread},
	{"AbsGrad", AbsGrad, func(v, x float64) (float64, float64) {
		switch {
		case x < 0:
			v = -v
		case x == 0:
			v = 0
		}
		return v, 0
	}, spread},
	{"SqrtGrad", SqrtGrad, func(v, y float64) (float64, float64) { return v * (0.5 / y), 0 }, spread},
	{"RecipGrad", RecipGrad, func(v, y float64) (float64, float64) { return -(v * y) * y, 0 }, spread},
	{"GELU", func(v, _ []float32) { GELU(v) }, func(v, _ float64) (float64, float64) { return v * cdf(v), v / 2 }, spread},
	{"GELUGrad", GELUGrad, func(v, x float64) (float64, float64) { return v * (cdf(x) + x*pdf(x)), larger(v, v*x*pdf(x)) }, spread},
	{"Exp", func(v, _ []float32) { Exp(v) }, func(v, _ float64) (float64, float64) { return math.Exp(v), 0 }, spread},
	{"Log", func(v, _ []float32) { Log(v) }, func(v, _ float64) (float64, float64) { return math.Log(v), 0 }, positives},
}

// relative is what a kernel may be off by, beside termShare of the largest term: a few roundings.
const relative, termShare = 6e-7, 4e-7

// Every kernel at every length that its unrolling can see, between guard words and from every alignment.
func TestKernels(t *testing.T) { variants(t, testKernels) }

func testKernels(t *testing.T) {
	for _, k := range kernels {
		t.Run(k.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 1))
			for n := range 131 {
				v, x := newVector(n, n%5, rng, k.gen), newVector(n, n%3, rng, spread)
				was := append([]float32(nil), v.x...)
				k.run(v.x, x.x)
				for i, got := range v.x {
					check(t, k, was[i], x.x[i], got)
				}
				v.guards(t, k.name)
				x.guards(t, k.name)
			}
		})
	}
}

func check(t *testing.T, k kernel, v, x, got float32) {
	t.Helper()
	want, scale := k.want(float64(v), float64(x))
	w, g := float64(float32(want)), float64(got)
	switch {
	case math.IsNaN(w) && math.IsNaN(g), w == g, g == 0 && math.Abs(want) < 0x1p-126:
		return
	}
	if !(math.Abs(g-want) <= relative*math.Abs(want)+termShare*math.Abs(scale)+0x1p-149) {
		t.Fatalf("%s(%v, %v) is %v, want %v", k.name, v, x, got, want)
	}
}

func TestEdges(t *testing.T) { variants(t, testEdges) }

func testEdges(t *testing.T) {
	unary := map[string]bool{"ReLU": true, "Tanh": true, "Sigmoid": true, "GELU": true, "Exp": true, "Log": true, "Sqrt": true,
		"Square": true, "Abs": true, "Recip": true, "SiLU": true}
	operand := map[string]bool{"ReLUGrad": true, "GELUGrad": true, "AbsGrad": true}
	for _, k := range kernels {
		for _, e := range edges() {
			switch {
			case unary[k.name]:
				v := []float32{e}
				k.run(v, v)
				check(t, k, e, 0, v[0])
			case operand[k.name]:
				v := []float32{0.7}
				k.run(v, []float32{e})
				check(t, k, 0.7, e, v[0])
			}
		}
	}
}

// A vector lies between guard words.
type vector struct {
	all, x []float32
}

const guard = 12345.678

func newVector(n, offset int, rng *rand.Rand, gen func(*rand.Rand) float32) vector {
	v := vector{all: make([]float32, n+offset+9)}
	Fill(v.all, guard)
	v.x = v.all[offset+3:][:n:n]
	for i := range v.x {
		v.x[i] = gen(rng)
	}
	v.x = v.all[offset+3:][:n]
	return v
}

func (v vector) guards(t *testing.T, name string) {
	t.Helper()
	before := cap(v.all) - cap(v.x)
	for i, x := range v.all {
		if (i < before || i >= before+len(v.x)) && x != guard {
			t.Fatalf("%s has written outside of %d elements", name, len(v.x))
		}
	}
}
