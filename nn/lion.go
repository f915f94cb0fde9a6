package nn

import "github.com/gloss-ml/gloss/backend"

// LionOptimizer is w ← (1 − lr·WeightDecay)·w − lr·sign(β₁m + (1−β₁)g), m ← β₂m + (1−β₂)g, sign(0) = 0: steps of one size
// for every weight, and one state vector (Chen et al., 2023). Rates are a third to a tenth of Adam's, decays as many times
// larger.
type LionOptimizer struct {
	OptimizerCommon
	Beta1, Beta2 float64
}

// Lion has the paper's defaults, β₁ 0.9, β₂ 0.99, no decay.
func Lion(lr float64) *LionOptimizer {
	return &LionOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}, Beta1: 0.9, Beta2: 0.99}
}

func (o *LionOptimizer) String() string { return "Lion" }

func (o *LionOptimizer) Check() error {
	_, err := o.keep(o.LR)
	return firstError(o.check(), fraction("beta1", o.Beta1), fraction("beta2", o.Beta2), err)
}

func (o *LionOptimizer) Slots() int  { return 1 }
func (o *LionOptimizer) Consts() int { return 6 }

func (o *LionOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	keep, err2 := o.keep(lr)
	fill(row, lr, keep, o.Beta1, 1-o.Beta1, o.Beta2, 1-o.Beta2)
	return firstError(err, err2)
}

func (o *LionOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	return backend.Chain{backend.Load(g), backend.Lion(ok, w, slots[0], consts)}
}
