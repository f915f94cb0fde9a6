package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// ReLU is max(x, 0), with gradient 0 at 0.
func ReLU() Layer { return activation{name: "ReLU", fn: backend.ReLU()} }

// LeakyReLU is x above 0 and slope·x elsewhere, slope ≥ 0; 0.01 is PyTorch's default, 0.3 Keras' (Maas, Hannun and Ng,
// 2013). [PReLU] learns the slope.
func LeakyReLU(slope float64) Layer {
	return activation{fmt.Sprintf("LeakyReLU(%v)", slope), backend.LeakyReLU(float32(slope)), nonNegative("slope", slope)}
}

// ReLU6 is min(max(x, 0), 6), with gradient 0 at both ends (Krizhevsky, 2010).
func ReLU6() Layer { return activation{name: "ReLU6", fn: backend.Clamp(0, 6)} }

// Hardtanh is x kept between lo and hi, −1 and 1 by PyTorch's default, with gradient 0 at both ends (Collobert, 2004).
func Hardtanh(lo, hi float64) Layer {
	err := firstError(representable("lo", lo), representable("hi", hi))
	if err == nil && float32(lo) >= float32(hi) {
		err = fmt.Errorf("lo %v is not below hi %v", lo, hi)
	}
	return activation{fmt.Sprintf("Hardtanh(%v, %v)", lo, hi), backend.Clamp(float32(lo), float32(hi)), err}
}

// ELU is x above 0 and alpha·(eˣ − 1) elsewhere, alpha ≥ 0; 1 is the default of PyTorch and Keras (Clevert, Unterthiner
// and Hochreiter, 2016).
func ELU(alpha float64) Layer {
	return activation{fmt.Sprintf("ELU(%v)", alpha), backend.ELU(float32(alpha)), nonNegative("alpha", alpha)}
}

// SELU is 1.0507·ELU(1.6733), whose outputs have mean 0 and variance 1 where the inputs have (Klambauer, Unterthiner,
// Mayr and Hochreiter, 2017). The paper has weights start from N(0, 1/in), and [AlphaDropout] in place of [Dropout].
func SELU() Layer { return activation{name: "SELU", fn: backend.SELU()} }

// CELU is x above 0 and alpha·(e^(x/alpha) − 1) elsewhere, alpha > 0; 1 is PyTorch's default (Barron, 2017).
func CELU(alpha float64) Layer {
	err := firstError(positive("alpha", alpha), positive("1/alpha", 1/alpha))
	return activation{fmt.Sprintf("CELU(%v)", alpha), backend.CELU(float32(alpha)), err}
}

// Tanh is the hyperbolic tangent.
func Tanh() Layer { return activation{name: "Tanh", fn: backend.Tanh()} }

// Sigmoid is 1/(1 + e⁻ˣ).
func Sigmoid() Layer { return activation{name: "Sigmoid", fn: backend.Sigmoid()} }

// LogSigmoid is log(1/(1 + e⁻ˣ)).
func LogSigmoid() Layer { return activation{name: "LogSigmoid", fn: backend.LogSigmoid()} }

// GELU is x·Φ(x) with the exact error function: PyTorch's GELU(approximate='none') (Hendrycks and Gimpel, 2016).
func GELU() Layer { return activation{name: "GELU", fn: backend.GELU()} }

// GELUTanh is x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, an approximation of [GELU] to 5e-4: PyTorch's
// GELU(approximate='tanh') (Hendrycks and Gimpel, 2016).
func GELUTanh() Layer { return activation{name: "GELUTanh", fn: backend.GELUTanh()} }

// SiLU is x·sigmoid(x), also called Swish (Elfwing, Uchibe and Doya, 2018).
func SiLU() Layer { return activation{name: "SiLU", fn: backend.SiLU()} }

// Mish is x·tanh(log(1 + eˣ)) (Misra, 2020).
func Mish() Layer { return activation{name: "Mish", fn: backend.Mish()} }

// Softplus is log(1 + eˣ) (Dugas et al., 2001): SoftplusOf(1, 20), PyTorch's defaults.
func Softplus() Layer { return activation{name: "Softplus", fn: backend.Softplus(1, 20)} }

// SoftplusOf is log(1 + e^(beta·x))/beta, and x where beta·x is above threshold; beta > 0, threshold ≥ 0.
func SoftplusOf(beta, threshold float64) Layer {
	return activation{fmt.Sprintf("SoftplusOf(%v, %v)", beta, threshold), backend.Softplus(float32(beta), float32(threshold)),
		firstError(positive("beta", beta), nonNegative("threshold", threshold))}
}

// Softsign is x/(1 + |x|) (Bergstra, Desjardins, Lamblin and Bengio, 2009).
func Softsign() Layer { return activation{name: "Softsign", fn: backend.Softsign()} }

// Hardswish is x·min(max(x + 3, 0), 6)/6 (Howard et al., 2019). Its gradient at −3 is 0 and at 3 is 1, on the
// flat and on the straight side; PyTorch 1.13 has −½ and, by the tensor's length, 1 or 1½.
func Hardswish() Layer { return activation{name: "Hardswish", fn: backend.Hardswish()} }

// Hardsigmoid is min(max(x + 3, 0), 6)/6, with gradient 0 at both ends. Keras' was min(max(x/5 + 1/2, 0), 1) before
// Keras 3.
func Hardsigmoid() Layer { return activation{name: "Hardsigmoid", fn: backend.Hardsigmoid()} }

// activation is a layer of one op of the op table and its gradient. Its parameters are in fn; err is what is wrong with
// them.
type activation struct {
	name string
	fn   backend.Fn
	err  error
}

func (a activation) String() string { return a.name }

func (a activation) Bind(_ *Scope, in int) (Node, error) { return activationNode{a.fn, in}, a.err }

type activationNode struct {
	fn    backend.Fn
	width int
}

func (n activationNode) Width() int { return n.width }

// Forward: y = f(x). Backward: dx = dy·f′, from x or y as the op's gradient wants.
func (n activationNode) Forward(p *Plan, x Value) (Value, Backward) {
	train := p.Train() && !x.NoGrad
	if train && n.fn.Op.Wants == backend.WantX {
		p.Pin(x)
	}
	y := p.Apply(x, n.fn)
	if train && n.fn.Op.Wants == backend.WantY {
		p.Pin(y)
	}
	return y, func(dy Value) Value {
		if !dy.Present() || x.NoGrad {
			return Value{}
		}
		return p.Apply(dy, backend.Gradient(n.fn, x.Tensor, y.Tensor))
	}
}
