package nn

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// AdamOptimizer is Adam as PyTorch computes it: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g²,
// w ← w − lr/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + ε) (Kingma and Ba, 2015). WeightDecay is L2, added to the gradient, unless Decoupled
// is set.
type AdamOptimizer struct {
	OptimizerCommon
	Beta1, Beta2     float64
	Epsilon          float64
	MomentumSchedule Schedule // the factor on Beta1 at each step, as OneCycleSchedule.Momentum; nil stands for 1
	Decoupled        bool     // WeightDecay shrinks w by lr·WeightDecay beside the step (Loshchilov and Hutter, 2019)
	AMSGrad          bool     // divide by the largest v so far (Reddi, Kale and Kumar, 2018)
	// EpsilonHat adds ε to √v before the bias of v is corrected, as Keras and scikit-learn do: ε̂ in the paper's section 2.
	EpsilonHat bool
}

// Adam has PyTorch's defaults, β₁ 0.9, β₂ 0.999, ε 1e-8; Keras' ε is 1e-7. Set the fields of the result for others.
func Adam(lr float64) *AdamOptimizer {
	return &AdamOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
}

// AdamW is Adam with decoupled weight decay, by default 0.01 as PyTorch's; Keras' is 0.004 (Loshchilov and Hutter, 2019).
func AdamW(lr float64) *AdamOptimizer {
	o := Adam(lr)
	o.Decoupled, o.WeightDecay = true, 0.01
	return o
}

func (o *AdamOptimizer) String() string {
	if o.Decoupled {
		return "AdamW"
	}
	return "Adam"
}

func (o *AdamOptimizer) Check() error {
	_, err := o.kept(o.LR)
	return firstError(o.check(), checkBetas(o.Beta1, o.Beta2, o.Epsilon), checkSchedule("momentum schedule", o.MomentumSchedule),
		nonNegative("first step's rate, lr/(1−beta1),", o.LR/(1-o.Beta1)), err)
}

// kept is what a step leaves of the weights beside its own.
func (o *AdamOptimizer) kept(lr float64) (float64, error) {
	if !o.Decoupled {
		return 1, nil
	}
	return o.keep(lr)
}

func checkBetas(beta1, beta2, epsilon float64) error {
	return firstError(fraction("beta1", beta1), fraction("beta2", beta2), positive("epsilon", epsilon))
}

func (o *AdamOptimizer) Slots() int {
	if o.AMSGrad {
		return 3
	}
	return 2
}

func (o *AdamOptimizer) Consts() int { return 8 }

func (o *AdamOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	beta1, err2 := scheduled("beta1", o.Beta1, o.MomentumSchedule, step, fraction)
	keep, err3 := o.kept(lr)
	t := float64(step + 1)
	rate, scale := lr/(1-math.Pow(beta1, t)), 1/math.Sqrt(1-math.Pow(o.Beta2, t))
	if o.EpsilonHat {
		rate, scale = rate/scale, 1
	}
	fill(row, rate, scale, o.Epsilon, keep, beta1, 1-beta1, o.Beta2, 1-o.Beta2)
	return firstError(err, err2, err3)
}

func (o *AdamOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	c := backend.Chain{backend.Load(g)}
	if !o.Decoupled {
		c = o.decayed(g, w)
	}
	if o.AMSGrad {
		return c.Then(backend.AMSGrad(ok, w, slots[0], slots[1], slots[2], consts))
	}
	return c.Then(backend.Adam(ok, w, slots[0], slots[1], consts))
}

// NAdamOptimizer is Adam with Nesterov's look ahead as PyTorch computes it: with μₜ = β₁·(1 − ½·0.96^(t·MomentumDecay)),
// w ← w − lr·((1−μₜ)/(1−Πμᵢ)·g + μₜ₊₁/(1−Πμᵢ·μₜ₊₁)·m)/(√v/√(1−β₂ᵗ) + ε) (Dozat, 2016). WeightDecay is L2.
type NAdamOptimizer struct {
	OptimizerCommon
	Beta1, Beta2  float64
	Epsilon       float64
	MomentumDecay float64
}

