package bench

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// Gemm is the product of an M×K and a K×N matrix, each stored as it is (n) or transposed (t): Form is nn as in a forward
// pass, nt as for an input's gradient, tn as for a weight's.
type Gemm struct {
	Form    string
	M, N, K int
}

func (g Gemm) Name() string { return fmt.Sprintf("gemm/%s/%dx%dx%d", g.Form, g.M, g.N, g.K) }

// Work is 2·M·N·K operations.
func (g Gemm) Work() Work { return Work{Flops: 2 * float64(g.M) * float64(g.N) * float64(g.K)} }

func (g Gemm) transA() bool { return g.Form[0] == 't' }
func (g Gemm) transB() bool { return g.Form[1] == 't' }

// call is the product with its operands at the start of three buffers.
func (g Gemm) call(dst, a, b *backend.Buffer) *backend.MatMul {
	c := &backend.MatMul{
		Dst: backend.Mat(dst, 0, g.M, g.N), A: backend.Mat(a, 0, g.M, g.K), B: backend.Mat(b, 0, g.K, g.N),
		TransA: g.transA(), TransB: g.transB(),
	}
	if c.TransA {
		c.A.Rows, c.A.Cols = g.K, g.M
	}
	if c.TransB {
		c.B.Rows, c.B.Cols = g.N, g.K
	}
	return c
}

// checkWork is the most multiply-adds that the reference spends on a product.
const checkWork = 1 << 25

type gemmCase struct {
	Gemm
	a, b        []float32 // as stored
	rows, cols  []int     // of the result: those that are compared
	want, scale []float32 // of rows×cols: the product, and Σ|aᵢbᵢ|
}

func (g Gemm) Case() (Case, error) { return g.checkedBy(checkWork) }

// checkedBy is a case that the reference spends so many multiply-adds on.
func (g Gemm) checkedBy(work int) (*gemmCase, error) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := &gemmCase{Gemm: g, a: uniform(rng, g.M*g.K, 1), b: uniform(rng, g.K*g.N, 1)}
	pairs := max(1, work/g.K)
	m := min(g.M, max(pairs/g.N, int(math.Sqrt(float64(pairs))), 1))
	c.rows, c.cols = strata(rng, g.M, m), strata(rng, g.N, min(g.N, max(1, pairs/m)))
	part := Gemm{Form: g.Form, M: len(c.rows), N: len(c.cols), K: g.K}
	a, b := c.parts()
	var err error
	if c.want, err = part.reference(a, b); err == nil {
		c.scale, err = part.reference(absolute(a), absolute(b))
	}
	return c, err
}

// parts are the operands of the compared rows and columns alone, stored in the product's form.
func (c *gemmCase) parts() (a, b []float32) {
	if c.transA() {
		a = pickCols(c.a, c.M, c.rows)
	} else {
		a = pickRows(c.a, c.K, c.rows)
	}
	if c.transB() {
		b = pickRows(c.b, c.K, c.cols)
	} else {
		b = pickCols(c.b, c.N, c.cols)
	}
	return a, b
}

// reference is the product in float64, rounded once.
func (g Gemm) reference(a, b []float32) ([]float32, error) {
	dev := ref.Open()
	defer dev.Close()
	bufs, err := upload(dev, make([]float32, g.M*g.N), a, b)
	if err != nil {
		return nil, err
	}
	backend.Do(dev, g.call(bufs[0], bufs[1], bufs[2]))
	out := make([]float32, g.M*g.N)
	return out, backend.Read(dev, out, bufs[0], 0)
}

func (c *gemmCase) Open(dev backend.Backend) (Job, error) {
	bufs, err := upload(dev, make([]float32, c.M*c.N), c.a, c.b)
	if err != nil {
		return nil, err
	}
	j, err := newCalls(dev, bufs, c.call(bufs[0], bufs[1], bufs[2]))
	if err != nil {
		return nil, err
	}
	return &gemmJob{j, c}, nil
}

type gemmJob struct {
	*calls
	c *gemmCase
}

// Check holds each compared element to |got − want| ≤ (k+2)·2⁻²⁴·Σ|aᵢbᵢ|, which any order of summation keeps.
func (j *gemmJob) Check() (float64, error) {
	if err := j.Run(1); err != nil {
		return 0, err
	}
	got := make([]float32, j.c.M*j.c.N)
	if err := backend.Read(j.dev, got, j.bufs[0], 0); err != nil {
		return 0, err
	}
	return j.c.compare(got)
}

func (c *gemmCase) compare(got []float32) (worst float64, err error) {
	tol := float64(c.K+2) / (1 << 24)
	for i, row := range c.rows {
		for l, col := range c.cols {
			at := i*len(c.cols) + l
			g, w := float64(got[row*c.N+col]), float64(c.want[at])
			diff := math.Abs(g - w)
			if bound := tol * float64(c.scale[at]); !(diff <= bound) {
				return 0, fmt.Errorf("the result is wrong: element (%d, %d) is %v, want %v ± %.2g", row, col, g, w, bound)
			}
			worst = max(worst, diff)
		}
	}
	return worst, nil
}
