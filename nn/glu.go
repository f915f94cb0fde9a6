package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// GLU is the gated linear unit: its m×2n input is [a b], its m×n output a·sigmoid(b), so that it halves the width. The
// input's width has to be even (Dauphin, Fan, Auli and Grangier, 2017).
func GLU() Layer { return glu{} }

type glu struct{}

func (glu) String() string { return "GLU" }

func (glu) Bind(_ *Scope, in int) (Node, error) {
	if in%2 != 0 {
		return nil, fmt.Errorf("an input of width %d: it has to be even, for a half of it gates the other", in)
	}
	return gluNode{in / 2}, nil
}

type gluNode struct{ width int }

func (n gluNode) Width() int { return n.width }

// Forward: x = [a b], s = sigmoid(b), y = a·s. Backward: dx = [dy·s, dy·a·s·(1 − s)].
func (n gluNode) Forward(p *Plan, x Value) (Value, Backward) {
	h := n.width
	a, b := x.Columns(0, h), x.Columns(h, 2*h)
	gate := backend.Chain{backend.Load(b), backend.Sigmoid()}
	var s backend.Tensor
	if p.Train() && !x.NoGrad {
		p.Pin(x)
		s = p.Tensor(x.Rows, h)
		gate = gate.Then(backend.Keep(s))
	}
	y := Value{Tensor: p.Tensor(x.Rows, h), NoGrad: x.NoGrad}
	c := &backend.Each{Dst: y.Tensor, Do: gate.Then(backend.Mul(a))}
	p.Hook(c, &c.Dst, &c.Do)
	return y, func(dy Value) Value {
		if !dy.Present() || x.NoGrad {
			return Value{}
		}
		dx := Value{Tensor: p.Tensor(x.Rows, 2*h)}
		p.Add(&backend.Each{Dst: dx.Columns(h, 2*h), Do: backend.Chain{
			backend.Load(dy.Tensor), backend.Mul(s), backend.Keep(dx.Columns(0, h)),
			backend.Load(dy.Tensor), backend.Mul(a), backend.Gradient(backend.Sigmoid(), b, s),
		}})
		return dx
	}
}
