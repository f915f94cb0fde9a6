package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

var (
	momentumRow = []float32{0.01, 0.999, 0.9, 0.7, 1}
	adamOf      = AdamRow{0.01, 1.3, 1e-6, 0.99, 0.9, 0.1, 0.999, 0.001}
	adamRow     = []float32{adamOf.Step, adamOf.Scale, adamOf.Eps, adamOf.Keep, adamOf.B1, adamOf.D1, adamOf.B2, adamOf.D2}
)

// optimizers are loops with the op of the table that they compute and its row of constants; a[0] is not used.
var optimizers = []struct {
	op     string
	consts []float32
	run    func(g []float32, a [5][]float32)
}{
	{"sgd", momentumRow[:2], func(g []float32, a [5][]float32) { SGD(a[1], g, momentumRow[0], momentumRow[1]) }},
	{"momentum", append(momentumRow[:4:4], 0), func(g []float32, a [5][]float32) {
		Momentum(a[1], a[2], g, momentumRow[0], momentumRow[1], momentumRow[2], momentumRow[3])
	}},
	{"momentum", momentumRow, func(g []float32, a [5][]float32) {
		Nesterov(a[1], a[2], g, momentumRow[0], momentumRow[1], momentumRow[2], momentumRow[3])
	}},
	{"adam", adamRow, func(g []float32, a [5][]float32) { Adam(a[1], a[2], a[3], g, &adamOf) }},
	{"amsgrad", adamRow, func(g []float32, a [5][]float32) { AMSGrad(a[1], a[2], a[3], a[4], g, &adamOf) }},
	{"nadam", adamRow, func(g []float32, a [5][]float32) {
		NAdam(a[1], a[2], a[3], g, &NAdamRow{adamOf.Step, adamOf.Scale, adamOf.Eps, adamOf.Keep, adamOf.B1, adamOf.D1, adamOf.B2, adamOf.D2})
	}},
	{"rmsprop", []float32{0.01, 0.9, 0.1, 1e-6, 1e-4}, func(g []float32, a [5][]float32) { RMSprop(a[1], a[2], g, 0.01, 0.9, 0.1, 1e-6, 1e-4) }},
	{"lion", []float32{0.01, 0.99, 0.9, 0.1, 0.99, 0.01}, func(g []float32, a [5][]float32) { Lion(a[1], a[2], g, 0.01, 0.99, 0.9, 0.1, 0.99, 0.01) }},
}

// newState is a gradient of n elements and up to four vectors of state, all of them positive.
func newState(n int, rng *rand.Rand) (g vector, v [5]vector, a [5][]float32) {
	g = newVector(n, n%5, rng, spread)
	for i := 1; i < 5; i++ {
		v[i] = newVector(n, n%(i+2), rng, func(r *rand.Rand) float32 { return float32(math.Abs(float64(spread(r)))) })
		a[i] = v[i].x
	}
	return g, v, a
}

// Optimizers against the op table's definitions, at every length and alignment.
func TestOptimizers(t *testing.T) { variants(t, testOptimizers) }

func testOptimizers(t *testing.T) {
	for _, o := range optimizers {
		op := backend.Find(o.op)
		rng := rand.New(rand.NewPCG(1, 1))
		for n := range 131 {
			g, v, a := newState(n, rng)
			was := clones(a)
			o.run(g.x, a)
			for i := range n {
				e := backend.El{V: float64(g.x[i])}
				for _, c := range o.consts {
					e.C = append(e.C, float64(c))
				}
				e.A[0] = 1
				for j := 1; j < len(op.Args)-1; j++ {
					e.A[j] = float64(was[j][i])
				}
				op.F(&e)
				for j := 1; j < len(op.Args)-1; j++ {
					near(t, o.op, i, a[j][i], e.A[j], e.SA[j])
				}
			}
			g.guards(t, o.op)
			for i := 1; i < 5; i++ {
				v[i].guards(t, o.op)
			}
		}
	}
}

func clones(a [5][]float32) (c [5][]float32) {
	for i := range a {
		c[i] = append([]float32(nil), a[i]...)
	}
	return c
}

// What becomes of a weight does not depend on its place, nor on the width of the vectors.
func TestOptimizerPlaces(t *testing.T) {
	first := map[int][5][]float32{}
	variants(t, func(t *testing.T) {
		for o, opt := range optimizers {
			g, _, whole := newState(130, rand.New(rand.NewPCG(1, 1)))
			copy(g.x[50:], edges()[:46])
			was := clones(whole)
			opt.run(g.x, whole)
			if _, ok := first[o]; !ok && vectors {
				first[o] = whole
			}
			for lo := range 130 {
				for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 31, 33} {
					hi := min(lo+n, 130)
					part := clones(was)
					for j := 1; j < 5; j++ {
						part[j] = part[j][lo:hi]
					}
					opt.run(g.x[lo:], part)
					for j := 1; j < 5; j++ {
						same(t, fmt.Sprint(opt.op, " ", j), part[j], whole[j][lo:hi])
						if vectors {
							same(t, opt.op+" in vectors of another width", part[j], first[o][j][lo:hi])
						}
					}
				}
			}
		}
	})
}

func BenchmarkOptimizers(b *testing.B) { variants(b, benchmarkOptimizers) }

// At 512 weights all lies in the first-level cache; at a million it comes from memory.
func benchmarkOptimizers(b *testing.B) {
	for _, n := range []int{512, 1 << 20} {
		g, _, a := newState(n, rand.New(rand.NewPCG(1, 1)))
		for _, o := range optimizers {
			b.Run(fmt.Sprintf("%s/%d", o.op, n), func(b *testing.B) {
				for b.Loop() {
					for lo := 0; lo < n; lo += 512 {
						o.run(g.x[lo:], [5][]float32{nil, a[1][lo : lo+512], a[2][lo : lo+512], a[3][lo : lo+512], a[4][lo : lo+512]})
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
			})
		}
	}
}
