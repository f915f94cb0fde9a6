package nn

import "github.com/gloss-ml/gloss/backend"

// ReLU is max(x, 0), with gradient 0 at 0.
func ReLU() Layer { return activation{"ReLU", backend.ReLU()} }

// Tanh is the hyperbolic tangent.
func Tanh() Layer { return activation{"Tanh", backend.Tanh()} }

// Sigmoid is 1/(1 + e⁻ˣ).
func Sigmoid() Layer { return activation{"Sigmoid", backend.Sigmoid()} }

// GELU is x·Φ(x) with the exact error function: PyTorch's GELU(approximate='none') (Hendrycks and Gimpel, 2016).
func GELU() Layer { return activation{"GELU", backend.GELU()} }

// SiLU is x·sigmoid(x), also called Swish (Elfwing, Uchibe and Doya, 2018).
func SiLU() Layer { return activation{"SiLU", backend.SiLU()} }

// activation is a layer of one op of the op table and its gradient.
type activation struct {
	name string
	fn   backend.Fn
}

func (a activation) String() string { return a.name }

func (a activation) Bind(_ *Scope, in int) (Node, error) { return activationNode{a.fn, in}, nil }

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
