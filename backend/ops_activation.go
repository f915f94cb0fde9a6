package backend

import "math"

// Forward and backward are neighbours; each forward op names its gradient's op and what that reads.
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

	opSigmoid     = &Op{Name: "sigmoid", Grad: opSigmoidGrad, Wants: WantY, F: func(e *El) { e.V = 1 / (1 + math.Exp(-e.V)) }}
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

	opSiLU     = &Op{Name: "silu", Grad: opSiLUGrad, Wants: WantX, F: func(e *El) { e.V /= 1 + math.Exp(-e.V) }}
	opSiLUGrad = &Op{Name: "silu_grad", Args: "r", F: func(e *El) {
		x := e.A[0]
		s := 1 / (1 + math.Exp(-x))
		e.S = largest(e.V*s, e.V*s*x, e.V*s*x*s)
		e.V *= s * (1 + x*(1-s))
	}}

	activationOps = []*Op{opReLU, opReLUGrad, opTanh, opTanhGrad, opSigmoid, opSigmoidGrad, opGELU, opGELUGrad, opSiLU, opSiLUGrad}
)

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
