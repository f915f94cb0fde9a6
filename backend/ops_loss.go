package backend

import "math"

// Losses of a prediction x against a target t. Those of the error x − t, and of the margin t·x, are functions of one
// number and have a gradient's row as activations do. The others read t beside x; the row of their gradient takes
// V = ds, the factor that comes back, and reads x and then what the loss reads.
var (
	// ½d² up to δ = P[0], from there on δ·(|d| − ½δ); the whole times P[1] (Huber, 1964).
	opHuber = &Op{Name: "huber", Grad: opHuberGrad, Wants: WantX, F: func(e *El) {
		d, delta := math.Abs(e.V), e.P[0]
		if d <= delta {
			e.V = e.P[1] * 0.5 * d * d
			return
		}
		e.S = largest(e.P[1]*delta*d, e.P[1]*delta*delta/2)
		e.V = e.P[1] * delta * (d - 0.5*delta)
	}}
	opHuberGrad = &Op{Name: "huber_grad", Args: "r", F: func(e *El) {
		e.V *= e.P[1] * math.Min(math.Max(e.A[0], -e.P[0]), e.P[0])
	}}

	// log cosh d without overflow: |d| + log(1 + e^(−2|d|)) − log 2.
	opLogCosh = &Op{Name: "log_cosh", Grad: opLogCoshGrad, Wants: WantX, F: func(e *El) {
		d := math.Abs(e.V)
		e.S = largest(d, math.Ln2)
		e.V = d + math.Log1p(math.Exp(-2*d)) - math.Ln2
	}}
	opLogCoshGrad = &Op{Name: "log_cosh_grad", Args: "r", F: func(e *El) { e.V *= math.Tanh(e.A[0]) }}

	// Binary cross-entropy of the logit x: (1−t)·x + (1 + (p−1)·t)·log(1 + e⁻ˣ), p the weight of the positive class.
	opBCE = &Op{Name: "bce", Args: "rr", F: func(e *El) {
		x, t, p := e.V, e.A[0], e.A[1]
		a, b := (1-t)*x, (1+(p-1)*t)*softplus(-x)
		e.S = largest(x, t*x, softplus(-x), p*t*softplus(-x), t*softplus(-x))
		e.V = a + b
	}}
	opBCEGrad = &Op{Name: "bce_grad", Args: "rrr", F: func(e *El) {
		ds, x, t, p := e.V, e.A[0], e.A[1], e.A[2]
		s := 1 / (1 + math.Exp(x))
		e.S = largest(ds, ds*t, ds*s, ds*p*t*s, ds*t*s)
		e.V = ds * ((1 - t) - (1+(p-1)*t)*s)
	}}

	// The same, of examples that are easy already weighing less: a·q^γ times binary cross-entropy, q the probability of
	// the wrong answer, γ = P[1], a = α·t + (1−α)·(1−t) with α = P[0], and 1 where that is negative (Lin et al., 2017).
	opFocal = &Op{Name: "focal", Args: "r", F: func(e *El) {
		x, t := e.V, e.A[0]
		ce := softplus(x) - t*x
		a, power, _ := focalWeight(e.P, x, t)
		e.S = math.Abs(a) * power * largest(softplus(x), t*x)
		e.V = a * power * ce
	}}
	opFocalGrad = &Op{Name: "focal_grad", Args: "rr", F: func(e *El) {
		ds, x, t := e.V, e.A[0], e.A[1]
		ce := softplus(x) - t*x
		a, power, slope := focalWeight(e.P, x, t)
		p := 1 / (1 + math.Exp(-x))
		e.S = math.Abs(ds*a) * power * largest(e.P[1]*slope*softplus(x), e.P[1]*slope*t*x, p, t)
		e.V = ds * a * power * (e.P[1]*slope*ce + p - t)
	}}

	// eˣ − t·x, x the logarithm of the rate; P[0] = 1 adds Stirling's approximation of log t! where t > 1.
	opPoisson = &Op{Name: "poisson", Args: "r", F: func(e *El) {
		x, t := e.V, e.A[0]
		e.S = largest(math.Exp(x), t*x, stirlingScale(e.P[0], t))
		e.V = math.Exp(x) - t*x + stirling(e.P[0], t)
	}}
	opPoissonGrad = &Op{Name: "poisson_grad", Args: "rr", F: func(e *El) {
		ds, x, t := e.V, e.A[0], e.A[1]
		e.S = largest(ds*math.Exp(x), ds*t)
		e.V = ds * (math.Exp(x) - t)
	}}
	// x − t·log(x + P[1]), x the rate itself.
	opPoissonRate = &Op{Name: "poisson_rate", Args: "r", F: func(e *El) {
		x, t := e.V, e.A[0]
		l := math.Log(x + e.P[1])
		e.S = largest(x, t*l, t, stirlingScale(e.P[0], t))
		e.V = x - t*l + stirling(e.P[0], t)
	}}
	opPoissonRateGrad = &Op{Name: "poisson_rate_grad", Args: "rr", F: func(e *El) {
		ds, x, t := e.V, e.A[0], e.A[1]
		e.S = largest(ds, ds*t/(x+e.P[1]))
		e.V = ds * (1 - t/(x+e.P[1]))
	}}

	// t·(log t − x), 0 where t is 0: x is the logarithm of a probability.
	opKL = &Op{Name: "kl", Args: "r", F: func(e *El) {
		x, t := e.V, e.A[0]
		if t <= 0 {
			e.V = 0
			return
		}
		e.S = largest(t*math.Log(t), t*x, t)
		e.V = t * (math.Log(t) - x)
	}}
	// The same with the logarithm of the target: eᵗ·(t − x).
	opKLLog = &Op{Name: "kl_log", Args: "r", F: func(e *El) {
		x, t := e.V, e.A[0]
		e.S = largest(math.Exp(t)*t, math.Exp(t)*x)
		e.V = math.Exp(t) * (t - x)
	}}

	// ½·(log v + (x−t)²/v) + P[1], v the variance, P[0] at least.
	opGauss = &Op{Name: "gauss", Args: "rr", F: func(e *El) {
		d, v := e.V-e.A[0], math.Max(e.A[1], e.P[0])
		big := largest(e.V, e.A[0])
		e.S = largest(math.Log(v), 1, e.P[1], d*big/v)
		e.V = 0.5*(math.Log(v)+d*d/v) + e.P[1]
	}}
	opGaussGrad = &Op{Name: "gauss_grad", Args: "rrr", F: func(e *El) {
		ds, x, t, v := e.V, e.A[0], e.A[1], math.Max(e.A[2], e.P[0])
		e.S = largest(ds*x/v, ds*t/v)
		e.V = ds * (x - t) / v
	}}
	// The gradient of the variance, which PyTorch lets through the bound.
	opGaussVarGrad = &Op{Name: "gauss_var_grad", Args: "rrr", F: func(e *El) {
		ds, x, t, v := e.V, e.A[0], e.A[1], math.Max(e.A[2], e.P[0])
		d := x - t
		e.S = largest(ds/v, ds*d*largest(x, t)/v/v)
		e.V = ds * 0.5 * (1 - d*d/v) / v
	}}

	// q·(t−x) above the prediction, (q−1)·(t−x) below: x is the quantile q (Koenker and Bassett, 1978).
	opPinball = &Op{Name: "pinball", Args: "rr", F: func(e *El) {
		t, q := e.A[0], e.A[1]
		d := t - e.V
		big := largest(t, e.V)
		e.S = largest(q*big, (q-1)*big)
		e.V = math.Max(q*d, (q-1)*d)
	}}
	opPinballGrad = &Op{Name: "pinball_grad", Args: "rrr", F: func(e *El) {
		ds, x, t, q := e.V, e.A[0], e.A[1], e.A[2]
		e.S = largest(ds*q, ds)
		switch {
		case t > x:
			e.V = -ds * q
		case t < x:
			e.V = ds * (1 - q)
		default:
			e.V = ds * (0.5 - q) // half way, as torch.max has it
		}
	}}

	lossOps = []*Op{opHuber, opHuberGrad, opLogCosh, opLogCoshGrad, opBCE, opBCEGrad, opFocal, opFocalGrad, opPoisson, opPoissonGrad,
		opPoissonRate, opPoissonRateGrad, opKL, opKLLog, opGauss, opGaussGrad, opGaussVarGrad, opPinball, opPinballGrad}
)

