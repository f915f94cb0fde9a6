package peer

import (
	"github.com/gloss-ml/gloss/backend"
)

// newProduct is a product of vectors A and B.
func newProduct(dev backend.Backend, w Workload) (*program, error) {
	g, p := w.Gemm, &program{dev: dev}
	c := &backend.MatMul{TransA: g.Form[0] == 't', TransB: g.Form[1] == 't'}
	for i, v := range [][]float32{make([]float32, g.M*g.N), Uniform(VecA, g.M*g.K), Uniform(VecB, g.K*g.N)} {
		buf, err := p.upload(v)
		if err != nil {
			p.Release()
			return nil, err
		}
		rows, cols := [3]int{g.M, g.M, g.K}[i], [3]int{g.N, g.K, g.N}[i]
		if i == 1 && c.TransA || i == 2 && c.TransB {
			rows, cols = cols, rows
		}
		*[]*backend.Tensor{&c.Dst, &c.A, &c.B}[i] = backend.Mat(buf, 0, rows, cols)
	}
	if err := p.record(c); err != nil {
		p.Release()
		return nil, err
	}
	return p, nil
}

func checkProduct(dev backend.Backend, w Workload) (float64, error) {
	p, err := newProduct(dev, w)
	if err != nil {
		return 0, err
	}
	defer p.Release()
	if err := p.Run(1); err != nil {
		return 0, err
	}
	c, err := p.read(0)
	return Projection(c, w.Gemm.M, w.Gemm.N), err
}
