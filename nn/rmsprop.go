package nn

import "github.com/gloss-ml/gloss/backend"

// RMSpropOptimizer is RMSprop as PyTorch computes it: v ← α·v + (1−α)·g², w ← w − lr·g/(√v + ε) (Tieleman and Hinton,
// 2012). WeightDecay is L2.
type RMSpropOptimizer struct {
	OptimizerCommon
	Alpha    float64 // Keras' rho
	Epsilon  float64
	Momentum float64 // 0 ≤ μ < 1: buf ← μ·buf + g/(√v + ε), w ← w − lr·buf
	Centered bool    // the variance v − mean² in place of v (Graves, 2013)
	// EpsilonInside adds ε to v under the root, as Keras does.
	EpsilonInside bool
}

// RMSprop has PyTorch's defaults, α 0.99, ε 1e-8, and its learning rate is 0.01 there; Keras has ρ 0.9, ε 1e-7 and 0.001.
func RMSprop(lr float64) *RMSpropOptimizer {
	return &RMSpropOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}, Alpha: 0.99, Epsilon: 1e-8}
}

func (o *RMSpropOptimizer) String() string { return "RMSprop" }

func (o *RMSpropOptimizer) Check() error {
	return firstError(o.check(), fraction("alpha", o.Alpha), positive("epsilon", o.Epsilon), fraction("momentum", o.Momentum))
}

// simple tells the form with one state vector from the one that has all.
func (o *RMSpropOptimizer) simple() bool { return o.Momentum == 0 && !o.Centered }

func (o *RMSpropOptimizer) Slots() int {
	if o.simple() {
		return 1
	}
	return 3
}

func (o *RMSpropOptimizer) Consts() int {
	if o.simple() {
		return 5
	}
	return 7
}

func (o *RMSpropOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	outside, inside := o.Epsilon, 0.0
	if o.EpsilonInside {
		outside, inside = inside, outside
	}
	centered := 0.0
	if o.Centered {
		centered = 1
	}
	fill(row, lr, o.Alpha, 1-o.Alpha, outside, inside, o.Momentum, centered)
	return err
}

func (o *RMSpropOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	c := o.decayed(g, w)
	if o.simple() {
		return c.Then(backend.RMSprop(ok, w, slots[0], consts))
	}
	return c.Then(backend.RMSpropAll(ok, w, slots[0], slots[1], slots[2], consts))
}

// AdagradOptimizer is Adagrad as PyTorch computes it: v ← v + g², w ← w − lr/(1 + (t−1)·LRDecay)·g/(√v + ε) (Duchi,
// Hazan and Singer, 2011). WeightDecay is L2.
type AdagradOptimizer struct {
	OptimizerCommon
	LRDecay float64
	Initial float64 // that v starts from; Keras has 0.1
	Epsilon float64
	// EpsilonInside adds ε to v under the root, as Keras does.
	EpsilonInside bool
}

// Adagrad has PyTorch's defaults, no decay of the rate, v from 0, ε 1e-10, and its learning rate is 0.01 there.
func Adagrad(lr float64) *AdagradOptimizer {
	return &AdagradOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}, Epsilon: 1e-10}
}

func (o *AdagradOptimizer) String() string { return "Adagrad" }

func (o *AdagradOptimizer) Check() error {
	return firstError(o.check(), nonNegative("learning rate decay", o.LRDecay), nonNegative("initial value", o.Initial), positive("epsilon", o.Epsilon))
}

func (o *AdagradOptimizer) Slots() int  { return 1 }
func (o *AdagradOptimizer) Consts() int { return 5 }

func (o *AdagradOptimizer) start(int) float64 { return o.Initial }

func (o *AdagradOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	outside, inside := o.Epsilon, 0.0
	if o.EpsilonInside {
		outside, inside = inside, outside
	}
	fill(row, lr/(1+float64(step)*o.LRDecay), 1, 1, outside, inside)
	return err
}

func (o *AdagradOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	return o.decayed(g, w).Then(backend.RMSprop(ok, w, slots[0], consts))
}
