package nn

import (
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// tables are what changes from step to step, a row each, and what a step leaves behind: the host writes rows 0…n−1 of
// the optimizer's constants and of the random keys before n steps, and reads rows 0…n−1 of the results after them.
type tables struct {
	consts  *backend.Buffer // steps×stride, with a state: a row of the optimizer's constants for each group
	stride  int
	keys    *backend.Buffer // steps × micro-batches × 4
	results *backend.Buffer // steps×resultCols
	ok      *backend.Buffer // the flag
	row     []float32
	key     []uint32
}

const (
	atLoss = iota
	atCorrect
	atNorm   // Σg²
	atWeight // Σw
	resultCols
)

func newTables(p *Plan) *tables {
	t := &tables{
		results: p.buffer(backend.F32, p.steps*resultCols),
		ok:      p.buffer(backend.F32, 1),
		keys:    p.buffer(backend.U32, p.steps*p.cfg.parts()*4),
		key:     make([]uint32, p.steps*p.cfg.parts()*4),
	}
	if p.cfg.State != nil {
		t.stride = backend.MaxConsts * p.cfg.State.rows()
		t.consts = p.buffer(backend.F32, p.steps*t.stride)
		t.row = make([]float32, p.steps*t.stride)
	}
	if p.err == nil {
		backend.Write(p.model.dev, t.ok, 0, []float32{1})
	}
	return t
}

func (p *Plan) result(i int) backend.Tensor {
	return backend.Row(p.tables.results, i, 1).Advanced(resultCols)
}

// Loss is the place of the loss of a Run's first step, 1×1; Results reads those of all.
func (p *Plan) Loss() backend.Tensor { return p.result(atLoss) }

// Key is the row of random keys of the step, 1×4, for ops that draw: another one for each micro-batch.
func (p *Plan) Key() backend.Tensor {
	return backend.Row(p.tables.keys, 4*p.part, 4).Advanced(4 * p.cfg.parts())
}

// OK is the 1×1 flag that falls to 0, for the rest of a Run, with the first loss or gradient that is not finite.
func (p *Plan) OK() backend.Tensor { return backend.Row(p.tables.ok, 0, 1) }

// Begin queues what the next n steps need, 0 ≤ n ≤ Steps: random keys, the optimizer's constants, and ok = 1. first is
// the number of the first of them, counted from 0 over the whole training. It returns an error, and queues nothing, for
// a plan without a loss, for another n, for a first below 0, for settings of the optimizer that make no sense, and for a schedule that takes
// one out of its range.
func (p *Plan) Begin(first int64, n int) error {
	t := p.tables
	if err := p.countsTo(n); err != nil {
		return err
	}
	if first < 0 {
		return fmt.Errorf("nn: step %d: steps are counted from 0", first)
	}
	if p.cfg.State != nil {
		if err := p.fillConsts(first, n); err != nil {
			return err
		}
		backend.Write(p.model.dev, t.consts, 0, t.row[:n*t.stride])
	}
	parts := p.cfg.parts()
	for i := range n * parts {
		number := uint64(first)*uint64(parts) + uint64(i)
		copy(t.key[4*i:], []uint32{uint32(p.cfg.Seed), uint32(p.cfg.Seed >> 32), uint32(number), uint32(number >> 32)})
	}
	backend.Write(p.model.dev, t.keys, 0, t.key[:4*n*parts])
	backend.Write(p.model.dev, t.ok, 0, []float32{1})
	return nil
}

func (p *Plan) countsTo(n int) error {
	switch {
	case p.tables == nil:
		return errors.New("nn: a plan without a loss has no steps to begin")
	case n < 0 || n > p.steps:
		return fmt.Errorf("nn: %d steps of a plan for %d", n, p.steps)
	}
	return nil
}

// StepResult is what a step left behind.
type StepResult struct {
	Loss    float64 // mean over the batch, as the loss defines it
	Correct float64 // rows whose largest output is at their label; 0 for losses without labels
	Norm2   float64 // Σg² over all parameters; 0 in plans that do not train
	Weight  float64 // what Loss is a mean over: the sum of the weights of the rows that count, or the number of rows
}

// Finite reports whether neither the loss nor the gradient met a NaN or an Inf.
func (r StepResult) Finite() bool { return finite(r.Loss) && finite(r.Norm2) }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Gradients waits for the steps that were queued and returns the gradient of all parameters of the last one, laid out
// as Model.Weights, or the device's first failure.
func (p *Plan) Gradients() ([]float32, error) {
	if p.grads == nil {
		return nil, errors.New("nn: a plan that does not train has no gradients")
	}
	return p.model.gather(p.grads)
}

// Results waits for the steps that were queued and returns what the first n of the last Run left behind, 0 ≤ n ≤ Steps,
// or the device's first failure. A plan without a loss has none, which is an error too.
func (p *Plan) Results(n int) ([]StepResult, error) {
	if err := p.countsTo(n); err != nil {
		return nil, err
	}
	raw := make([]float32, n*resultCols)
	if err := backend.Read(p.model.dev, raw, p.tables.results, 0); err != nil {
		return nil, err
	}
	out := make([]StepResult, n)
	for i := range out {
		r := raw[i*resultCols:]
		out[i] = StepResult{Loss: float64(r[atLoss]), Correct: float64(r[atCorrect]), Norm2: float64(r[atNorm]), Weight: float64(p.Rows)}
		if p.weighed {
			out[i].Weight = float64(r[atWeight])
		}
	}
	return out, nil
}
