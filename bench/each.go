package bench

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/nn"
)

// EachAdam is one step of Adam over N parameters, in one pass over parameters, gradient and state: what a device's
// memory can do, for it reads four vectors and writes three.
type EachAdam struct{ N int }

func (e EachAdam) Name() string { return "each/adam/" + formatCount(e.N) }

// adamFlops counts the op's definition: 3 for m, 4 for v, 3 for the denominator, 4 for w.
const adamFlops = 14

func (e EachAdam) Work() Work { return Work{Flops: adamFlops * float64(e.N)} }

func formatCount(n int) string {
	switch {
	case n%1_000_000 == 0:
		return fmt.Sprintf("%dM", n/1_000_000)
	case n%1_000 == 0:
		return fmt.Sprintf("%dK", n/1_000)
	}
	return fmt.Sprint(n)
}

// adamCase has the vectors of a step in the order of the op's operands.
type adamCase struct {
	EachAdam
	w, m, v, g []float32
	consts     []float32
}

func (e EachAdam) Case() (Case, error) {
	rng := rand.New(rand.NewPCG(3, 4))
	c := &adamCase{
		EachAdam: e, w: uniform(rng, e.N, 1), m: uniform(rng, e.N, 0.1), v: absolute(uniform(rng, e.N, 0.01)),
		g: uniform(rng, e.N, 1), consts: make([]float32, backend.MaxConsts),
	}
	nn.Adam(1e-3).Row(9, c.consts)
	return c, nil
}

func (c *adamCase) Open(dev backend.Backend) (Job, error) {
	bufs, err := upload(dev, []float32{1}, c.w, c.m, c.v, c.consts, c.g)
	if err != nil {
		return nil, err
	}
	row := func(i int) backend.Tensor { return backend.Row(bufs[i], 0, bufs[i].Len()) }
	j, err := newCalls(dev, bufs, &backend.Each{
		Dst: backend.Tensor{Rows: 1, Cols: c.N},
		Do:  backend.Chain{backend.Load(row(5)), backend.Adam(row(0), row(1), row(2), row(3), row(4))},
	})
	if err != nil {
		return nil, err
	}
	return &adamJob{j, c}, nil
}

type adamJob struct {
	*calls
	c *adamCase
}

// Check holds each element to the op table's definition within the contract's bound, 1e-5·|want| + 2⁻²⁰·s, s the
// largest term that the definition adds.
func (j *adamJob) Check() (float64, error) {
	if err := j.Run(1); err != nil {
		return 0, err
	}
	got, err := j.read()
	if err != nil {
		return 0, err
	}
	return j.c.compare(got)
}

// read returns w, m and v.
func (j *adamJob) read() (got [3][]float32, err error) {
	for i := range got {
		got[i] = make([]float32, j.c.N)
		if err := backend.Read(j.dev, got[i], j.bufs[1+i], 0); err != nil {
			return got, err
		}
	}
	return got, nil
}

// compare looks at w, m and v after a step.
func (c *adamCase) compare(got [3][]float32) (worst float64, err error) {
	def := backend.Find("adam").F
	consts := make([]float64, len(c.consts))
	for i, x := range c.consts {
		consts[i] = float64(x)
	}
	for i := range c.N {
		e := backend.El{V: float64(c.g[i]), C: consts}
		e.A = [backend.MaxArgs]float64{1, float64(c.w[i]), float64(c.m[i]), float64(c.v[i])}
		def(&e)
		for k := range got {
			g, want := float64(got[k][i]), e.A[1+k]
			diff, bound := math.Abs(g-want), 1e-5*math.Abs(want)+e.SA[1+k]/(1<<20)
			if !(diff <= bound) {
				return 0, fmt.Errorf("the result is wrong: %c[%d] is %v, want %v ± %.2g", "wmv"[k], i, g, want, bound)
			}
			worst = max(worst, diff)
		}
	}
	return worst, nil
}
