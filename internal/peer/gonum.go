package peer

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

// Gonum is gonum's BLAS called directly, with trainings by the gloss that calls it for its products.
type Gonum struct{ Gloss }

func (g Gonum) Open(w Workload) (Job, error) {
	switch {
	case w.Kind == "gemm":
		return newSgemm(w), nil
	case w.Op == "axpy":
		return saxpy{Uniform(VecW, w.N), Uniform(VecG, w.N)}, nil
	case w.Kind == "each":
		return nil, fmt.Errorf("%w: gonum has no Adam of float32", ErrNot)
	}
	return g.Gloss.Open(w)
}

func (g Gonum) Check(w Workload) (float64, error) {
	switch w.Kind {
	case "gemm":
		job := newSgemm(w)
		err := job.Run(1)
		return Projection(job.c.Data, w.Gemm.M, w.Gemm.N), err
	case "each":
		job, err := g.Open(w)
		if err != nil {
			return 0, err
		}
		err = job.Run(2)
		return Dot(job.(saxpy).y, Uniform(VecProbe, w.N)), err
	}
	return g.Gloss.Check(w)
}

type sgemm struct {
	ta, tb  blas.Transpose
	a, b, c blas32.General
}

func newSgemm(w Workload) *sgemm {
	g := w.Gemm
	matrix := func(rows, cols int, t bool, v []float32) (blas.Transpose, blas32.General) {
		if t {
			return blas.Trans, blas32.General{Rows: cols, Cols: rows, Stride: rows, Data: v}
		}
		return blas.NoTrans, blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: v}
	}
	s := &sgemm{}
	s.ta, s.a = matrix(g.M, g.K, g.Form[0] == 't', Uniform(VecA, g.M*g.K))
	s.tb, s.b = matrix(g.K, g.N, g.Form[1] == 't', Uniform(VecB, g.K*g.N))
	_, s.c = matrix(g.M, g.N, false, make([]float32, g.M*g.N))
	return s
}

func (s *sgemm) Run(n int) error {
	for range n {
		blas32.Gemm(s.ta, s.tb, 1, s.a, s.b, 0, s.c)
	}
	return nil
}

func (s *sgemm) Release() {}

type saxpy struct{ y, x []float32 }

func (s saxpy) Run(n int) error {
	for range n {
		gonum.Implementation{}.Saxpy(len(s.y), axpyFactor, s.x, 1, s.y, 1)
	}
	return nil
}

func (s saxpy) Release() {}
