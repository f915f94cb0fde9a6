package backendtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// labels draws classes below n and, now and then, one that is to be ignored.
func labels(n int, ignored bool) func(*rand.Rand) uint32 {
	return func(r *rand.Rand) uint32 {
		if ignored && r.IntN(4) == 0 {
			return []uint32{uint32(n), uint32(n) + 1, backend.NoRow}[r.IntN(3)]
		}
		return r.Uint32N(uint32(n))
	}
}

// parts says what an Xent has; outs is a set of loss 1, gradient 2, correct 4 and gradient in place 8.
type parts struct {
	name                            string
	soft, weight, class, scale, ign bool
	smooth                          float32
	outs                            int
	then                            bool
	logits                          fill
}

var xentParts = []parts{
	{name: "labels", outs: 7},
	{name: "loss alone", outs: 1},
	{name: "gradient alone", outs: 2},
	{name: "correct alone", outs: 4},
	{name: "soft", soft: true, outs: 7},
	{name: "soft weighted", soft: true, weight: true, class: true, scale: true, outs: 7},
	{name: "ignored", ign: true, outs: 7, scale: true},
	{name: "smooth", smooth: 0.1, outs: 7, ign: true},
	{name: "all smooth", smooth: 1, outs: 3},
	{name: "everything", weight: true, class: true, scale: true, smooth: 0.25, ign: true, outs: 7, then: true},
	{name: "in place", scale: true, outs: 8 + 5},
	{name: "in place soft", soft: true, weight: true, outs: 8},
	{name: "ties", outs: 7, logits: integers(1)},
	{name: "soft ties", soft: true, outs: 7, logits: integers(1)},
	{name: "large", outs: 7, logits: spread(1, 80)},
	{name: "huge", outs: 7, logits: spread(1, 1e4)},
	{name: "far off zero", outs: 7, smooth: 0.1, logits: func(r *rand.Rand) float32 { return 1e4 + 4*r.Float32() }},
}

func (s *suite) testXent(t *testing.T) {
	for _, p := range xentParts {
		t.Run(p.name, func(t *testing.T) {
			w := newWorld(t, s.device())
			for _, z := range [][2]int{{1, 1}, {0, 3}, {1, 2}, {5, 3}, {33, 10}, {7, 130}, {130, 65}, {3, 1000}, {1000, 10}} {
				for _, gap := range []int{0, 3} {
					w.gap = gap
					w.run(fmt.Sprintf("%d×%d, gap %d", z[0], z[1], gap), p.build(w, z[0], z[1]))
					w.clear()
				}
			}
		})
	}
	t.Run("long", func(t *testing.T) {
		if testing.Short() {
			t.Skip("long rows")
		}
		w := newWorld(t, s.device())
		for _, z := range [][2]int{{2, 70000}, {70000, 3}} {
			w.run(fmt.Sprint(z), xentParts[0].build(w, z[0], z[1]))
			w.clear()
		}
	})
}

func (p *parts) build(w *world, m, n int) *backend.Xent {
	gen := p.logits
	if gen == nil {
		gen = normal(3)
	}
	c := &backend.Xent{Logits: w.floats(m, n, gen), Smooth: p.smooth}
	if p.soft {
		c.Target = w.floats(m, n, func(r *rand.Rand) float32 { return float32(r.IntN(9)) / 8 / float32(n) })
	} else {
		c.Label = w.ints(m, 1, labels(n, p.ign))
	}
	if p.weight {
		c.Weight = w.floats(m, 1, positive(0.01, 10))
	}
	if p.class {
		c.Class = w.floats(1, n, positive(0.1, 3))
	}
	if p.scale {
		c.Scale = w.row(0.125)
	}
	if p.outs&1 != 0 {
		c.Loss = w.row(poison(nil))
	}
	if p.outs&2 != 0 {
		c.Grad = w.floats(m, n, poison)
	}
	if p.outs&4 != 0 {
		c.Correct = w.row(poison(nil))
	}
	if p.outs&8 != 0 {
		c.Grad = c.Logits
	}
	if p.then { // one more buffer is all that a call has room for
		c.Then = backend.Chain{backend.Affine(0.5, 0.25)}
		c.Correct = backend.Tensor{}
		c.Then = append(c.Then, backend.Guard(w.row(1)))
		c.Grad = c.Logits
	}
	return c
}