// focalWeight is a, q^γ, and the derivative of log q.
func focalWeight(p [4]float64, x, t float64) (a, power, slope float64) {
	s, o := 1/(1+math.Exp(-x)), 1/(1+math.Exp(x))
	q := s*(1-t) + o*t
	switch t { // exact where q is too small to divide by
	case 0:
		slope = o
	case 1:
		slope = -s
	default:
		slope = s * o * (1 - 2*t) / q
	}
	a, power = 1, 1
	if p[0] >= 0 {
		a = p[0]*t + (1-p[0])*(1-t)
	}
	if p[1] != 0 {
		power = math.Pow(q, p[1])
	}
	return a, power, slope
}

func stirling(full, t float64) float64 {
	if full == 0 || !(t > 1) {
		return 0
	}
	return t*math.Log(t) - t + 0.5*math.Log(2*math.Pi*t)
}

func stirlingScale(full, t float64) float64 {
	if full == 0 || !(t > 1) {
		return 0
	}
	return largest(t*math.Log(t), t, math.Log(2*math.Pi*t))
}

// Huber is scale·½v² for |v| ≤ delta and scale·delta·(|v| − ½delta) beyond.
func Huber(delta, scale float32) Fn { return fnp(opHuber, [4]float32{delta, scale}) }

// LogCosh is log cosh v.
func LogCosh() Fn { return fn(opLogCosh) }

