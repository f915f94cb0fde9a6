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

	opAMSGrad = &Op{Name: "amsgrad", Args: "rmmmmc", Consts: 8, F: func(e *El) {
		ok, w, m, v, most := e.A[0], &e.A[1], &e.A[2], &e.A[3], &e.A[4]
		step, scale, eps, keep, b1, d1, b2, d2 := e.C[0], e.C[1], e.C[2], e.C[3], e.C[4], e.C[5], e.C[6], e.C[7]
		if ok != 0 {
			g := e.V
			e.SA[2], e.SA[3] = largest(b1**m, d1*g), largest(b2**v, d2*g*g)
			*m = b1**m + d1*g
			*v = b2**v + d2*g*g
			*most = math.Max(*most, *v)
			e.SA[4] = e.SA[3]
			den := math.Sqrt(*most)*scale + eps
			e.SA[1] = largest(keep**w, step*e.SA[2]/den)
			*w = keep**w - step**m/den
		}
	}}
	opNAdam = &Op{Name: "nadam", Args: "rmmmc", Consts: 8, F: func(e *El) {
		ok, w, m, v := e.A[0], &e.A[1], &e.A[2], &e.A[3]
		now, next, scale, eps, b1, d1, b2, d2 := e.C[0], e.C[1], e.C[2], e.C[3], e.C[4], e.C[5], e.C[6], e.C[7]
		if ok != 0 {
			g := e.V
			e.SA[2], e.SA[3] = largest(b1**m, d1*g), largest(b2**v, d2*g*g)
			*m = b1**m + d1*g
			*v = b2**v + d2*g*g
			den := math.Sqrt(*v)*scale + eps
			e.SA[1] = largest(*w, now*g/den, next*e.SA[2]/den)
			*w -= (now*g + next**m) / den
		}
	}}
	opRMSprop = &Op{Name: "rmsprop", Args: "rmmc", Consts: 5, F: func(e *El) {
		ok, w, v := e.A[0], &e.A[1], &e.A[2]
		lr, alpha, d, eps, inside := e.C[0], e.C[1], e.C[2], e.C[3], e.C[4]
		if ok != 0 {
			g := e.V
			e.SA[2] = largest(alpha**v, d*g*g)
			*v = alpha**v + d*g*g
			den := math.Sqrt(*v+inside) + eps
			e.SA[1] = largest(*w, lr*g/den)
			*w -= lr * g / den
		}
	}}
	opRMSpropAll = &Op{Name: "rmsprop_all", Args: "rmmmmc", Consts: 7, F: func(e *El) {
		ok, w, v, mean, buf := e.A[0], &e.A[1], &e.A[2], &e.A[3], &e.A[4]
		lr, alpha, d, eps, inside, mu, centered := e.C[0], e.C[1], e.C[2], e.C[3], e.C[4], e.C[5], e.C[6]
		if ok != 0 {
			g := e.V
			e.SA[2], e.SA[3] = largest(alpha**v, d*g*g), largest(alpha**mean, d*g)
			*v = alpha**v + d*g*g
			*mean = alpha**mean + d*g
			spread := *v
			if centered != 0 {
				spread = math.Max(spread-*mean**mean, 0)
			}
			den := math.Sqrt(spread+inside) + eps
			// The difference of two numbers close to each other may be off by a part of the larger one.
			slack := 1.0
			if centered != 0 {
				slack = math.Max(1, *v/(spread+inside+eps*eps))
			}
			e.SA[4] = largest(mu**buf, g/den) * slack
			*buf = mu**buf + g/den
			e.SA[1] = largest(*w, lr*e.SA[4])
			*w -= lr * *buf
		}
	}}
	opLion = &Op{Name: "lion", Args: "rmmc", Consts: 6, F: func(e *El) {
		ok, w, m := e.A[0], &e.A[1], &e.A[2]
		lr, keep, b1, d1, b2, d2 := e.C[0], e.C[1], e.C[2], e.C[3], e.C[4], e.C[5]
		if ok != 0 {
			g := e.V
			c := b1**m + d1*g
			e.SA[1], e.SA[2] = largest(keep**w, lr), largest(b2**m, d2*g)
			*m = b2**m + d2*g
			switch {
			case c > 0:
				*w = keep**w - lr
			case c < 0:
				*w = keep**w + lr
			default:
				*w = keep**w - lr*c // 0, or NaN
			}
		}
	}}

	optimizerOps = []*Op{opSGD, opMomentum, opAdam, opAMSGrad, opNAdam, opRMSprop, opRMSpropAll, opLion}
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

// AMSGrad is Adam that divides by the largest s so far, most (Reddi, Kale and Kumar, 2018), with Adam's row of constants.
func AMSGrad(ok, w, m, s, most, consts Tensor) Fn { return fn(opAMSGrad, ok, w, m, s, most, consts) }

// NAdam is m ← β₁m + (1−β₁)v, s ← β₂s + (1−β₂)v², w ← w − (now·v + next·m)/(√s·scale + ε) where ok is not 0 (Dozat,
// 2016). The row of constants is now, next, scale = 1/√(1−β₂ᵗ), ε, β₁, 1−β₁, β₂, 1−β₂.
func NAdam(ok, w, m, s, consts Tensor) Fn { return fn(opNAdam, ok, w, m, s, consts) }

// RMSprop is s ← α·s + d·v², w ← w − lr·v/(√(s + inside) + ε) where ok is not 0 (Tieleman and Hinton, 2012). The row of
// constants is lr, α, d, ε, inside; with α = d = 1 it is Adagrad (Duchi, Hazan and Singer, 2011).
func RMSprop(ok, w, s, consts Tensor) Fn { return fn(opRMSprop, ok, w, s, consts) }

// RMSpropAll is RMSprop with a momentum, buf ← μ·buf + v/(√(…) + ε), w ← w − lr·buf, and with s − mean² under the root
// where centered is not 0 (Graves, 2013). The row of constants is that of RMSprop, μ, centered.
func RMSpropAll(ok, w, s, mean, buf, consts Tensor) Fn {
	return fn(opRMSpropAll, ok, w, s, mean, buf, consts)
}

// Lion is w ← keep·w − lr·sign(β₁m + (1−β₁)v), m ← β₂m + (1−β₂)v where ok is not 0 (Chen et al., 2023). The row of
// constants is lr, keep, β₁, 1−β₁, β₂, 1−β₂.
func Lion(ok, w, m, consts Tensor) Fn { return fn(opLion, ok, w, m, consts) }
