package backend

import "math"

// Optimizers take the gradient as V and write the parameter and its state in one pass. ok is a 1×1 flag: where it is
// 0 nothing changes, so that a step with a gradient that is not finite leaves the model as it was. The constants are
// pure functions of the step, computed on the host.
var (
	opSGD = &Op{Name: "sgd", Args: "rmc", Consts: 2, F: func(e *El) {
		ok, w := e.A[0], &e.A[1]
		lr, keep := e.C[0], e.C[1]
		if ok != 0 {
			e.SA[1] = largest(keep**w, lr*e.V)
			*w = keep**w - lr*e.V
		}
	}}
	opMomentum = &Op{Name: "momentum", Args: "rmmc", Consts: 5, F: func(e *El) {
		ok, w, buf := e.A[0], &e.A[1], &e.A[2]
		lr, keep, mu, tau, nesterov := e.C[0], e.C[1], e.C[2], e.C[3], e.C[4]
		if ok != 0 {
			g := e.V
			e.SA[2] = largest(mu**buf, tau*g)
			*buf = mu**buf + tau*g
			d := *buf
			if nesterov != 0 {
				d = g + mu**buf
			}
			e.SA[1] = largest(keep**w, lr*g, lr*e.SA[2], lr*mu*e.SA[2])
			*w = keep**w - lr*d
		}
	}}
	opAdam = &Op{Name: "adam", Args: "rmmmc", Consts: 8, F: func(e *El) {
		ok, w, m, v := e.A[0], &e.A[1], &e.A[2], &e.A[3]
		step, scale, eps, keep, b1, d1, b2, d2 := e.C[0], e.C[1], e.C[2], e.C[3], e.C[4], e.C[5], e.C[6], e.C[7]
		if ok != 0 {
			g := e.V
			e.SA[2], e.SA[3] = largest(b1**m, d1*g), largest(b2**v, d2*g*g)
			*m = b1**m + d1*g
			*v = b2**v + d2*g*g
			den := math.Sqrt(*v)*scale + eps
			e.SA[1] = largest(keep**w, step*e.SA[2]/den)
			*w = keep**w - step**m/den
		}
	}}

	optimizerOps = []*Op{opSGD, opMomentum, opAdam}
)

// SGD is w ← keep·w − lr·v where ok is not 0. The row of constants is lr, keep (1 − lr·decay for decoupled decay).
func SGD(ok, w, consts Tensor) Fn { return fn(opSGD, ok, w, consts) }

// Momentum is buf ← mu·buf + tau·v, w ← keep·w − lr·buf where ok is not 0, PyTorch's form: the rate is outside the
// buffer. The row of constants is lr, keep, mu, tau, nesterov; nesterov ≠ 0 steps by v + mu·buf instead of buf. At the
// first step, where buf is 0, tau is 1; mu is what it always is, for Nesterov's look ahead needs it.
func Momentum(ok, w, buf, consts Tensor) Fn { return fn(opMomentum, ok, w, buf, consts) }

// Adam is m ← β₁m + (1−β₁)v, s ← β₂s + (1−β₂)v², w ← keep·w − step·m/(√s·scale + ε) where ok is not 0 (Kingma and
// Ba, 2015; Loshchilov and Hutter, 2019, for keep). The row of constants is step = lr/(1−β₁ᵗ), scale = 1/√(1−β₂ᵗ), ε,
// keep = 1 − lr·decay, β₁, 1−β₁, β₂, 1−β₂: PyTorch's place for ε. With step = lr·√(1−β₂ᵗ)/(1−β₁ᵗ) and scale = 1 it is
// Keras' and scikit-learn's.
func Adam(ok, w, m, s, consts Tensor) Fn { return fn(opAdam, ok, w, m, s, consts) }
