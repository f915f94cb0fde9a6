package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// Linear is y = x·W + b with W in×width and b 1×width: a fully connected layer. Both start from [UniformFanIn], as
// PyTorch's do, which keeps Wᵀ; [WeightInit], [BiasInit] and [NoBias] change that.
func Linear(width int, opts ...ParamOption) Layer { return linear{width, resolve(opts)} }

type linear struct {
	width int
	opts  paramOptions
}

func (l linear) String() string { return fmt.Sprintf("Linear(%d)", l.width) }

func (l linear) Bind(s *Scope, in int) (Node, error) {
	if l.width < 1 {
		return nil, fmt.Errorf("a width of %d: at least 1 is needed", l.width)
	}
	if err := l.opts.check(); err != nil {
		return nil, err
	}
	fans := Fans{In: in, Out: l.width}
	n := linearNode{width: l.width, biased: !l.opts.noBias}
	n.w = s.Param("weight", in, l.width, fans, or(l.opts.weight, UniformFanIn()))
	s.inTorch(n.w, torchTransposed)
	if n.biased {
		n.b = s.Param("bias", 1, l.width, fans, or(l.opts.bias, UniformFanIn()))
		s.NoDecay(n.b)
	}
	return n, nil
}

type linearNode struct {
	width  int
	w, b   Handle
	biased bool // whether there is a b
}

func (n linearNode) Width() int { return n.width }

// Forward: x m×in, W in×out, b 1×out. Backward: dW = xᵀ·dy, db = Σᵢ dyᵢ, dx = dy·Wᵀ.
func (n linearNode) Forward(p *Plan, x Value) (Value, Backward) {
	w := p.Weight(n.w)
	y := Value{Tensor: p.Tensor(x.Rows, n.width)}
	c := &backend.MatMul{Dst: y.Tensor, A: x.Tensor, B: w}
	if n.biased {
		c.Then = backend.Chain{backend.Add(p.Weight(n.b))}
	}
	p.Hook(c, &c.Dst, &c.Then)
	return y, func(dy Value) Value {
		if !dy.Present() {
			return dy
		}
		dw, beta := p.Grad(n.w)
		p.Add(&backend.MatMul{Dst: dw, A: x.Tensor, TransA: true, B: dy.Tensor, Beta: beta})
		if n.biased {
			db, beta := p.Grad(n.b)
			p.Add(&backend.Reduce{Rows: dy.Rows, Cols: dy.Cols, Axis: backend.OverRows, Out: [2]backend.Result{{
				Dst: db, Map: backend.Chain{backend.Load(dy.Tensor)}, Beta: beta,
			}}})
		}
		if x.NoGrad {
			return Value{}
		}
		dx := Value{Tensor: p.Tensor(x.Rows, x.Cols)}
		c := &backend.MatMul{Dst: dx.Tensor, A: dy.Tensor, B: w, TransB: true}
		p.Hook(c, &c.Dst, &c.Then)
		return dx
	}
}
