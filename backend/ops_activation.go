package backend

import "math"

// Forward and backward are neighbours; each forward op names its gradient's op and what that reads: y where that is
// enough, for y is in memory anyway. At a kink, and for NaN, the gradient is the one that PyTorch takes.
var (
	opReLU = &Op{Name: "relu", Grad: opReLUGrad, Wants: WantY, F: func(e *El) {
		if e.V <= 0 {
			e.V = 0
		}
	}}
	opReLUGrad = &Op{Name: "relu_grad", Args: "r", F: func(e *El) {
		if e.A[0] <= 0 {
			e.V = 0
		}
	}}

	opTanh     = &Op{Name: "tanh", Grad: opTanhGrad, Wants: WantY, F: func(e *El) { e.V = math.Tanh(e.V) }}
	opTanhGrad = &Op{Name: "tanh_grad", Args: "r", F: func(e *El) {
		y := e.A[0]
		e.S = largest(e.V, e.V*y*y)
		e.V *= 1 - y*y
	}}

	opSigmoid     = &Op{Name: "sigmoid", Grad: opSigmoidGrad, Wants: WantY, F: func(e *El) { e.V = sigmoid(e.V) }}
	opSigmoidGrad = &Op{Name: "sigmoid_grad", Args: "r", F: func(e *El) {
		y := e.A[0]
		e.S = largest(e.V*y, e.V*y*y)
		e.V *= y * (1 - y)
	}}

	// x·Φ(x) with the exact error function, as PyTorch's GELU(approximate='none').
	opGELU = &Op{Name: "gelu", Grad: opGELUGrad, Wants: WantX, F: func(e *El) {
		x := e.V
		e.S = math.Abs(x) / 2
		e.V = x * (0.5 * (1 + math.Erf(x/math.Sqrt2)))
	}}
	opGELUGrad = &Op{Name: "gelu_grad", Args: "r", F: func(e *El) {
		x := e.A[0]
		cdf := 0.5 * (1 + math.Erf(x/math.Sqrt2))
		pdf := math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
		e.S = largest(e.V/2, e.V*cdf, e.V*x*pdf)
		e.V *= cdf + x*pdf
	}}

	// The same with Φ(x) ≈ (1 + tanh u)/2, which is σ(2u) and does not cancel there.
	opGELUTanh = &Op{Name: "gelu_tanh", Grad: opGELUTanhGrad, Wants: WantX, F: func(e *El) {
		x := e.V
		e.S = math.Abs(x) / 2
		e.V = x * sigmoid(x*(geluTanhA+geluTanhB*x*x))
	}}
	opGELUTanhGrad = &Op{Name: "gelu_tanh_grad", Args: "r", F: func(e *El) {
		x := e.A[0]
		s := sigmoid(x * (geluTanhA + geluTanhB*x*x))
		slope := x * s * (1 - s) * (geluTanhA + 3*geluTanhB*x*x)
		e.S = largest(e.V/2, e.V*s, e.V*slope)
		e.V *= s + slope
	}}

	opSiLU     = &Op{Name: "silu", Grad: opSiLUGrad, Wants: WantX, F: func(e *El) { e.V /= 1 + math.Exp(-e.V) }}
	opSiLUGrad = &Op{Name: "silu_grad", Args: "r", F: func(e *El) {
		x := e.A[0]
		s := sigmoid(x)
		e.S = largest(e.V*s, e.V*s*x, e.V*s*x*s)
		e.V *= s * (1 + x*(1-s))
	}}

	opMish     = &Op{Name: "mish", Grad: opMishGrad, Wants: WantX, F: func(e *El) { e.V *= math.Tanh(softplus(e.V)) }}
	opMishGrad = &Op{Name: "mish_grad", Args: "r", F: func(e *El) {
		x := e.A[0]
		t, xs := math.Tanh(softplus(x)), x*sigmoid(x)
		e.S = largest(e.V*t, e.V*xs, e.V*xs*t*t)
		e.V *= t + xs*(1-t*t)
	}}

	// P: beta, threshold.
	opSoftplus = &Op{Name: "softplus", Grad: opSoftplusGrad, Wants: WantX, F: func(e *El) {
		if z := e.P[0] * e.V; !(z > e.P[1]) {
			e.V = softplus(z) / e.P[0]
		}
	}}
	opSoftplusGrad = &Op{Name: "softplus_grad", Args: "r", F: func(e *El) {
		if z := e.P[0] * e.A[0]; !(z > e.P[1]) {
			e.V *= sigmoid(z)
		}
	}}

	opLogSigmoid     = &Op{Name: "log_sigmoid", Grad: opLogSigmoidGrad, Wants: WantY, F: func(e *El) { e.V = -softplus(-e.V) }}
	opLogSigmoidGrad = &Op{Name: "log_sigmoid_grad", Args: "r", F: func(e *El) { e.V *= -math.Expm1(e.A[0]) }}

	opSoftsign     = &Op{Name: "softsign", Grad: opSoftsignGrad, Wants: WantX, F: func(e *El) { e.V /= 1 + math.Abs(e.V) }}
	opSoftsignGrad = &Op{Name: "softsign_grad", Args: "r", F: func(e *El) {
		d := 1 + math.Abs(e.A[0])
		e.V = e.V / d / d
	}}

	// P: slope, not negative, so that y has the sign of x.
	opLeakyReLU = &Op{Name: "leaky_relu", Grad: opLeakyReLUGrad, Wants: WantY, F: func(e *El) {
		if !(e.V > 0) {
			e.V *= e.P[0]
		}
	}}
	opLeakyReLUGrad = &Op{Name: "leaky_relu_grad", Args: "r", F: func(e *El) {
		if !(e.A[0] > 0) {
			e.V *= e.P[0]
		}
	}}

	// The slope is an operand, of any sign; its own gradient is the sum of dy·min(x, 0). The operands of the way back
	// are x and the slope.
	opPReLU = &Op{Name: "prelu", Args: "r", F: func(e *El) {
		if !(e.V > 0) {
			e.V *= e.A[0]
		}
	}}
	opPReLUGrad = &Op{Name: "prelu_grad", Args: "rr", F: func(e *El) {
		if !(e.A[0] > 0) {
			e.V *= e.A[1]
		}
	}}

	// P: what e^(rate·x) − 1 is multiplied with below 0, what x is above, rate. None is negative.
	opELU = &Op{Name: "elu", Grad: opELUGrad, Wants: WantY, F: func(e *El) {
		if e.V > 0 {
			e.V *= e.P[1]
		} else {
			e.V = e.P[0] * math.Expm1(e.P[2]*e.V)
		}
	}}
	opELUGrad = &Op{Name: "elu_grad", Args: "r", F: func(e *El) {
		if y := e.A[0]; y <= 0 {
			e.S = largest(e.V*e.P[2]*y, e.V*e.P[2]*e.P[0])
			e.V *= e.P[2] * (y + e.P[0])
		} else {
			e.V *= e.P[1]
		}
	}}

	opHardswish = &Op{Name: "hardswish", Grad: opHardswishGrad, Wants: WantX, F: func(e *El) {
		switch x := e.V; {
		case x < -3:
			e.V = x * 0
		case !(x > 3):
			e.S = largest(x*x, 3*x) / 6
			e.V = x * (x + 3) / 6
		}
	}}
	// At −3 and 3 as the formula's own pieces have it, 0 and 1; PyTorch 1.13 has −½ and, by the tensor's length, 1 or 1½.
	opHardswishGrad = &Op{Name: "hardswish_grad", Args: "r", F: func(e *El) {
		switch x := e.A[0]; {
		case x <= -3:
			e.V = 0
		case x < 3:
			e.S = largest(e.V*x/3, e.V/2)
			e.V *= x/3 + 0.5
		}
	}}

	opHardsigmoid = &Op{Name: "hardsigmoid", Grad: opHardsigmoidGrad, Wants: WantY, F: func(e *El) {
		switch x := e.V; {
		case x <= -3:
			e.V = 0
		case x >= 3:
			e.V = 1
		default:
			e.S = largest(x, 3) / 6
			e.V = (x + 3) / 6
		}
	}}
	opHardsigmoidGrad = &Op{Name: "hardsigmoid_grad", Args: "r", F: func(e *El) {
		if y := e.A[0]; y > 0 && y < 1 {
			e.V /= 6
		} else {
			e.V = 0
		}
	}}

	activationOps = []*Op{opReLU, opReLUGrad, opTanh, opTanhGrad, opSigmoid, opSigmoidGrad, opGELU, opGELUGrad,
		opGELUTanh, opGELUTanhGrad, opSiLU, opSiLUGrad, opMish, opMishGrad, opSoftplus, opSoftplusGrad, opLogSigmoid, opLogSigmoidGrad,
		opSoftsign, opSoftsignGrad, opLeakyReLU, opLeakyReLUGrad, opPReLU, opPReLUGrad, opELU, opELUGrad,
		opHardswish, opHardswishGrad, opHardsigmoid, opHardsigmoidGrad}
)

