package nn

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// scaled is a layer as a user writes one: y = w·x, on the exported names alone.
type scaled struct{}

func (scaled) String() string { return "scaled" }

func (scaled) Bind(s *Scope, in int) (Node, error) {
	return scaledNode{s.Param("scale", 1, in, Fans{}, Uniform(0.5, 2)), in}, nil
}

type scaledNode struct {
	w     Handle
	width int
}

func (n scaledNode) Width() int { return n.width }

func (n scaledNode) Forward(p *Plan, x Value) (Value, Backward) {
	p.Pin(x)
	return p.Apply(x, backend.Mul(p.Weight(n.w))), func(dy Value) Value {
		if !dy.Present() {
			return dy
		}
		p.Pin(dy)
		dw, beta := p.Grad(n.w)
		p.Add(&backend.Reduce{Rows: x.Rows, Cols: x.Cols, Axis: backend.OverRows, Out: [2]backend.Result{{
			Dst: dw, Map: backend.Chain{backend.Load(dy.Tensor), backend.Mul(x.Tensor)}, Beta: beta,
		}}})
		if x.NoGrad {
			return Value{}
		}
		return p.Apply(dy, backend.Mul(p.Weight(n.w)))
	}
}

// TestOwnLayer: a layer of one's own has right gradients anywhere.
func TestOwnLayer(t *testing.T) {
	checkGradients(t, 3, MSE(), []Layer{scaled{}, Linear(4), scaled{}, Tanh(), Residual(scaled{}, Linear(4)), Concat(scaled{}, Linear(2))})
}