// A PairLoss is a loss that reads a target beside the prediction: Loss is a chain's op on the prediction, and Grad turns
// the factor that comes back into that of the prediction x.
type PairLoss struct {
	Loss Fn
	Grad func(x Tensor) Fn
}

func pair(loss, grad *Op, p [4]float32, args ...Tensor) PairLoss {
	return PairLoss{fnp(loss, p, args...), func(x Tensor) Fn { return fnp(grad, p, append([]Tensor{x}, args...)...) }}
}

// BCE is binary cross-entropy of logits against t in [0, 1], positive ones weighing pos (1×n or 1×1) as much.
func BCE(t, pos Tensor) PairLoss { return pair(opBCE, opBCEGrad, [4]float32{}, t, pos) }

// Focal is the focal loss of logits against t in [0, 1]; a negative alpha weighs both classes the same.
func Focal(t Tensor, alpha, gamma float32) PairLoss {
	return pair(opFocal, opFocalGrad, [4]float32{alpha, gamma}, t)
}

// Poisson is eᵛ − t·v for a logarithm of a rate; full adds Stirling's approximation of log t!.
func Poisson(t Tensor, full bool) PairLoss {
	return pair(opPoisson, opPoissonGrad, [4]float32{flag(full)}, t)
}

// PoissonRate is v − t·log(v + eps) for a rate.
func PoissonRate(t Tensor, full bool, eps float32) PairLoss {
	return pair(opPoissonRate, opPoissonRateGrad, [4]float32{flag(full), eps}, t)
}

// Pinball is the quantile loss of v as the quantile q (1×n or 1×1) of t.
func Pinball(t, q Tensor) PairLoss { return pair(opPinball, opPinballGrad, [4]float32{}, t, q) }

// Gauss is the negative log-likelihood of t under a normal distribution of mean v and the variance, eps at least;
// constant is added. GaussVariance is the gradient of the variance.
func Gauss(t, variance Tensor, eps, constant float32) PairLoss {
	return pair(opGauss, opGaussGrad, [4]float32{eps, constant}, t, variance)
}

// GaussVariance turns the factor that comes back to [Gauss] into the gradient of the variance.
func GaussVariance(mean, t, variance Tensor, eps float32) Fn {
	return fnp(opGaussVarGrad, [4]float32{eps}, mean, t, variance)
}

// KL is t·(log t − v) against probabilities t.
func KL(t Tensor) Fn { return fn(opKL, t) }

// KLLog is eᵗ·(t − v) against logarithms of probabilities.
func KLLog(t Tensor) Fn { return fn(opKLLog, t) }

func flag(b bool) float32 {
	if b {
		return 1
	}
	return 0
}