// GELU's approximation takes 2u = x·(A + B·x²), u = √(2/π)·(x + 0.044715·x³).
const geluTanhA, geluTanhB = 2 * 0.79788456080286536, 2 * 0.79788456080286536 * 0.044715

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softplus is log(1 + eˣ) without an overflow.
func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// ReLU is max(v, 0), with gradient 0 at 0; NaN stays NaN.
func ReLU() Fn { return fn(opReLU) }

// Tanh is the hyperbolic tangent of v.
func Tanh() Fn { return fn(opTanh) }

// Sigmoid is 1/(1 + e⁻ᵛ).
func Sigmoid() Fn { return fn(opSigmoid) }

// GELU is v·Φ(v), Φ the standard normal's distribution function (Hendrycks and Gimpel, 2016), by the error function.
func GELU() Fn { return fn(opGELU) }

// SiLU is v·sigmoid(v) (Elfwing, Uchibe and Doya, 2018), also called Swish.
func SiLU() Fn { return fn(opSiLU) }

// GELUTanh is GELU's approximation by tanh: v·(1 + tanh(√(2/π)·(v + 0.044715·v³)))/2.
func GELUTanh() Fn { return fn(opGELUTanh) }

// Mish is v·tanh(log(1 + eᵛ)) (Misra, 2020).
func Mish() Fn { return fn(opMish) }

