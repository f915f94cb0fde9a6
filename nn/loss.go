package nn

import (
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// A Loss compares a model's outputs with a target and starts the way back. The losses of this package are means over
// what counts, as PyTorch's: a row's weight multiplies its loss, and the mean divides by the sum of the weights. [Sum]
// leaves the division out.
type Loss interface {
	// String is how errors name the loss.
	String() string
	// Check says what is wrong with the settings.
	Check() error
	// Targets are the columns that the loss compares a row of so many outputs with, or why it cannot.
	Targets(outputs int) (Targets, error)
	// Build appends the calls that leave the loss in t.Loss and guard p.OK, and where p trains returns the gradient
	// of y, best in t.Grad where that is present, which saves copying it there.
	Build(p *Plan, y Value, t Target) (dy Value)
}

// Targets are numbers of columns: of labels, U32, and of values, F32.
type Targets struct {
	Labels, Values int
	// Classes are the numbers that the labels of each column are below, 0 where any label will do; nil stands for the number
	// of outputs.
	Classes []int
}

// A Target is what a loss compares a batch's outputs with, and where its results go.
type Target struct {
	Labels  backend.Tensor // rows×labels
	Values  backend.Tensor // rows×values
	Weights backend.Tensor // rows×1, of the rows; absent where all count alike

	Factor float64 // of this loss in the whole
	Sum    bool    // no division by the sum of the weights

	Loss    backend.Tensor // 1×1
	Correct backend.Tensor // 1×1, for the number of rows that were right; absent where nobody asks
	Weight  backend.Tensor // 1×1, for the sum of the weights; absent where nobody asks
	Grad    backend.Tensor // rows×outputs; absent where any place will do
}

// Mean is the 1×1 factor that turns the sum of a loss of so many terms a row into what t wants: Factor over the sum of the
// weights, rows×1, times terms. Without weights all rows count 1. Where no row counts the mean is 0.
func (p *Plan) Mean(t Target, weights backend.Tensor, terms int) backend.Tensor {
	if t.Sum {
		return p.constants(t.Factor)
	}
	if !weights.Present() {
		return p.constants(t.Factor / (float64(p.Rows) * float64(terms)))
	}
	scale := p.Tensor(1, 1)
	sum := backend.Chain{backend.Load(weights)}
	r := &backend.Reduce{Rows: p.Rows, Cols: 1, Out: [2]backend.Result{{
		Dst: scale, Map: sum,
		// The least sum is small beside any weight, and its reciprocal small enough for gradients that are multiplied by a
		// weight of 0 afterwards.
		Then: backend.Chain{backend.Clamp(1e-20, math.MaxFloat32), backend.Recip(), backend.Affine(float32(t.Factor/float64(terms)), 0)},
	}}}
	if t.Weight.Present() {
		r.Out[1] = backend.Result{Dst: t.Weight, Map: sum}
		p.weighed = true
	}
	p.Add(r)
	return scale
}

// constants are numbers that the plan's calls read, a row of them.
func (p *Plan) constants(x ...float64) backend.Tensor {
	buf := p.buffer(backend.F32, len(x))
	v := make([]float32, len(x))
	for i := range x {
		v[i] = float32(x[i])
	}
	if p.err == nil {
		backend.Write(p.model.dev, buf, 0, v)
	}
	return backend.Row(buf, 0, len(x))
}

// total appends the sum of a loss over the elements of y, weighed and scaled, to t.Loss.
func (p *Plan) total(y Value, t Target, scale, weights backend.Tensor, loss backend.Chain) {
	p.Add(&backend.Reduce{Rows: y.Rows, Cols: y.Cols, Out: [2]backend.Result{{
		Dst: t.Loss, Map: weighed(loss, weights), Then: backend.Chain{backend.Mul(scale), backend.Guard(p.OK())},
	}}})
}

// weighed multiplies a chain's result by weights, where there are any.
func weighed(c backend.Chain, weights backend.Tensor) backend.Chain {
	if weights.Present() {
		return c.Then(backend.Mul(weights))
	}
	return c
}

// lossGrad is where the gradient of y goes in plans that train.
func (p *Plan) lossGrad(y Value, t Target) (dy Value) {
	switch {
	case !p.Train():
	case t.Grad.Present():
		dy.Tensor = t.Grad
	default:
		dy.Tensor = p.Tensor(y.Rows, y.Cols)
	}
	return dy
}

// starts has a loss start the way back, and the gradient of y lie where t wants it.
func (p *Plan) starts(loss Loss, y Value, t Target) Value {
	dy := loss.Build(p, y, t)
	switch {
	case !p.Train() || p.err != nil:
	case !dy.Present():
		p.fail(fmt.Errorf("%v: no gradient has come back", loss))
	case t.Grad.Present() && dy.Tensor != t.Grad:
		p.Add(&backend.Each{Dst: t.Grad, Do: backend.Chain{backend.Load(dy.Tensor)}})
		dy.Tensor = t.Grad
	}
	return dy
}

// back appends the chain that makes dy.
func (p *Plan) back(dy Value, do backend.Chain) Value {
	if dy.Present() {
		c := &backend.Each{Dst: dy.Tensor, Do: do}
		p.Hook(c, &c.Dst, &c.Do)
	}
	return dy
}

// Sum is a loss without the mean: PyTorch's reduction='sum'.
func Sum(loss Loss) Loss { return summed{loss} }

type summed struct{ Loss }

func (s summed) String() string { return fmt.Sprintf("Sum(%v)", s.Loss) }

func (s summed) Check() error {
	if s.Loss == nil {
		return fmt.Errorf("no loss to sum")
	}
	return s.Loss.Check()
}

func (s summed) Build(p *Plan, y Value, t Target) Value {
	t.Sum = true
	return s.Loss.Build(p, y, t)
}

// oneEach is the target of losses with a value for each output.
func oneEach(outputs int) (Targets, error) { return Targets{Values: outputs}, nil }
