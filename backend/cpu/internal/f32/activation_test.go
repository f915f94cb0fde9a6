package f32

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// activations are loops with the op of the table that they compute; x is the op's first operand.
var activations = []struct {
	op  string
	p   [4]float32
	run func(v, x []float32, p [4]float32)
}{
	{"gelu_tanh", [4]float32{}, func(v, _ []float32, _ [4]float32) { GELUTanh(v) }},
	{"gelu_tanh_grad", [4]float32{}, func(v, x []float32, _ [4]float32) { GELUTanhGrad(v, x) }},
	{"mish", [4]float32{}, func(v, _ []float32, _ [4]float32) { Mish(v) }},
	{"mish_grad", [4]float32{}, func(v, x []float32, _ [4]float32) { MishGrad(v, x) }},
	{"softplus", [4]float32{1, 20}, func(v, _ []float32, p [4]float32) { Softplus(v, p[0], p[1]) }},
	{"softplus", [4]float32{0.25, 100}, func(v, _ []float32, p [4]float32) { Softplus(v, p[0], p[1]) }},
	{"softplus_grad", [4]float32{1, 20}, func(v, x []float32, p [4]float32) { SoftplusGrad(v, x, p[0], p[1]) }},
	{"softplus_grad", [4]float32{4, 100}, func(v, x []float32, p [4]float32) { SoftplusGrad(v, x, p[0], p[1]) }},
	{"log_sigmoid", [4]float32{}, func(v, _ []float32, _ [4]float32) { LogSigmoid(v) }},
	{"log_sigmoid_grad", [4]float32{}, func(v, y []float32, _ [4]float32) { LogSigmoidGrad(v, y) }},
	{"softsign", [4]float32{}, func(v, _ []float32, _ [4]float32) { Softsign(v) }},
	{"softsign_grad", [4]float32{}, func(v, x []float32, _ [4]float32) { SoftsignGrad(v, x) }},
	{"leaky_relu", [4]float32{0.01}, func(v, _ []float32, p [4]float32) { LeakyReLU(v, p[0]) }},
	{"leaky_relu_grad", [4]float32{0.01}, func(v, y []float32, p [4]float32) { LeakyReLUGrad(v, y, p[0]) }},
	{"prelu", [4]float32{}, func(v, slope []float32, _ [4]float32) { PReLU(v, v, slope) }},
	{"elu", [4]float32{1.5, 1, 1}, func(v, _ []float32, p [4]float32) { ELU(v, p[0], p[1], p[2]) }},
	{"elu", [4]float32{2, 1.5, 0.5}, func(v, _ []float32, p [4]float32) { ELU(v, p[0], p[1], p[2]) }},
	{"elu_grad", [4]float32{2, 1.5, 0.5}, func(v, y []float32, p [4]float32) { ELUGrad(v, y, p[0], p[1], p[2]) }},
	{"clamp_grad", [4]float32{-1, 2}, func(v, y []float32, p [4]float32) { ClampGrad(v, y, p[0], p[1]) }},
	{"hardswish", [4]float32{}, func(v, _ []float32, _ [4]float32) { Hardswish(v) }},
	{"hardswish_grad", [4]float32{}, func(v, x []float32, _ [4]float32) { HardswishGrad(v, x) }},
	{"hardsigmoid", [4]float32{}, func(v, _ []float32, _ [4]float32) { Hardsigmoid(v) }},
	{"hardsigmoid_grad", [4]float32{}, func(v, y []float32, _ [4]float32) { HardsigmoidGrad(v, y) }},
}

// Every activation against its definition: at every length and alignment, and over all binades of the argument.
func TestActivations(t *testing.T) { variants(t, testActivations) }

func testActivations(t *testing.T) {
	for _, a := range activations {
		t.Run(a.op, func(t *testing.T) {
			op := backend.Find(a.op)
			define := func(op *backend.Op, v, x float64) (float64, float64) {
				e := backend.El{V: v}
				e.A[0] = x
				for i, p := range a.p {
					e.P[i] = float64(p)
				}
				op.F(&e)
				return e.V, e.S
			}
			operand := func(x float32) float32 { return x }
			for _, forward := range backend.Ops() { // a gradient may read what the forward op made
				if forward.Grad == op && forward.Wants == backend.WantY {
					operand = func(x float32) float32 { y, _ := define(forward, float64(x), 0); return float32(y) }
				}
			}
			k := kernel{name: a.op, run: func(v, x []float32) { a.run(v, x, a.p) },
				want: func(v, x float64) (float64, float64) { return define(op, v, x) }}
			rng := rand.New(rand.NewPCG(1, 1))
			for n := range 131 {
				v, x := newVector(n, n%5, rng, spread), newVector(n, n%3, rng, func(r *rand.Rand) float32 { return operand(spread(r)) })
				was := append([]float32(nil), v.x...)
				k.run(v.x, x.x)
				for i, got := range v.x {
					check(t, k, was[i], x.x[i], got)
				}
				v.guards(t, k.name)
				x.guards(t, k.name)
			}
			v := make([]float32, 1)
			for _, e := range edges() {
				if v[0] = e; op.Args == "" {
					k.run(v, nil)
					check(t, k, e, 0, v[0])
				} else {
					v[0] = 0.7
					e = operand(e)
					k.run(v, []float32{e})
					check(t, k, 0.7, e, v[0])
				}
			}
		})
	}
}

func BenchmarkActivations(b *testing.B) { variants(b, benchmarkActivations) }

func benchmarkActivations(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	normal := func(r *rand.Rand) float32 { return float32(r.NormFloat64()) }
	for _, a := range activations {
		b.Run(a.op, func(b *testing.B) {
			v, x, in := newVector(512, 0, rng, normal).x, newVector(512, 0, rng, normal).x, newVector(512, 0, rng, normal).x
			for b.Loop() {
				copy(v, in)
				a.run(v, x, a.p)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/element")
		})
	}
}

// edges are where functions go wrong: zeros, kinks, the ends of exp and of the fits, subnormals, the largest, Inf and
// NaN; and a sweep of all binades.
func edges() []float32 {
	x := []float32{0, float32(math.Copysign(0, -1)), 1, -1, 2, -2, 3, -3, 2.9999998, -2.9999998, 5.4999, -5.4999, 5.5001, -5.5001,
		9, -9, 9.1, -9.1, 20, 20.1, 30, -30, 45, -45, 87.3, -87.3, 88, 88.3, 88.7, -88, 89, -89, 104, -104,
		1e-40, -1e-40, 1e-45, 0x1p-126, -0x1p-126, 1e-20, 1e15, -1e15, 3e38, -3e38,
		float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
	for b := uint32(1 << 16); b < 0x7f800000; b += 99991 {
		x = append(x, math.Float32frombits(b), -math.Float32frombits(b))
	}
	return x
}
