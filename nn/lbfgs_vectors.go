package nn

import (
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// vectors are what a Minimizer has on the device. All are as long as the parameters, with the padding between those, which
// is 0 in gradients and so in all that is made of them.
type vectors struct {
	w, grads backend.Tensor        // the model's and the plan's
	x        backend.Tensor        // the parameters where the iteration started
	d        backend.Tensor        // the direction
	g        [slots]backend.Tensor // gradients: of the last direction, of both ends of an interval, of the next trial

	t       backend.Tensor // 1×1, the step
	scalars *backend.Buffer
}

const slots = 4

// What the host reads, all at once. The results of a step come first.
const (
	atSlope   = resultCols + iota // gᵀd
	atLargest                     // |g|
	atSize                        // the largest |d|
	atSum                         // Σ|g|
	atPair                        // sᵀy
	scalarCols
)

func (v *vectors) scalar(i int) backend.Tensor { return backend.Row(v.scalars, i, 1) }

// build makes the vectors and records an evaluation.
func (m *Minimizer) build() (err error) {
	v, n := &m.v, m.plan.model.size
	v.w, v.grads = backend.Row(m.plan.model.w, 0, n), backend.Row(m.plan.grads, 0, n)
	for _, t := range []*backend.Tensor{&v.x, &v.d, &v.g[0], &v.g[1], &v.g[2], &v.g[3]} {
		if *t, err = m.vector(n); err != nil {
			return err
		}
	}
	if v.t, err = m.vector(1); err != nil {
		return err
	}
	if v.scalars, err = m.arena.own(backend.F32, scalarCols); err != nil {
		return err
	}
	results := backend.Row(m.plan.tables.results, 0, resultCols)
	m.program, err = backend.Record(m.dev, backend.Step{Calls: append(m.plan.Calls[:len(m.plan.Calls):len(m.plan.Calls)],
		reduce(n, v.slope(v.grads), backend.Result{Dst: v.scalar(atLargest), By: backend.Max, Map: from(v.grads, backend.Abs())}),
		&backend.Each{Dst: backend.Row(v.scalars, 0, resultCols), Do: from(results)},
	)})
	return err
}

func (m *Minimizer) vector(n int) (backend.Tensor, error) {
	buf, err := m.arena.own(backend.F32, n)
	return backend.Row(buf, 0, n), err
}

// from is a chain that starts with x.
func from(x backend.Tensor, more ...backend.Fn) backend.Chain {
	return append(backend.Chain{backend.Load(x)}, more...)
}

// reduce folds vectors of n elements into one or two numbers.
func reduce(n int, out ...backend.Result) *backend.Reduce {
	r := &backend.Reduce{Rows: 1, Cols: n}
	copy(r.Out[:], out)
	return r
}

func (v *vectors) slope(g backend.Tensor) backend.Result {
	return backend.Result{Dst: v.scalar(atSlope), Map: from(g, backend.Mul(v.d))}
}

// read waits for the numbers that the host decides by.
func (m *Minimizer) read() (s [scalarCols]float64, err error) {
	var raw [scalarCols]float32
	if err := backend.Read(m.dev, raw[:], m.v.scalars, 0); err != nil {
		return s, err
	}
	for i, x := range raw {
		s[i] = float64(x)
	}
	return s, nil
}

// evaluate computes loss and gradient where the parameters are, and keeps the gradient in a slot.
func (m *Minimizer) evaluate(slot int) (point, error) {
	if err := m.plan.Begin(0, 1); err != nil {
		return point{}, err
	}
	m.program.Run(1)
	backend.Do(m.dev, &backend.Each{Dst: m.v.g[slot], Do: from(m.v.grads)})
	s, err := m.read()
	switch {
	case err != nil:
	case !finite(s[atLoss]):
		err = fmt.Errorf("the loss is %v", s[atLoss])
	case !finite(s[atNorm]):
		err = errors.New("the gradient is not finite")
	}
	return point{loss: s[atLoss], slope: s[atSlope], largest: s[atLargest], correct: s[atCorrect], slot: slot}, err
}

// free is a slot that neither the last direction's gradient is in nor those of the kept points.
func (m *Minimizer) free(kept ...point) int {
	var used [slots]bool
	used[m.before] = true
	for _, p := range kept {
		used[p.slot] = true
	}
	slot := 0
	for used[slot] {
		slot++
	}
	return slot
}

// save keeps the parameters, from where move goes.
func (m *Minimizer) save() {
	backend.Do(m.dev, &backend.Each{Dst: m.v.x, Do: from(m.v.w)})
}

// move sets the parameters to x + t·d.
func (m *Minimizer) move(t float64) {
	backend.Write(m.dev, m.v.t.Buf, 0, []float32{float32(t)})
	backend.Do(m.dev, &backend.Each{Dst: m.v.w, Do: from(m.v.d, backend.Mul(m.v.t), backend.Add(m.v.x))})
}

// forget starts the history anew, and from where the last iteration started if that is asked for.
func (m *Minimizer) forget(back bool) {
	if back {
		backend.Do(m.dev, &backend.Each{Dst: m.v.w, Do: from(m.v.x)})
	}
	m.spare = append(m.spare, m.pairs...)
	m.pairs, m.iterations, m.unseen = nil, 0, false
}
