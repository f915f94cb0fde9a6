package cpu_test

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
)

// TestRowsAtHand: a layer over a few rows, whose depth workers share, has the bits that one worker gives, whatever is added
// to and whatever the chain reads.
func TestRowsAtHand(t *testing.T) {
	const m, n, k, gap = 24, 128, 784, 5
	product := func(workers int, change func(*net, *backend.MatMul)) []float32 {
		dev := cpu.Open(cpu.Workers(workers))
		defer dev.Close()
		s := &net{t: t, b: dev, rng: rng()}
		dst := backend.Mat(s.floats(m*(n+gap), 1), 0, m, n)
		call := &backend.MatMul{Dst: dst, A: backend.Mat(s.floats(m*k, 1), 0, m, k), B: backend.Mat(s.floats(k*n, 1), 0, k, n)}
		change(s, call)
		dev.Do(call, backend.At{})
		return s.read(dst.Buf)
	}
	for name, change := range map[string]func(*net, *backend.MatMul){
		"plain":      func(*net, *backend.MatMul) {},
		"added to":   func(_ *net, c *backend.MatMul) { c.Beta = 1 },
		"half added": func(_ *net, c *backend.MatMul) { c.Beta = 0.5 },
		"rows apart": func(_ *net, c *backend.MatMul) { c.Dst.Stride, c.Beta = n+gap, 1 },
		"chain": func(s *net, c *backend.MatMul) {
			c.Then = backend.Chain{backend.Add(backend.Row(s.floats(n, 1), 0, n)), backend.ReLU()}
		},
		"chain on dst": func(_ *net, c *backend.MatMul) { c.Then = backend.Chain{backend.Add(c.Dst), backend.ReLU()} },
		"all of it": func(s *net, c *backend.MatMul) {
			c.Dst.Stride, c.Beta = n+gap, 1
			c.Then = backend.Chain{backend.Add(c.Dst), backend.Add(backend.Row(s.floats(n, 1), 0, n)), backend.ReLU()}
		},
	} {
		want := product(1, change)
		for _, workers := range []int{2, 4} {
			for i, x := range product(workers, change) {
				if x != want[i] {
					t.Fatalf("%s: with %d workers number %d is %v, with one %v", name, workers, i, x, want[i])
				}
			}
		}
	}
}
