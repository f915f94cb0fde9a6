package nn

import (
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// A curvaturePair is a step and what it changed of the gradient, with numbers that stay on the device.
type curvaturePair struct {
	s, y      backend.Tensor
	rho       backend.Tensor // 1/sᵀy
	scale     backend.Tensor // sᵀy/yᵀy
	alpha     backend.Tensor
	remainder backend.Tensor // β − α
}

// leastCurvature is what sᵀy of a pair has to be above.
const leastCurvature = 1e-10

// direction makes d = −H·g.
func (m *Minimizer) direction() error {
	if m.iterations > 0 {
		if err := m.remember(); err != nil {
			return err
		}
	}
	v, g := &m.v, m.v.g[m.now.slot]
	n := v.d.Cols
	calls := []backend.Call{&backend.Each{Dst: v.d, Do: from(g, backend.Affine(-1, 0))}}
	for _, p := range slices.Backward(m.pairs) {
		calls = append(calls, v.turn(p.alpha, p.s, p.y, backend.Mul(p.rho))...)
	}
	if k := len(m.pairs); k > 0 {
		calls = append(calls, &backend.Each{Dst: v.d, Do: from(v.d, backend.Mul(m.pairs[k-1].scale))})
	}
	for _, p := range m.pairs {
		calls = append(calls, v.turn(p.remainder, p.y, p.s, backend.Mul(p.rho), backend.Sub(p.alpha))...)
	}
	backend.Do(m.dev, append(calls,
		reduce(n, v.slope(g), backend.Result{Dst: v.scalar(atSize), By: backend.Max, Map: from(v.d, backend.Abs())}),
		reduce(n, backend.Result{Dst: v.scalar(atSum), Map: from(g, backend.Abs())}))...)
	m.before = m.now.slot
	return nil
}

// turn is a half of the recursion's turn for a pair: c becomes then(aᵀd), and d becomes d − c·b.
func (v *vectors) turn(c, a, b backend.Tensor, then ...backend.Fn) []backend.Call {
	return []backend.Call{
		reduce(v.d.Cols, backend.Result{Dst: c, Map: from(a, backend.Mul(v.d)), Then: then}),
		&backend.Each{Dst: v.d, Do: from(v.d, backend.SubMul(c, b))},
	}
}

// remember makes a pair of the last step, and keeps it where the loss curves upwards along that.
func (m *Minimizer) remember() error {
	p, err := m.unused()
	if err != nil {
		return err
	}
	v, curvature := &m.v, m.v.scalar(atPair)
	backend.Do(m.dev,
		&backend.Each{Dst: p.s, Do: from(v.d, backend.Mul(v.t))},
		&backend.Each{Dst: p.y, Do: from(v.g[m.now.slot], backend.Sub(v.g[m.before]))},
		reduce(p.s.Cols,
			backend.Result{Dst: curvature, Map: from(p.s, backend.Mul(p.y))},
			backend.Result{Dst: p.scale, Map: from(p.y, backend.Square())}),
		&backend.Each{Dst: p.scale, Do: from(curvature, backend.Div(p.scale))},
		&backend.Each{Dst: p.rho, Do: from(curvature, backend.Recip())})
	s, err := m.read()
	if err != nil {
		return err
	}
	if !(s[atPair] > leastCurvature) {
		m.spare = append(m.spare, p)
		return nil
	}
	if over := len(m.pairs) + 1 - m.opt.History; over > 0 {
		m.spare = append(m.spare, m.pairs[:over]...)
		m.pairs = slices.Delete(m.pairs, 0, over)
	}
	m.pairs = append(m.pairs, p)
	return nil
}

// unused is a pair whose memory may be written.
func (m *Minimizer) unused() (*curvaturePair, error) {
	if k := len(m.spare); k > 0 {
		p := m.spare[k-1]
		m.spare = m.spare[:k-1]
		return p, nil
	}
	n := m.v.d.Cols
	buf, err := m.arena.own(backend.F32, 2*n+4)
	if err != nil {
		return nil, err
	}
	scalar := func(i int) backend.Tensor { return backend.Row(buf, 2*n+i, 1) }
	return &curvaturePair{
		s: backend.Row(buf, 0, n), y: backend.Row(buf, n, n),
		rho: scalar(0), scale: scalar(1), alpha: scalar(2), remainder: scalar(3),
	}, nil
}
