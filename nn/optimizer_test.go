package nn

import (
	"math"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
)

func TestOptimizerMisuse(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	sgd := func(set func(o *SGDOptimizer)) Optimizer { o := SGD(0.1); set(o); return o }
	adam := func(set func(o *AdamOptimizer)) Optimizer { o := AdamW(0.1); set(o); return o }
	rms := func(set func(o *RMSpropOptimizer)) Optimizer { o := RMSprop(0.1); set(o); return o }
	ada := func(set func(o *AdagradOptimizer)) Optimizer { o := Adagrad(0.1); set(o); return o }
	nad := func(set func(o *NAdamOptimizer)) Optimizer { o := NAdam(0.1); set(o); return o }
	rad := func(set func(o *RAdamOptimizer)) Optimizer { o := RAdam(0.1); set(o); return o }
	lion := func(set func(o *LionOptimizer)) Optimizer { o := Lion(0.1); set(o); return o }
	for _, c := range []struct {
		want string
		opt  Optimizer
	}{
		{"SGD: learning rate -1", SGD(-1)},
		{"SGD: learning rate NaN", SGD(nan)},
		{"SGD: momentum 1", sgd(func(o *SGDOptimizer) { o.Momentum = 1 })},
		{"SGD: weight decay -0.1", sgd(func(o *SGDOptimizer) { o.WeightDecay = -0.1 })},
		{"SGD: dampening 2", sgd(func(o *SGDOptimizer) { o.Momentum, o.Dampening = 0.9, 2 })},
		{"SGD: dampening 0.1 of a momentum of 0", sgd(func(o *SGDOptimizer) { o.Dampening = 0.1 })},
		{"SGD: a momentum and no dampening is what Nesterov needs", sgd(func(o *SGDOptimizer) { o.Nesterov = true })},
		{"SGD: a momentum and no dampening", sgd(func(o *SGDOptimizer) { o.Momentum, o.Dampening, o.Nesterov = 0.9, 0.1, true })},
		{"Adam: learning rate +Inf", Adam(inf)},
		{"AdamW: beta1 1", adam(func(o *AdamOptimizer) { o.Beta1 = 1 })},
		{"AdamW: beta2 -0.5", adam(func(o *AdamOptimizer) { o.Beta2 = -0.5 })},
		{"AdamW: epsilon 0", adam(func(o *AdamOptimizer) { o.Epsilon = 0 })},
		{"AdamW: weight decay NaN", adam(func(o *AdamOptimizer) { o.WeightDecay = nan })},
		{"AdamW: learning rate 0.1 times weight decay 11 is above 1", adam(func(o *AdamOptimizer) { o.WeightDecay = 11 })},
		{"NAdam: momentum decay -1", nad(func(o *NAdamOptimizer) { o.MomentumDecay = -1 })},
		{"NAdam: beta1 NaN", nad(func(o *NAdamOptimizer) { o.Beta1 = nan })},
		{"RAdam: epsilon -1", rad(func(o *RAdamOptimizer) { o.Epsilon = -1 })},
		{"RMSprop: alpha 1", rms(func(o *RMSpropOptimizer) { o.Alpha = 1 })},
		{"RMSprop: momentum -0.1", rms(func(o *RMSpropOptimizer) { o.Momentum = -0.1 })},
		{"RMSprop: epsilon 0", rms(func(o *RMSpropOptimizer) { o.Epsilon = 0 })},
		{"Adagrad: learning rate decay -1", ada(func(o *AdagradOptimizer) { o.LRDecay = -1 })},
		{"Adagrad: initial value -1", ada(func(o *AdagradOptimizer) { o.Initial = -1 })},
		{"Adagrad: epsilon NaN", ada(func(o *AdagradOptimizer) { o.Epsilon = nan })},
		{"Lion: beta2 1", lion(func(o *LionOptimizer) { o.Beta2 = 1 })},
		{"Lion: learning rate 0.1 times weight decay 20 is above 1", lion(func(o *LionOptimizer) { o.WeightDecay = 20 })},
	} {
		m, err := New(ref.Open(), 1, Linear(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewState(m, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v; want %q", err, c.want)
		}
	}
}

// TestRowsArePure: a row is the same whatever was asked before, so that training resumes exactly.
func TestRowsArePure(t *testing.T) {
	for name, opt := range goldenOptimizers() {
		var first, again, later [8]float32
		for _, step := range []int64{0, 1, 6, 1000, 10_000_000} {
			if err := opt.Row(step, first[:]); err != nil {
				t.Fatal(err)
			}
			opt.Row(step+7, later[:])
			opt.Row(step, again[:])
			if first != again {
				t.Errorf("%s, step %d: %v, then %v", name, step, first, again)
			}
			for i, x := range first[:opt.Consts()] {
				if !finite(float64(x)) {
					t.Errorf("%s, step %d: constant %d is %v", name, step, i, x)
				}
			}
		}
	}
}
