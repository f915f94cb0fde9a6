package plot

import (
	"fmt"
	"math"
	"testing"
)

func pow(x, y float64) float64 { return math.Pow(x, y) }

func TestAxis(t *testing.T) {
	for _, c := range []struct {
		values   []float64
		relative bool
		want     string
	}{
		{[]float64{2}, true, "0× 0.5× 1× 1.5× 2×"},
		{[]float64{0.5, 4.2}, true, "0× 1× 2× 3× 4× 5×"},
		{[]float64{0.2}, true, "0× 0.2× 0.4× 0.6× 0.8× 1×"},
		{nil, true, "0× 0.2× 0.4× 0.6× 0.8× 1×"},
		{[]float64{0.01, 0.5}, true, "log 0.01× 0.02× 0.05× 0.1× 0.2× 0.5× 1×"},
		{[]float64{0.03, 1200}, true, "log 0.1× 1× 10× 100× 1000×"},
		{[]float64{3e-5}, false, "0 5 µs 10 µs 15 µs 20 µs 25 µs 30 µs"},
		{[]float64{0.9, 2.3}, false, "0 500 ms 1 s 1.5 s 2 s 2.5 s"},
		{[]float64{1e-6, 5e-3}, false, "log 1 µs 10 µs 100 µs 1 ms"},
	} {
		a, got := newAxis(c.values, c.relative), ""
		if a.log {
			got = " log"
		}
		for _, v := range a.ticks {
			got += " " + a.tick(v)
		}
		if got[1:] != c.want {
			t.Errorf("%v: the ticks are %s, want %s", c.values, got, c.want)
		}
		for _, v := range append(c.values, a.from) {
			if x := a.at(v); !(x >= -1e-9 && x <= 1+1e-9) {
				t.Errorf("%v lies at %v", v, x)
			}
		}
	}
}

func TestRound125(t *testing.T) {
	for _, c := range []struct{ x, below, above float64 }{
		{1, 1, 1}, {0.99, 0.5, 1}, {2.5, 2, 5}, {7, 5, 10}, {1e-6, 1e-6, 1e-6}, {3e4, 2e4, 5e4}, {0.3, 0.2, 0.5}, {1000, 1000, 1000},
	} {
		if lo, hi := below(c.x), above(c.x); fmt.Sprintf("%.6g %.6g", lo, hi) != fmt.Sprintf("%.6g %.6g", c.below, c.above) {
			t.Errorf("%v: %v and %v", c.x, lo, hi)
		}
	}
}
