package f32

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkKernels(b *testing.B) { variants(b, benchmarkKernels) }

func benchmarkKernels(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, k := range kernels {
		b.Run(k.name, func(b *testing.B) {
			v, x, in := newVector(512, 0, rng, k.gen).x, newVector(512, 0, rng, spread).x, newVector(512, 0, rng, k.gen).x
			for b.Loop() {
				copy(v, in)
				k.run(v, x)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/element")
		})
	}
}
