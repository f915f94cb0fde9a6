package nn

import (
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// update appends the norm of the gradient, which guards ok, and the optimizer: one call over each group of parameters.
func (p *Plan) update() {
	m, s := p.model, p.cfg.State
	square := backend.Chain{backend.Load(backend.Row(p.grads, 0, m.size)), backend.Square()}
	norm := &backend.Reduce{Rows: 1, Cols: m.size, Out: [2]backend.Result{{
		Dst: p.result(atNorm), Map: square, Then: backend.Chain{backend.Guard(p.OK())},
	}}}
	p.place = "gradient norm"
	p.Add(norm)
	if s == nil {
		return
	}
	clip := p.clipping(norm, square)
	p.place = "optimizer"
	for i, g := range s.stretches {
		part := func(b *backend.Buffer) backend.Tensor { return backend.Row(b, g.lo, g.hi-g.lo) }
		slots := make([]backend.Tensor, len(s.slots))
		for j, buf := range s.slots {
			slots[j] = part(buf)
		}
		consts := backend.Row(p.tables.consts, i*backend.MaxConsts, s.consts).Advanced(p.tables.stride)
		p.fail(s.as(g, func() error {
			do := s.opt.Update(part(p.grads), p.OK(), part(m.w), slots, consts)
			if (len(clip) > 0 || s.l1 > 0) && (len(do) == 0 || do[0].Op != backend.Load(do[0].Arg[0]).Op) {
				return fmt.Errorf("%v: an update that does not start by loading the gradient cannot be clipped", s.opt)
			}
			before := clip
			if g.l1 {
				before = before.Then(backend.AddSign(float32(s.l1), part(m.w)))
			}
			p.Add(&backend.Each{Dst: backend.Tensor{Rows: 1, Cols: g.hi - g.lo}, Do: slices.Insert(do, min(1, len(do)), before...)})
			return nil
		}))
	}
	if s.maxNorm > 0 {
		p.bound(s.maxNorm)
	}
	if s.average != nil {
		p.average()
	}
}

// bound appends the calls that keep the norms of the weight matrices' columns: a column is multiplied by
// min(1, most/norm), by gradient descent's op that keeps nothing and adds what it is given, for that is a step only where ok
// stands.
func (p *Plan) bound(most float64) {
	p.place = "largest norm"
	replace := p.constants(-1, 0)
	for i, q := range p.model.params {
		if q.NoDecay || p.cfg.State.frozen(&q) {
			continue
		}
		w, factor := p.Weight(Handle(i)), p.Tensor(1, q.Cols)
		p.Add(&backend.Reduce{Rows: q.Rows, Cols: q.Cols, Axis: backend.OverRows, Out: [2]backend.Result{{
			Dst: factor, Map: backend.Chain{backend.Load(w), backend.Square()},
			Then: backend.Chain{backend.Sqrt(), backend.Recip(), backend.Affine(float32(most), 0), backend.Clamp(0, 1)},
		}}})
		p.Add(&backend.Each{Dst: backend.Tensor{Rows: q.Rows, Cols: q.Cols}, Do: backend.Chain{
			backend.Load(w), backend.Mul(factor), backend.SGD(p.OK(), w, replace),
		}})
	}
}

// clipping is what an update does to a gradient first. The factor of ClipNorm is a second result of the call that reduces
// the norm.
func (p *Plan) clipping(norm *backend.Reduce, square backend.Chain) (clip backend.Chain) {
	s := p.cfg.State
	if s.clipNorm > 0 {
		factor := p.Tensor(1, 1)
		norm.Out[1] = backend.Result{Dst: factor, Map: square, Then: backend.Chain{
			backend.Sqrt(), backend.Affine(1, 1e-6), backend.Recip(), backend.Affine(float32(s.clipNorm), 0), backend.Clamp(0, 1),
		}}
		clip = clip.Then(backend.Mul(factor))
	}
	if most := float32(s.clipValue); most > 0 {
		clip = clip.Then(backend.Clamp(-most, most))
	}
	return clip
}

// fillConsts computes the optimizer's rows of constants. Its settings may have changed since NewState checked them.
func (p *Plan) fillConsts(first int64, n int) error {
	s, t := p.cfg.State, p.tables
	for g, part := range s.stretches {
		if err := s.as(part, s.opt.Check); err != nil {
			return fmt.Errorf("nn: %v: step %d: %w", s.opt, first, err)
		}
		for i := range n {
			row := t.row[i*t.stride+g*backend.MaxConsts:][:backend.MaxConsts]
			step := first + int64(i)
			if err := s.as(part, func() error { return s.opt.Row(step, row) }); err != nil {
				return fmt.Errorf("nn: %v: step %d: %w", s.opt, step, err)
			}
			for j, x := range row[:s.consts] {
				if !finite(float64(x)) {
					return fmt.Errorf("nn: %v: step %d: constant %d of the update is %v", s.opt, step, j, x)
				}
			}
		}
	}
	if s.average != nil {
		for i := range n {
			share := s.average.Share(first + int64(i))
			if !(share >= 0 && share <= 1) {
				return fmt.Errorf("nn: %v: step %d: share %v: 0 to 1 is needed", s.average, first+int64(i), share)
			}
			fill(t.row[i*t.stride+len(s.stretches)*backend.MaxConsts:], -share, 1-share)
		}
	}
	return nil
}
