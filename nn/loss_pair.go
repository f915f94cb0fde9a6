package nn

import (
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// pairLoss is a mean of l(y, t), l a loss that is no function of an error or a margin alone.
type pairLoss struct {
	name    string
	err     error
	targets func(outputs int) (Targets, error) // nil: a value for each output
	terms   func(cols int) int                 // of the mean, a row; nil: all columns
	logits  bool                               // each output is one
	// loss is the chain's ops after y; grad is what makes dy of the factor in scale.
	loss func(p *Plan, t Target) (loss backend.Fn, grad func(scale, y backend.Tensor) backend.Chain)
}

func (l pairLoss) String() string { return l.name }
func (l pairLoss) Check() error   { return l.err }

func (l pairLoss) Targets(outputs int) (Targets, error) {
	if l.targets != nil {
		return l.targets(outputs)
	}
	return oneEach(outputs)
}

// Build: dy = ∂l/∂y·w·scale, from y again.
func (l pairLoss) Build(p *Plan, y Value, t Target) Value {
	terms := y.Cols
	if l.terms != nil {
		terms = l.terms(terms)
	}
	dy, scale := p.lossGrad(y, t), p.Mean(t, t.Weights, terms)
	loss, grad := l.loss(p, t)
	p.total(y, t, scale, t.Weights, backend.Chain{backend.Load(y.Tensor), loss})
	return p.back(dy, weighed(grad(scale, y.Tensor), t.Weights))
}

// paired is a loss and its gradient by rows of the op table.
func paired(l backend.PairLoss) (backend.Fn, func(scale, y backend.Tensor) backend.Chain) {
	return l.Loss, func(scale, y backend.Tensor) backend.Chain { return backend.Chain{backend.Load(scale), l.Grad(y)} }
}

// BCEWithLogits is the mean of binary cross-entropy between sigmoid(y) and t in [0, 1]: with p = sigmoid(y),
// −(w₊·t·log p + (1−t)·log(1−p)), computed from the logit so that nothing overflows. w₊ is 1, or posWeight, one for
// all outputs or one for each: PyTorch's BCEWithLogitsLoss and its pos_weight.
func BCEWithLogits(posWeight ...float64) Loss {
	l := pairLoss{name: "BCEWithLogits", logits: true}
	if len(posWeight) == 0 {
		posWeight = []float64{1}
	} else {
		l.name = fmt.Sprintf("BCEWithLogits%v", posWeight)
	}
	for _, w := range posWeight {
		l.err = firstError(l.err, nonNegative("positive weight", w))
	}
	l.targets = func(outputs int) (Targets, error) {
		if n := len(posWeight); n != 1 && n != outputs {
			return Targets{}, fmt.Errorf("%d positive weights for %d outputs", n, outputs)
		}
		return oneEach(outputs)
	}
	l.loss = func(p *Plan, t Target) (backend.Fn, func(scale, y backend.Tensor) backend.Chain) {
		return paired(backend.BCE(t.Values, p.constants(posWeight...)))
	}
	return l
}

// Focal is the mean of binary cross-entropy of logits times α·(1−p)^γ, p the probability of the right answer and 1−α
// in place of α for negatives, so that examples that are easy already weigh less; the paper's best are α 0.25 and
// γ 2. A negative alpha weighs both classes the same (Lin, Goyal, Girshick, He and Dollár, 2017).
func Focal(alpha, gamma float64) Loss {
	l := pairLoss{name: fmt.Sprintf("Focal(%v, %v)", alpha, gamma), err: nonNegative("gamma", gamma), logits: true}
	if !(alpha <= 1) || math.IsInf(alpha, -1) {
		l.err = fmt.Errorf("alpha %v: 0 to 1, or negative for none", alpha)
	}
	l.loss = func(_ *Plan, t Target) (backend.Fn, func(scale, y backend.Tensor) backend.Chain) {
		return paired(backend.Focal(t.Values, float32(alpha), float32(gamma)))
	}
	return l
}

// PoissonNLL is the mean of eʸ − t·y: the negative log-likelihood of counts t with rate eʸ, without the term log t! that
// does not depend on y. PyTorch's PoissonNLLLoss with log_input.
func PoissonNLL() *PoissonNLLLoss { return &PoissonNLLLoss{Epsilon: 1e-8} }

// PoissonNLLLoss has PyTorch's settings.
type PoissonNLLLoss struct {
	Rate    bool    // y is the rate itself, not its logarithm: the loss is y − t·log(y + Epsilon)
	Full    bool    // with Stirling's approximation t·log t − t + ½·log(2πt) of log t! where t > 1
	Epsilon float64 // with Rate; 1e-8
}

func (l *PoissonNLLLoss) String() string { return "PoissonNLL" }

func (l *PoissonNLLLoss) Check() error { return positive("epsilon", l.Epsilon) }

func (l *PoissonNLLLoss) Targets(outputs int) (Targets, error) { return oneEach(outputs) }

func (l *PoissonNLLLoss) Build(p *Plan, y Value, t Target) Value {
	f := backend.Poisson(t.Values, l.Full)
	if l.Rate {
		f = backend.PoissonRate(t.Values, l.Full, float32(l.Epsilon))
	}
	return pairLoss{loss: func(*Plan, Target) (backend.Fn, func(scale, y backend.Tensor) backend.Chain) { return paired(f) }}.Build(p, y, t)
}

// KLDiv is Kullback and Leibler's divergence of probabilities t from the model's, y being the logarithms of those as
// [LogSoftmax] gives them: Σ t·(log t − y), divided by the number of rows, as PyTorch's KLDivLoss with
// reduction='batchmean', which is what the mathematics wants; PyTorch's default divides by the columns too.
func KLDiv() *KLDivLoss { return &KLDivLoss{} }

// KLDivLoss has PyTorch's settings.
type KLDivLoss struct {
	LogTarget bool // t holds logarithms of probabilities
	Mean      bool // divide by the number of columns too: PyTorch's reduction='mean'
}

func (l *KLDivLoss) String() string                       { return "KLDiv" }
func (l *KLDivLoss) Check() error                         { return nil }
func (l *KLDivLoss) Targets(outputs int) (Targets, error) { return oneEach(outputs) }

// Build: dy = −t·w·scale.
func (l *KLDivLoss) Build(p *Plan, y Value, t Target) Value {
	return pairLoss{
		terms: func(cols int) int {
			if l.Mean {
				return cols
			}
			return 1
		},
		loss: func(*Plan, Target) (backend.Fn, func(scale, y backend.Tensor) backend.Chain) {
			f, target := backend.KL(t.Values), backend.Chain{backend.Load(t.Values)}
			if l.LogTarget {
				f, target = backend.KLLog(t.Values), target.Then(backend.Exp())
			}
			return f, func(scale, _ backend.Tensor) backend.Chain {
				return target.Then(backend.Mul(scale), backend.Affine(-1, 0))
			}
		},
	}.Build(p, y, t)
}

// Quantile is the mean of max(q·(t−y), (q−1)·(t−y)), one output for each of the quantiles, all of them of the one value t:
// the pinball loss (Koenker and Bassett, 1978).
func Quantile(quantiles ...float64) Loss {
	l := pairLoss{name: fmt.Sprintf("Quantile%v", quantiles)}
	if len(quantiles) == 0 {
		l.err = errors.New("no quantiles")
	}
	for _, q := range quantiles {
		if !(q > 0 && q < 1) {
			l.err = firstError(l.err, fmt.Errorf("quantile %v: 0 < q < 1 is needed", q))
		}
	}
	l.targets = func(outputs int) (Targets, error) {
		if outputs != len(quantiles) {
			return Targets{}, fmt.Errorf("%d quantiles for %d outputs", len(quantiles), outputs)
		}
		return Targets{Values: 1}, nil
	}
	l.loss = func(p *Plan, t Target) (backend.Fn, func(scale, y backend.Tensor) backend.Chain) {
		return paired(backend.Pinball(t.Values, p.constants(quantiles...)))
	}
	return l
}

// GaussianNLL is the mean of ½·(log v + (m − t)²/v) over the values: the negative log-likelihood of t under a normal
// distribution whose mean m is in the first half of the outputs and whose variance v in the second, 1e-6 at least, with
// a gradient that does not see that bound. PyTorch's GaussianNLLLoss (Nix and Weigend, 1994). The variance has to come from
// a layer that is not negative, as [Softplus].
func GaussianNLL() *GaussianNLLLoss { return &GaussianNLLLoss{Epsilon: 1e-6} }

// GaussianNLLLoss has PyTorch's settings.
type GaussianNLLLoss struct {
	Full    bool    // with the constant ½·log 2π
	Epsilon float64 // the least variance, 1e-6
}

func (l *GaussianNLLLoss) String() string { return "GaussianNLL" }
func (l *GaussianNLLLoss) Check() error   { return positive("epsilon", l.Epsilon) }

func (l *GaussianNLLLoss) Targets(outputs int) (Targets, error) {
	if outputs%2 != 0 {
		return Targets{}, fmt.Errorf("%d outputs are no means and as many variances", outputs)
	}
	return Targets{Values: outputs / 2}, nil
}

// Build: dm = (m − t)/v·w·scale, dv = ½·(1 − (m − t)²/v)/v·w·scale.
func (l *GaussianNLLLoss) Build(p *Plan, y Value, t Target) Value {
	n := y.Cols / 2
	mean, variance := y.Columns(0, n), y.Columns(n, 2*n)
	constant := 0.0
	if l.Full {
		constant = 0.5 * math.Log(2*math.Pi)
	}
	f := backend.Gauss(t.Values, variance, float32(l.Epsilon), float32(constant))
	dy, scale := p.lossGrad(y, t), p.Mean(t, t.Weights, n)
	p.total(Value{Tensor: mean}, t, scale, t.Weights, backend.Chain{backend.Load(mean), f.Loss})
	if !dy.Present() {
		return dy
	}
	for half, grad := range []backend.Fn{f.Grad(mean), backend.GaussVariance(mean, t.Values, variance, float32(l.Epsilon))} {
		p.Add(&backend.Each{Dst: dy.Columns(half*n, (half+1)*n), Do: weighed(backend.Chain{backend.Load(scale), grad}, t.Weights)})
	}
	return dy
}