// Softplus is log(1 + e^(beta·v))/beta, and v itself where beta·v is above threshold; beta > 0 (Dugas et al., 2001).
func Softplus(beta, threshold float32) Fn { return fnp(opSoftplus, [4]float32{beta, threshold}) }

// LogSigmoid is log(sigmoid(v)).
func LogSigmoid() Fn { return fn(opLogSigmoid) }

// Softsign is v/(1 + |v|).
func Softsign() Fn { return fn(opSoftsign) }

// LeakyReLU is v above 0 and slope·v elsewhere; slope ≥ 0 (Maas, Hannun and Ng, 2013).
func LeakyReLU(slope float32) Fn { return fnp(opLeakyReLU, [4]float32{slope}) }

// PReLU is v above 0 and slope·v elsewhere, slope of any shape that is broadcast (He, Zhang, Ren and Sun, 2015).
func PReLU(slope Tensor) Fn { return fn(opPReLU, slope) }

// PReLUGrad is PReLU's backward half at x: hung on dy it gives dx.
func PReLUGrad(x, slope Tensor) Fn { return fn(opPReLUGrad, x, slope) }

// ELU is v above 0 and alpha·(eᵛ − 1) elsewhere; alpha ≥ 0 (Clevert, Unterthiner and Hochreiter, 2016).
func ELU(alpha float32) Fn { return fnp(opELU, [4]float32{alpha, 1, 1}) }

// SELU's constants, with which a standard normal keeps its mean and variance.
const (
	seluScale = 1.0507009873554804934193349852946
	seluAlpha = 1.6732632423543772848170429916717
)

// SELU is scale·ELU(alpha), scale 1.0507… and alpha 1.6733… (Klambauer, Unterthiner, Mayr and Hochreiter, 2017).
func SELU() Fn { return fnp(opELU, [4]float32{seluScale * seluAlpha, seluScale, 1}) }

// CELU is v above 0 and alpha·(e^(v/alpha) − 1) elsewhere; alpha > 0 (Barron, 2017).
func CELU(alpha float32) Fn { return fnp(opELU, [4]float32{alpha, 1, 1 / alpha}) }

// Hardswish is v·min(max(v + 3, 0), 6)/6 (Howard et al., 2019).
func Hardswish() Fn { return fn(opHardswish) }

// Hardsigmoid is min(max(v + 3, 0), 6)/6.
func Hardsigmoid() Fn { return fn(opHardsigmoid) }
