package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// MSE is the mean of (y − t)² over all rows and columns: PyTorch's MSELoss.
func MSE() Loss { return errorLoss{name: "MSE", f: backend.Square()} }

// MAE is the mean of |y − t|: PyTorch's L1Loss, with gradient 0 where y = t.
func MAE() Loss { return errorLoss{name: "MAE", f: backend.Abs()} }

// Huber is the mean of ½d² where |d| = |y − t| ≤ delta and of delta·(|d| − ½delta) elsewhere: PyTorch's HuberLoss, whose
// default delta is 1 (Huber, 1964).
func Huber(delta float64) Loss {
	return errorLoss{name: fmt.Sprintf("Huber(%v)", delta), f: backend.Huber(float32(delta), 1), err: positive("delta", delta)}
}

// SmoothL1 is Huber(beta)/beta: ½d²/beta where |d| = |y − t| < beta and |d| − ½beta elsewhere; with beta 0 it is MAE. PyTorch's
// SmoothL1Loss, whose default beta is 1 (Girshick, 2015).
func SmoothL1(beta float64) Loss {
	l := errorLoss{name: fmt.Sprintf("SmoothL1(%v)", beta), f: backend.Abs(), err: nonNegative("beta", beta)}
	if beta != 0 {
		l.f, l.err = backend.Huber(float32(beta), float32(1/beta)), firstError(positive("beta", beta), positive("1/beta", 1/beta))
	}
	return l
}

// LogCosh is the mean of log cosh(y − t): Keras' LogCosh.
func LogCosh() Loss { return errorLoss{name: "LogCosh", f: backend.LogCosh()} }

// errorLoss is a mean of f(y − t).
type errorLoss struct {
	name string
	f    backend.Fn
	err  error
}

func (l errorLoss) String() string                       { return l.name }
func (l errorLoss) Check() error                         { return l.err }
func (l errorLoss) Targets(outputs int) (Targets, error) { return oneEach(outputs) }

// Build: dy = f′(y − t)·w·scale; the error is saved on the way to the loss.
func (l errorLoss) Build(p *Plan, y Value, t Target) Value {
	dy, scale := p.lossGrad(y, t), p.Mean(t, t.Weights, y.Cols)
	d := backend.Chain{backend.Load(y.Tensor), backend.Sub(t.Values)}
	if dy.Present() {
		d = d.Then(backend.Keep(dy.Tensor))
	}
	p.total(y, t, scale, t.Weights, d.Then(l.f))
	slope := backend.Chain{backend.Load(scale), backend.Gradient(l.f, dy.Tensor, dy.Tensor)}
	if l.f.Op == backend.Square().Op { // the same by ops that devices are quick at
		slope = backend.Chain{backend.Load(dy.Tensor), backend.Affine(2, 0), backend.Mul(scale)}
	}
	return p.back(dy, weighed(slope, t.Weights))
}

// Hinge is the mean of max(0, 1 − t·y) with t −1 or 1: Keras' Hinge and the loss of scikit-learn's linear
// support-vector machines, with gradient 0 where t·y = 1.
func Hinge() Loss { return hinge{} }

type hinge struct{}

func (hinge) String() string                       { return "Hinge" }
func (hinge) Check() error                         { return nil }
func (hinge) Targets(outputs int) (Targets, error) { return oneEach(outputs) }

// Build: dy = −t·w·scale where the margin 1 − t·y is above 0; the margin is saved on the way to the loss.
func (hinge) Build(p *Plan, y Value, t Target) Value {
	dy, scale := p.lossGrad(y, t), p.Mean(t, t.Weights, y.Cols)
	margin := backend.Chain{backend.Load(y.Tensor), backend.Mul(t.Values), backend.Affine(-1, 1)}
	if dy.Present() {
		margin = margin.Then(backend.Keep(dy.Tensor))
	}
	p.total(y, t, scale, t.Weights, margin.Then(backend.ReLU()))
	slope := backend.Chain{backend.Load(scale), backend.Gradient(backend.ReLU(), dy.Tensor, dy.Tensor), backend.Mul(t.Values), backend.Affine(-1, 0)}
	return p.back(dy, weighed(slope, t.Weights))
}
