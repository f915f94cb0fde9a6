package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu/internal/isa"
)

// multiply does a product as package cpu does, its parts in the order given.
func multiply(p *Plan, w *Work, a, b, c []float32, ld int, load bool) {
	for part := range p.Parts() {
		i0, i1, j0, j1 := p.Part(part)
		for l := 0; l < p.K; l += p.Depth {
			p.Strip(w, b, j0, j1, l, min(l+p.Depth, p.K))
			for i := i0; i < i1; i += p.Group {
				p.Rows(w, a, c[i*ld+j0:], ld, i, min(i+p.Group, i1), load || l > 0)
			}
		}
	}
}

// fused is a·b + c, rounded once. The product is exact in float64; the sum is too, or its rest is not 0, and then a sum
// that lies half way between two float32 leans to where the rest is.
func fused(a, b, c float32) float32 {
	x, y := float64(a)*float64(b), float64(c)
	s := x + y
	t := s - x
	rest := (x - (s - t)) + (y - t)
	if math.Float64bits(s)&(1<<29-1) == 1<<28 && rest != 0 {
		s = math.Nextafter(s, math.Inf(int(math.Copysign(1, rest))))
	}
	return float32(s)
}

// A problem is a product with gaps between the rows of its operands, and what comes out by the definition.
type problem struct {
	Shape
	a, b, c []float32
	ld      int
	load    bool
	chains  map[int][]float32 // sums of fused chains, by their length
	exact   []float64
	scale   []float64 // Σ|terms|
}

const gap = 3

