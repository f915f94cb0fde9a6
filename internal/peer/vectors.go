package peer

import (
	"slices"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/nn"
)

// What peers multiply and step with.
const (
	axpyFactor = 1e-3
	adamRate   = 1e-3
)

// newVectors is a step of Adam over w with the gradient g, m and v from 0, or w ← w + a·g. Steps of a Run have their own
// constants, as steps of a training do.
func newVectors(dev backend.Backend, w Workload) (p *program, err error) {
	p = &program{dev: dev}
	defer func() {
		if err != nil {
			p.Release()
		}
	}()
	start := [][]float32{Uniform(VecW, w.N), Uniform(VecG, w.N)}
	if w.Op == "adam" {
		consts, err := adamConsts()
		if err != nil {
			return p, err
		}
		start = append(start, make([]float32, w.N), make([]float32, w.N), consts, []float32{1})
	}
	var rows []backend.Tensor
	for _, v := range start {
		buf, err := p.upload(v)
		if err != nil {
			return p, err
		}
		rows = append(rows, backend.Row(buf, 0, len(v)))
	}
	if w.Op == "axpy" {
		return p, p.record(&backend.Each{Dst: rows[0], Do: backend.Chain{backend.Load(rows[0]), backend.Axpy(axpyFactor, rows[1])}})
	}
	consts := backend.Row(rows[4].Buf, 0, backend.MaxConsts).Advanced(backend.MaxConsts)
	return p, p.record(&backend.Each{
		Dst: backend.Tensor{Rows: 1, Cols: w.N},
		Do:  backend.Chain{backend.Load(rows[1]), backend.Adam(rows[5], rows[0], rows[2], rows[3], consts)},
	})
}

func adamConsts() ([]float32, error) {
	all, opt := make([]float32, stepsOfRun*backend.MaxConsts), nn.Adam(adamRate)
	for i, row := range slices.Collect(slices.Chunk(all, backend.MaxConsts)) {
		if err := opt.Row(int64(i), row); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// checkVectors is the parameters after two steps.
func checkVectors(dev backend.Backend, w Workload) (float64, error) {
	p, err := newVectors(dev, w)
	if err != nil {
		return 0, err
	}
	defer p.Release()
	if err := p.Run(2); err != nil {
		return 0, err
	}
	params, err := p.read(0)
	return Dot(params, Uniform(VecProbe, w.N)), err
}