// NAdam has PyTorch's defaults, β₁ 0.9, β₂ 0.999, ε 1e-8, momentum decay 0.004; its learning rate is 2e-3 there.
func NAdam(lr float64) *NAdamOptimizer {
	return &NAdamOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, MomentumDecay: 4e-3}
}

func (o *NAdamOptimizer) String() string { return "NAdam" }

func (o *NAdamOptimizer) Check() error {
	return firstError(o.check(), checkBetas(o.Beta1, o.Beta2, o.Epsilon), nonNegative("momentum decay", o.MomentumDecay))
}

func (o *NAdamOptimizer) Slots() int  { return 2 }
func (o *NAdamOptimizer) Consts() int { return 8 }

func (o *NAdamOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	mu, next, product := o.momenta(step + 1)
	scale := 1 / math.Sqrt(1-math.Pow(o.Beta2, float64(step+1)))
	fill(row, lr*(1-mu)/(1-product), lr*next/(1-product*next), scale, o.Epsilon, o.Beta1, 1-o.Beta1, o.Beta2, 1-o.Beta2)
	return err
}

// momenta are μₜ, μₜ₊₁ and μ₁·…·μₜ. The product falls faster than β₁ᵗ and is followed until it changes nothing in 1−Π.
func (o *NAdamOptimizer) momenta(t int64) (mu, next, product float64) {
	at := func(i int64) float64 { return o.Beta1 * (1 - 0.5*math.Pow(0.96, float64(i)*o.MomentumDecay)) }
	product = 1
	for i := int64(1); i <= t && product > 1e-20; i++ {
		product *= at(i)
	}
	return at(t), at(t + 1), product
}

func (o *NAdamOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	return o.decayed(g, w).Then(backend.NAdam(ok, w, slots[0], slots[1], consts))
}

// RAdamOptimizer is Adam whose first steps, while too little is known of v, are those of momentum, and whose later ones
// are rectified, as PyTorch computes it: with ρ∞ = 2/(1−β₂) − 1 and ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ), where ρₜ > 5,
// w ← w − lr·r/(1−β₁ᵗ)·m·√(1−β₂ᵗ)/(√v + ε) with r = √((ρₜ−4)(ρₜ−2)ρ∞/((ρ∞−4)(ρ∞−2)ρₜ)), else w ← w − lr/(1−β₁ᵗ)·m
// (Liu et al., 2020). WeightDecay is L2.
type RAdamOptimizer struct {
	OptimizerCommon
	Beta1, Beta2 float64
	Epsilon      float64
}

// RAdam has PyTorch's defaults, β₁ 0.9, β₂ 0.999, ε 1e-8.
func RAdam(lr float64) *RAdamOptimizer {
	return &RAdamOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
}

func (o *RAdamOptimizer) String() string { return "RAdam" }

func (o *RAdamOptimizer) Check() error {
	return firstError(o.check(), checkBetas(o.Beta1, o.Beta2, o.Epsilon))
}

func (o *RAdamOptimizer) Slots() int  { return 2 }
func (o *RAdamOptimizer) Consts() int { return 8 }

// Row makes Adam's update either rectified, or, with √v times 0 plus 1 below the line, a momentum's.
func (o *RAdamOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	t := float64(step + 1)
	power := math.Pow(o.Beta2, t)
	rate, scale, eps := lr/(1-math.Pow(o.Beta1, t)), 0.0, 1.0
	most := 2/(1-o.Beta2) - 1
	if rho := most - 2*t*power/(1-power); rho > 5 {
		rate *= math.Sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho) * (1 - power))
		scale, eps = 1, o.Epsilon
	}
	fill(row, rate, scale, eps, 1, o.Beta1, 1-o.Beta1, o.Beta2, 1-o.Beta2)
	return err
}

func (o *RAdamOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	return o.decayed(g, w).Then(backend.Adam(ok, w, slots[0], slots[1], consts))
}
