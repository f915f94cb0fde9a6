package backendtest

import (
	"math"
	"math/rand/v2"

	"github.com/gloss-ml/gloss/backend"
)

// opInputs are arguments at which an op makes sense: optimizers get states that training can reach, gradients what
// the forward op made. An op that is not listed gets numbers from a normal distribution.
type opInputs struct {
	p      [4]float32
	v      fill
	args   [backend.MaxArgs]fill
	consts [][]float32 // rows for 'c', one test each
	fwd    *backend.Fn // the op whose gradient this is, or nil
	// pick says which edges the running value, or an operand that is read, may take; nil stands for all.
	pick func(x float32) bool
}

// Adam's constants in the middle of a training: β₁ 0.9, β₂ 0.999, the third step.
var adamRow = []float32{0.01 / (1 - 0.9*0.9*0.9), float32(1 / math.Sqrt(1-0.999*0.999*0.999)), 1e-8, 0.999, 0.9, 0.1, 0.999, 0.001}

func inputsOf(op *backend.Op) opInputs {
	in := opInputs{p: [4]float32{0.5, 1.25, 0.75, 2}, v: spread(1e-6, 30)}
	for a := range in.args {
		in.args[a] = normal(2)
	}
	for range op.Consts {
		if in.consts == nil {
			in.consts = [][]float32{nil}
		}
		in.consts[0] = append(in.consts[0], 0.5)
	}
	if fwd := forwardOf(op); fwd != nil {
		f := inputsOf(fwd)
		in.follow(backend.Fn{Op: fwd, P: f.p}, f.v)
	}
	switch op.Name {
	case "fill":
		in.p = [4]float32{2.5}
	case "guard":
		in.args[0] = constant(1)
	case "axpy":
		in.p = [4]float32{-0.75}
	case "affine":
		in.p = [4]float32{1.5, -0.25}
	case "clamp":
		in.p = [4]float32{-1, 1.25}
	case "sqrt", "log":
		in.v = positive(1e-6, 1e4)
	case "softplus":
		in.p = [4]float32{1.5, 8}
	case "elu":
		in.p = [4]float32{0.75, 1.25, 0.5}
	case "huber":
		in.p = [4]float32{0.75, 1.5}
	case "bce":
		in.args[0], in.args[1], in.pick = unit, positive(0.1, 10), within(-1e15, 1e15)
	case "bce_grad":
		in.args[1], in.args[2] = unit, positive(0.1, 10)
	case "focal":
		in.p, in.args[0], in.pick = [4]float32{0.25, 2}, unit, within(0, 1)
	case "focal_grad":
		in.p, in.args[1] = [4]float32{0.25, 2}, unit
	case "poisson":
		in.p, in.args[0], in.pick = [4]float32{1}, positive(1e-3, 50), within(-80, 80)
	case "poisson_grad":
		in.pick = within(-80, 80)
	case "poisson_rate":
		in.p, in.v, in.args[0] = [4]float32{1, 1e-6}, positive(1e-3, 50), positive(1e-3, 50)
		in.pick = within(0, 1e15)
	case "poisson_rate_grad":
		in.p, in.args[0] = [4]float32{1, 1e-6}, positive(1e-3, 50)
	case "gauss":
		in.p, in.args[1] = [4]float32{1e-3, 0.75}, positive(1e-4, 10)
	case "gauss_grad", "gauss_var_grad":
		in.p, in.args[2] = [4]float32{1e-3, 0.75}, positive(1e-4, 10)
		in.pick = func(x float32) bool { return x == 0 || math.Abs(float64(x)) > 1e-30 && within(-1e9, 1e9)(x) }
	case "dropout":
		in.p = [4]float32{0.3, 3}
	case "drop":
		in.p = [4]float32{0.3, 3, -1.5}
	case "uniform":
		in.p = [4]float32{-1, 2, 3}
	case "normal":
		in.p = [4]float32{0.5, 1, 2}
	case "sgd":
		in.args[0] = flags
		in.consts = [][]float32{{0.01, 0.999}}
	case "momentum":
		in.args[0] = flags
		in.consts = [][]float32{{0.01, 0.999, 0.9, 0.8, 0}, {0.01, 1, 0.9, 1, 1}, {0.01, 1, 0, 1, 0}}
	case "adam":
		in.args[0], in.args[2], in.args[3] = flags, normal(0.1), positive(1e-6, 1)
		in.consts = [][]float32{adamRow, {0.1, 1, 1e-7, 1, 0, 1, 0, 1}}
		in.pick = moderate
	case "amsgrad":
		in.args[0], in.args[2], in.args[3], in.args[4] = flags, normal(0.1), positive(1e-6, 1), positive(1e-6, 1)
		in.consts, in.pick = [][]float32{adamRow, {0.1, 1, 1e-7, 1, 0, 1, 0, 1}}, moderate
	case "nadam":
		in.args[0], in.args[2], in.args[3] = flags, normal(0.1), positive(1e-6, 1)
		in.consts, in.pick = [][]float32{{0.02, 0.01, adamRow[1], 1e-8, 0.9, 0.1, 0.999, 0.001}}, moderate
	case "rmsprop":
		in.args[0], in.args[2] = flags, positive(1e-6, 1)
		in.consts, in.pick = [][]float32{{0.01, 0.99, 0.01, 1e-8, 0}, {0.01, 0.9, 0.1, 0, 1e-7}, {0.1, 1, 1, 1e-10, 0}}, moderate
	case "rmsprop_all":
		in.args[0], in.args[2], in.args[3], in.args[4] = flags, positive(1e-2, 1), normal(0.05), normal(1)
		in.consts = [][]float32{{0.01, 0.99, 0.01, 1e-8, 0, 0.9, 0}, {0.01, 0.99, 0.01, 1e-6, 0, 0.9, 1}, {0.01, 0.9, 0.1, 0, 1e-3, 0, 1}}
		in.pick = moderate
	case "lion":
		in.args[0], in.args[2] = flags, normal(0.1)
		in.consts = [][]float32{{0.01, 0.999, 0.9, 0.1, 0.99, 0.01}}
	}
	return in
}

// forwardOf is the op whose gradient op is, or nil.
func forwardOf(op *backend.Op) *backend.Op {
	for _, f := range backend.Ops() {
		if f.Grad == op {
			return f
		}
	}
	return nil
}

// follow makes these the inputs of a gradient: of the forward op's parameters, and reading what it made of v.
func (in *opInputs) follow(fwd backend.Fn, v fill) {
	in.v, in.p, in.fwd = normal(2), fwd.P, &fwd
	in.args[0] = forwarded(fwd, v)
}

// forwarded draws what a gradient reads: the forward op's input or its output.
func forwarded(fwd backend.Fn, v fill) fill {
	return func(r *rand.Rand) float32 {
		x := v(r)
		if fwd.Op.Wants == backend.WantX {
			return x
		}
		e := backend.El{V: float64(x), P: fwd.Params()}
		fwd.Op.F(&e)
		return float32(e.V)
	}
}

// moderate leaves out what leaves float32 when it is squared, whatever the moment it belongs to makes of it.
func moderate(x float32) bool { return !(math.Abs(float64(x)) > 1e9) || x != x }

// within keeps edges in a loss' domain, and NaN: of what lies outside nothing is promised but that.
func within(lo, hi float32) func(float32) bool {
	return func(x float32) bool { return !(x < lo || x > hi) }
}

// edgesOf are the edges that the inputs allow.
func (in *opInputs) edgesOf() (x []float32) {
	for _, e := range edges {
		if in.pick == nil || in.pick(e) {
			x = append(x, e)
		}
	}
	return x
}
