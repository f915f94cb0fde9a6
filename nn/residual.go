package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// Residual is y = x + f(x), f the layers one after the other, which have to give as many columns as they take (He, Zhang,
// Ren and Sun, 2016).
func Residual(layers ...Layer) Layer { return residual(layers) }

type residual []Layer

func (l residual) String() string { return "Residual(" + names(l) + ")" }

func (l residual) Bind(s *Scope, in int) (Node, error) {
	f, err := bindAll(s, in, l)
	if err == nil && f.Width() != in {
		err = fmt.Errorf("%d columns go in and %d come out: what is added has to have one width", in, f.Width())
	}
	return residualNode{f}, err
}

type residualNode struct{ Node }

// Forward: y = x + f(x). Backward: dx = dy + df, or dy where nothing comes back through f.
func (n residualNode) Forward(p *Plan, x Value) (Value, Backward) {
	p.Pin(x)
	fx, back := n.Node.Forward(p, x)
	y := p.Apply(fx, backend.Add(x.Tensor))
	y.NoGrad = x.NoGrad && fx.NoGrad
	return y, func(dy Value) Value {
		if !dy.Present() {
			return back(dy)
		}
		p.Pin(dy)
		dx := back(dy)
		switch {
		case x.NoGrad:
			return Value{}
		case !dx.Present():
			return dy
		}
		return p.Apply(dx, backend.Add(dy.Tensor))
	}
}
