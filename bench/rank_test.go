package bench

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRankTest has p values that follow from counting: with m and n samples that do not overlap, 2 of the (m+n over m)
// ways are as extreme. The rest are counted by hand,
// and one is R's.
func TestRankTest(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{nil, nil, 1},
		{[]float64{1}, nil, 1},
		{[]float64{1}, []float64{2}, 1},
		{[]float64{1, 2, 3}, []float64{4, 5, 6}, 2. / 20},
		{[]float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}, 2. / 252},
		{[]float64{17, 16, 15, 14, 13, 12, 11}, []float64{1, 2, 3, 4, 5, 6, 7}, 2. / 3432},
		{[]float64{1, 2, 4}, []float64{3, 5, 6}, 4. / 20},
		{[]float64{1, 3, 5}, []float64{2, 4, 6}, 14. / 20},
		{[]float64{7, 7, 7}, []float64{7, 7}, 1},
		{[]float64{1, 1, 2}, []float64{2, 3, 3}, 4. / 20},
		// The example of Hollander and Wolfe that R's manual has: U = 35, one-sided p 0.1272.
		{[]float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}, []float64{1.15, 0.88, 0.90, 0.74, 1.21}, 0.254412254},
	} {
		if got := rankTest(c.a, c.b); !(math.Abs(got-c.want) < 1e-8) {
			t.Errorf("%v and %v: p %v, want %v", c.a, c.b, got, c.want)
		}
		if got, back := rankTest(c.a, c.b), rankTest(c.b, c.a); !(math.Abs(got-back) < 1e-12) {
			t.Errorf("%v and %v: p %v, the other way round %v", c.a, c.b, got, back)
		}
	}
}

// TestRankTestEnumerated goes through all ways of sharing the samples out, with ties and without.
func TestRankTestEnumerated(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		m, n := 1+rng.IntN(5), 1+rng.IntN(5)
		all := make([]float64, m+n)
		for i := range all {
			all[i] = float64(rng.IntN(8))
		}
		// U counts the pairs that a wins, half for a tie: the textbook's way, with no ranks.
		far := func(in uint) float64 {
			u := 0.0
			for i, x := range all {
				for j, y := range all {
					if in>>i&1 == 1 && in>>j&1 == 0 {
						u += map[bool]float64{true: 1}[x > y] + map[bool]float64{true: 0.5}[x == y]
					}
				}
			}
			return math.Abs(u - float64(m*n)/2)
		}
		ways, extreme := 0, 0
		for in := range uint(1) << (m + n) {
			if bits.OnesCount(in) == m {
				ways++
				if far(in) >= far(1<<m-1) {
					extreme++
				}
			}
		}
		before := slices.Clone(all)
		want := float64(extreme) / float64(ways)
		if got := rankTest(all[:m], all[m:]); !(math.Abs(got-want) < 1e-12) || !slices.Equal(all, before) {
			t.Fatalf("%v and %v: p %v, want %v", all[:m], all[m:], got, want)
		}
	}
}

// TestRankTestMany compares the limit for many samples with the exact count.
func TestRankTestMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, shift := range []float64{0, 1, 3} {
		a, b := make([]float64, 45), make([]float64, 50)
		for i := range a {
			a[i] = math.Round(10 * rng.NormFloat64())
		}
		for i := range b {
			b[i] = math.Round(10*rng.NormFloat64() + shift)
		}
		ranks, sum := doubleRanks(slices.Concat(a, b)), 0
		for _, r := range ranks[:len(a)] {
			sum += r
		}
		exact, limit := exactP(ranks, len(a), sum), normalP(ranks, len(a), sum)
		if !(math.Abs(exact-limit) < 0.01) {
			t.Errorf("shift %v: exactly %v, in the limit %v", shift, exact, limit)
		}
	}
	same := make([]float64, 60)
	if p := rankTest(same, same); p != 1 {
		t.Errorf("equal samples: p %v", p)
	}
}