func random(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// matrix is rows×cols numbers with gaps, in which there is NaN.
func matrix(r *rand.Rand, rows, cols int) ([]float32, int) {
	ld := cols + gap
	v := random(r, rows*ld)
	for i := range v {
		if i%ld >= cols {
			v[i] = float32(math.NaN())
		}
	}
	return v, ld
}

func newProblem(r *rand.Rand, s Shape, load bool) *problem {
	p := &problem{Shape: s, load: load, chains: map[int][]float32{}}
	if s.TransA {
		p.a, p.LdA = matrix(r, s.K, s.M)
	} else {
		p.a, p.LdA = matrix(r, s.M, s.K)
	}
	if s.TransB {
		p.b, p.LdB = matrix(r, s.N, s.K)
	} else {
		p.b, p.LdB = matrix(r, s.K, s.N)
	}
	p.c, p.ld = matrix(r, s.M, s.N)
	for i := range s.M {
		for j := range s.N {
			p.define(i, j)
		}
	}
	return p
}

func (p *problem) define(i, j int) {
	exact, scale := 0.0, 0.0
	if p.load {
		exact = float64(p.c[i*p.ld+j])
		scale = math.Abs(exact)
	}
	for l := range p.K {
		x, y := p.a[at(p.TransA, i, l, p.LdA)], p.b[at(p.TransB, l, j, p.LdB)]
		exact += float64(x) * float64(y)
		scale += math.Abs(float64(x) * float64(y))
	}
	p.exact, p.scale = append(p.exact, exact), append(p.scale, scale)
}

// bits are the results as sums of chains of a length.
func (p *problem) bits(length int) []float32 {
	if p.chains[length] == nil {
		for i := range p.M * p.N {
			p.chains[length] = append(p.chains[length], p.sum(i/p.N, i%p.N, length))
		}
	}
	return p.chains[length]
}

func (p *problem) sum(i, j, length int) float32 {
	sum, chain := float32(0), float32(0)
	if p.load {
		sum = p.c[i*p.ld+j]
	}
	if p.TransA {
		sum, chain, length = 0, sum, p.K+1
	}
	for l := range p.K {
		if l > 0 && l%length == 0 {
			sum, chain = sum+chain, 0
		}
		chain = fused(p.a[at(p.TransA, i, l, p.LdA)], p.b[at(p.TransB, l, j, p.LdB)], chain)
	}
	return sum + chain
}

func at(trans bool, i, j, ld int) int {
	if trans {
		i, j = j, i
	}
	return i*ld + j
}

// check reports the first element that is not what it should be; bits, if given, are the results to the last one.
func (p *problem) check(t *testing.T, what string, c, bits []float32) {
	t.Helper()
	for i := range c {
		row, j := i/p.ld, i%p.ld
		switch {
		case row >= p.M || j >= p.N:
			if math.Float32bits(c[i]) != math.Float32bits(p.padded()[i]) {
				t.Fatalf("%s: %+v: wrote beyond the result, at row %d, column %d", what, p.Shape, row, j)
			}
		case bits != nil && c[i] != bits[row*p.N+j]:
			t.Fatalf("%s: %+v, load %v: (%d, %d) is %v, the chains give %v", what, p.Shape, p.load, row, j, c[i], bits[row*p.N+j])
		case !(math.Abs(float64(c[i])-p.exact[row*p.N+j]) <= float64(p.K+2)*0x1p-24*p.scale[row*p.N+j]):
			t.Fatalf("%s: %+v, load %v: (%d, %d) is %v, want %v", what, p.Shape, p.load, row, j, c[i], p.exact[row*p.N+j])
		}
	}
}

// padded is C with guards behind it.
func (p *problem) padded() []float32 {
	return append(append([]float32{}, p.c...), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
}

// run tries all ways to pack, small blocks, and parts for three workers, and gives the number of ways that had a Small.
func (p *problem) run(t *testing.T, fuses bool) (small int) {
	t.Helper()
	for way := range 8 {
		plan, w := New(p.Shape, 1+2*(way&1)), &Work{}
		plan.packB = plan.mustPack() || way&2 != 0
		plan.packA = way&4 != 0
		plan.Group = plan.rows * max(1, way)
		if way == 3 || way == 6 {
			plan.Depth = 8
		}
		w.Reserve(plan)
		c := p.padded()
		multiply(plan, w, p.a, p.b, c, p.ld, p.load)
		var want []float32
		if fuses {
			want = p.bits(plan.Depth)
		}
		p.check(t, fmt.Sprintf("way %d", way), c, want)
		if s := plan.Small(p.ld); s != nil {
			small++
			c = p.padded()
			s.Run(w, p.a, p.b, c, p.load)
			p.check(t, fmt.Sprintf("way %d, small", way), c, want)
		}
	}
	return small
}

// TestProducts forces each set of instructions in turn. Those that fuse give the bits of fused chains, and so the same.
func TestProducts(t *testing.T) {
	for _, s := range isa.Available() {
		t.Run(s.String(), func(t *testing.T) {
			defer isa.Force(s)()
			set, r, small := choose(), rand.New(rand.NewPCG(1, 2)), 0
			try := func(m, n, k int) {
				for trans := range 4 {
					small += newProblem(r, Shape{M: m, N: n, K: k, TransA: trans&1 != 0, TransB: trans&2 != 0}, (m+n+k+trans)%2 == 0).run(t, s != isa.Generic)
				}
			}
			for m := 1; m <= 2*set.rows+1; m++ {
				try(m, set.cols+m%set.cols, 9)
			}
			for n := 1; n <= 2*set.cols+1; n++ {
				try(set.rows+1, n, 17)
			}
			for _, k := range []int{1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 130, 257, 700} {
				try(set.rows, set.cols+1, k)
			}
			for _, s := range [][3]int{{1, 1, 1}, {1, 100, 200}, {1, 300, 90}, {100, 1, 50}, {61, 67, 71}, {8, 300, 16}, {130, 40, 33}, {97, 131, 140}} {
				try(s[0], s[1], s[2])
			}
			if set.cuts() && small < 100 {
				t.Errorf("%d products were small", small)
			}
		})
	}
}

// TestPlans: parts are all of the result, each place once, whatever the shape and the number of workers.
func TestPlans(t *testing.T) {
	for _, s := range []Shape{{M: 1, N: 1, K: 1}, {M: 784, N: 128, K: 32, TransA: true}, {M: 32, N: 10, K: 128}, {M: 1000, N: 700, K: 900},
		{M: 700, N: 900, K: 1000, LdA: 1024}, {M: 5, N: 3000, K: 3}, {M: 3000, N: 5, K: 5000}, {M: 257, N: 255, K: 64, TransB: true}} {
		for workers := 1; workers <= 70; workers += 3 {
			p, seen := New(s, workers), make([]bool, s.M*s.N)
			for c := range p.Parts() {
				i0, i1, j0, j1 := p.Part(c)
				for i := i0; i < i1; i++ {
					for j := j0; j < j1; j++ {
						if seen[i*s.N+j] {
							t.Fatalf("%+v, %d workers: (%d, %d) twice", s, workers, i, j)
						}
						seen[i*s.N+j] = true
					}
				}
				if i0 >= i1 || j0 >= j1 {
					t.Fatalf("%+v, %d workers: part %d is empty", s, workers, c)
				}
			}
			for i, ok := range seen {
				if !ok {
					t.Fatalf("%+v, %d workers: element %d is in no part", s, workers, i)
				}
			}
		}
	}
}

func BenchmarkProduct(b *testing.B) {
	for _, s := range []Shape{{M: 64, N: 64, K: 64}, {M: 512, N: 512, K: 512}, {M: 1024, N: 1024, K: 1024}, {M: 1000, N: 700, K: 900},
		{M: 32, N: 128, K: 784}, {M: 784, N: 128, K: 32, TransA: true}, {M: 64, N: 64, K: 4096, TransA: true}, {M: 128, N: 784, K: 128},
		{M: 512, N: 512, K: 512, TransB: true}, {M: 128, N: 10, K: 128}, {M: 1, N: 128, K: 784}} {
		for _, set := range isa.Available() {
			b.Run(fmt.Sprintf("%dx%dx%d/%v/%v/%v", s.M, s.N, s.K, s.TransA, s.TransB, set), func(b *testing.B) {
				defer isa.Force(set)()
				s.LdA, s.LdB = s.K, s.N
				if s.TransA {
					s.LdA = s.M
				}
				if s.TransB {
					s.LdB = s.K
				}
				r := rand.New(rand.NewPCG(1, 1))
				x, y, c := random(r, s.M*s.K), random(r, s.N*s.K), make([]float32, s.M*s.N)
				p, w := New(s, 1), &Work{}
				w.Reserve(p)
				for b.Loop() {
					multiply(p, w, x, y, c, s.N, false)
				}
				b.ReportMetric(2*float64(s.M*s.N*s.K)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}
