package nn

import (
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// SGDOptimizer is stochastic gradient descent as PyTorch's SGD: buf ← μ·buf + (1−Dampening)·g, w ← w − lr·buf, the rate
// standing outside the buffer, which starts with the first gradient; Keras has it inside. WeightDecay is L2: added to the
// gradient before the momentum.
type SGDOptimizer struct {
	OptimizerCommon
	Momentum         float64  // 0 ≤ μ < 1; 0 keeps no buffer
	MomentumSchedule Schedule // the factor on Momentum at each step, as OneCycleSchedule.Momentum; nil stands for 1
	Dampening        float64  // 0 ≤ Dampening ≤ 1, of every gradient but the first
	Nesterov         bool     // step by g + μ·buf (Sutskever, Martens, Dahl and Hinton, 2013)
}

// SGD is plain gradient descent, w ← w − lr·g; set the fields of the result for more.
func SGD(lr float64) *SGDOptimizer { return &SGDOptimizer{OptimizerCommon: OptimizerCommon{LR: lr}} }

func (o *SGDOptimizer) String() string { return "SGD" }

func (o *SGDOptimizer) Check() error {
	err := firstError(o.check(), fraction("momentum", o.Momentum), checkSchedule("momentum schedule", o.MomentumSchedule))
	switch {
	case err != nil:
		return err
	case o.Momentum == 0 && o.MomentumSchedule != nil:
		return fmt.Errorf("momentum schedule %v is a factor on Momentum, which is 0", o.MomentumSchedule)
	case !(o.Dampening >= 0 && o.Dampening <= 1):
		return fmt.Errorf("dampening %v: 0 to 1 is needed", o.Dampening)
	case o.Momentum == 0 && o.Dampening != 0:
		return fmt.Errorf("dampening %v of a momentum of 0", o.Dampening)
	case o.Nesterov && (o.Momentum == 0 || o.Dampening != 0):
		return errors.New("a momentum and no dampening is what Nesterov needs")
	}
	return nil
}

func (o *SGDOptimizer) Slots() int {
	if o.Momentum == 0 {
		return 0
	}
	return 1
}

func (o *SGDOptimizer) Consts() int {
	if o.Momentum == 0 {
		return 2
	}
	return 5
}

func (o *SGDOptimizer) Row(step int64, row []float32) error {
	lr, err := o.Rate(step)
	mu, err2 := scheduled("momentum", o.Momentum, o.MomentumSchedule, step, fraction)
	tau, nesterov := 1-o.Dampening, 0.0
	if step == 0 {
		tau = 1
	}
	if o.Nesterov {
		nesterov = 1
	}
	fill(row, lr, 1, mu, tau, nesterov) // 1: no decoupled decay
	return firstError(err, err2)
}

func (o *SGDOptimizer) Update(g, ok, w backend.Tensor, slots []backend.Tensor, consts backend.Tensor) backend.Chain {
	c := o.decayed(g, w)
	if o.Momentum == 0 {
		return c.Then(backend.SGD(ok, w, consts))
	}
	return c.Then(backend.Momentum(ok, w, slots[0], consts))
}
