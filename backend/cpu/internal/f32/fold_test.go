package f32

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestFolds(t *testing.T) { variants(t, testFolds) }

func testFolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 131 {
		v, e := newVector(n, n%4, rng, spread), newVector(n, n%3, rng, spread)
		sum, squares := 0.0, 0.0
		for _, x := range v.x {
			sum += float64(x)
			squares += float64(x * x)
		}
		if got := Sum(v.x); !(math.Abs(got-sum) <= 1e-10) {
			t.Errorf("the sum of %d is %v, want %v", n, got, sum)
		}
		if got := SumSquares(v.x); !(math.Abs(got-squares) <= 1e-13*squares) {
			t.Errorf("the sum of %d squares is %v, want %v", n, got, squares)
		}
		top, _ := Largest(v.x)
		got := ExpSum(e.x, v.x, top)
		for i, x := range v.x {
			want := math.Exp(float64(x - top))
			if !(math.Abs(float64(e.x[i])-want) <= relative*want+0x1p-126) {
				t.Errorf("exp(%v - %v) is %v, want %v", x, top, e.x[i], want)
			}
		}
		if want := Sum(e.x); got != want {
			t.Errorf("%d exponentials add up to %v, want %v", n, got, want)
		}
		v.guards(t, "Sum")
		e.guards(t, "ExpSum")
	}
}

// The order of a sum is the same in all bodies, so its bits are.
func TestSumOrder(t *testing.T) {
	want := map[[2]int]float64{}
	variants(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 1))
		for n := range 131 {
			v := newVector(n, 0, rng, func(r *rand.Rand) float32 { return float32(math.Exp(r.NormFloat64() * 30)) }).x
			for i, got := range []float64{Sum(v), SumSquares(v)} {
				k := [2]int{n, i}
				if w, ok := want[k]; ok && got != w {
					t.Errorf("sum %d of %d is %v, and %v elsewhere", i, n, got, w)
				}
				want[k] = got
			}
		}
	})
}

func TestAccumulate(t *testing.T) { variants(t, testAccumulate) }

func testAccumulate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 131 {
		for _, rows := range []int{0, 1, 2, 3, 7} {
			v := newVector(n*rows, n%4, rng, spread)
			all := make([]float64, n+2)
			acc, want := all[1:n+1:n+1], make([]float64, n)
			for i := range want {
				acc[i], want[i] = float64(i), float64(i)
			}
			for i, x := range v.x {
				want[i%n] += float64(x)
			}
			Accumulate(acc, v.x)
			for i, w := range want {
				if acc[i] != w {
					t.Errorf("column %d of %d×%d is %v, want %v", i, rows, n, acc[i], w)
				}
			}
			if v.guards(t, "Accumulate"); all[0] != 0 || all[n+1] != 0 {
				t.Errorf("Accumulate has written outside of %d columns", n)
			}
		}
	}
}

func TestFinite(t *testing.T) { variants(t, testFinite) }

func testFinite(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 131 {
		v := newVector(n, n%4, rng, spread)
		for i := range n / 7 {
			v.x[7*i] = math.MaxFloat32
		}
		if !Finite(v.x) {
			t.Errorf("%d numbers are not finite", n)
		}
		for i := range v.x {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				was := v.x[i]
				v.x[i] = float32(bad)
				if Finite(v.x) {
					t.Errorf("%v at %d of %d passes for finite", bad, i, n)
				}
				v.x[i] = was
			}
		}
	}
}

func TestLargest(t *testing.T) { variants(t, testLargest) }

func testLargest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for n := range 131 {
		for range 20 {
			v := newVector(n, n%4, rng, func(r *rand.Rand) float32 {
				return []float32{-3, -2, -1, 0, 1, 2, -inf, nan, inf}[r.IntN(1+r.IntN(9))]
			}).x
			for i := range v {
				if rng.IntN(3) == 0 {
					v[i] -= 4
				}
			}
			want, at := -inf, n
			for i, x := range v {
				if x > want || at == n && x == want {
					want, at = x, i
				}
			}
			if top, i := Largest(v); top != want || i != at {
				t.Fatalf("the largest of %v is %v at %d, want %v at %d", v, top, i, want, at)
			}
		}
	}
}

func BenchmarkFolds(b *testing.B) { variants(b, benchmarkFolds) }

func benchmarkFolds(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	v, e, acc, bytes := newVector(512, 0, rng, spread).x, newVector(512, 0, rng, spread).x, make([]float64, 128), make([]byte, 512)
	for _, f := range []struct {
		name string
		run  func()
	}{
		{"Sum", func() { Sum(v) }}, {"SumSquares", func() { SumSquares(v) }}, {"ExpSum", func() { ExpSum(e, v, 5000) }},
		{"Finite", func() { Finite(v) }}, {"Largest", func() { Largest(v) }}, {"Accumulate", func() { Accumulate(acc, v) }},
		{"Bytes", func() { Bytes(v, bytes) }}, {"AddBytes", func() { AddBytes(v, bytes) }},
	} {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				f.run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/element")
		})
	}
}
