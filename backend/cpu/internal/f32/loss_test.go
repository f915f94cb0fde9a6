package f32

import (
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// A loss is a loop with the op of the table that it computes: of v and up to three operands, drawn by gen.
type loss struct {
	op  string
	p   [4]float32
	gen [3]func(*rand.Rand) float32
	run func(v []float32, a [3][]float32, p [4]float32)
}

// share draws from 0 to 1, the ends among them.
func share(r *rand.Rand) float32 { return min(max(r.Float32()*1.5-0.25, 0), 1) }

func near0(r *rand.Rand) float32 { return float32(r.NormFloat64() * 4) }

func weight(r *rand.Rand) float32 { return r.Float32() * 3 }

func some(x ...func(*rand.Rand) float32) (g [3]func(*rand.Rand) float32) {
	copy(g[:], x)
	return g
}

var losses = []loss{
	{"huber", [4]float32{0.75, 1.5}, some(), func(v []float32, _ [3][]float32, p [4]float32) { Huber(v, p[0], p[1]) }},
	{"huber_grad", [4]float32{0.75, 1.5}, some(spread), func(v []float32, a [3][]float32, p [4]float32) { HuberGrad(v, a[0], p[0], p[1]) }},
	{"log_cosh", [4]float32{}, some(), func(v []float32, _ [3][]float32, _ [4]float32) { LogCosh(v) }},
	{"log_cosh_grad", [4]float32{}, some(spread), func(v []float32, a [3][]float32, _ [4]float32) { LogCoshGrad(v, a[0]) }},
	{"bce", [4]float32{}, some(share, weight), func(v []float32, a [3][]float32, _ [4]float32) { BCE(v, a[0], a[1]) }},
	{"bce_grad", [4]float32{}, some(spread, share, weight), func(v []float32, a [3][]float32, _ [4]float32) { BCEGrad(v, a[0], a[1], a[2]) }},
	{"poisson", [4]float32{}, some(weight), func(v []float32, a [3][]float32, _ [4]float32) { Poisson(v, a[0]) }},
	{"poisson_grad", [4]float32{}, some(near0, weight), func(v []float32, a [3][]float32, _ [4]float32) { PoissonGrad(v, a[0], a[1]) }},
	{"pinball", [4]float32{}, some(spread, share), func(v []float32, a [3][]float32, _ [4]float32) { Pinball(v, a[0], a[1]) }},
	{"pinball_grad", [4]float32{}, some(near0, near0, share), func(v []float32, a [3][]float32, _ [4]float32) { PinballGrad(v, a[0], a[1], a[2]) }},
	{"add_sign", [4]float32{0.3}, some(spread), func(v []float32, a [3][]float32, p [4]float32) { AddSign(v, p[0], a[0]) }},
}

// operands are v and what else the loss reads.
func (l *loss) operands(n int, rng *rand.Rand) (v vector, a [3]vector) {
	v = newVector(n, n%5, rng, near0)
	for i, gen := range l.gen {
		if gen != nil {
			a[i] = newVector(n, n%(i+3), rng, gen)
		}
	}
	return v, a
}

func slices3(a [3]vector, lo, hi int) (s [3][]float32) {
	for i := range a {
		if a[i].x != nil {
			s[i] = a[i].x[lo:hi]
		}
	}
	return s
}

func TestLosses(t *testing.T) { variants(t, testLosses) }

func testLosses(t *testing.T) {
	for _, l := range losses {
		op := backend.Find(l.op)
		rng := rand.New(rand.NewPCG(1, 1))
		for n := range 131 {
			v, a := l.operands(n, rng)
			was := append([]float32(nil), v.x...)
			l.run(v.x, slices3(a, 0, n), l.p)
			for i, got := range v.x {
				e := backend.El{V: float64(was[i])}
				for j := range a {
					if a[j].x != nil {
						e.A[j] = float64(a[j].x[i])
					}
				}
				for j, p := range l.p {
					e.P[j] = float64(p)
				}
				op.F(&e)
				near(t, l.op, i, got, e.V, e.S)
			}
			v.guards(t, l.op)
			for i := range a {
				a[i].guards(t, l.op)
			}
		}
	}
}

func TestLossPlaces(t *testing.T) {
	first := map[int][]float32{}
	variants(t, func(t *testing.T) {
		for i, l := range losses {
			v, a := l.operands(130, rand.New(rand.NewPCG(1, 1)))
			copy(v.x[10:], edges()[:46])
			if a[0].x != nil {
				copy(a[0].x[60:], edges()[:46])
			}
			whole := append([]float32(nil), v.x...)
			l.run(whole, slices3(a, 0, 130), l.p)
			if vectors {
				if first[i] == nil {
					first[i] = whole
				}
				same(t, l.op+" in vectors of another width", whole, first[i])
			}
			for lo := range 130 {
				for _, n := range []int{1, 2, 3, 4, 7, 8, 9, 15, 16, 31, 33} {
					hi := min(lo+n, 130)
					part := append([]float32(nil), v.x[lo:hi]...)
					l.run(part, slices3(a, lo, hi), l.p)
					same(t, l.op, part, whole[lo:hi])
				}
			}
		}
	})
}

func BenchmarkLosses(b *testing.B) { variants(b, benchmarkLosses) }

func benchmarkLosses(b *testing.B) {
	for _, l := range losses {
		b.Run(l.op, func(b *testing.B) {
			v, a := l.operands(512, rand.New(rand.NewPCG(1, 1)))
			x, in := slices3(a, 0, 512), append([]float32(nil), v.x...)
			for b.Loop() {
				copy(v.x, in)
				l.run(v.x, x, l.p)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/element")
		})
	}
	b.Run("dropout", func(b *testing.B) {
		v := make([]float32, 512)
		for b.Loop() {
			Dropout(v, 1.25, 0, 1<<22, Stream{Key: [2]uint32{1, 2}}, 0)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/element")
	})
}
