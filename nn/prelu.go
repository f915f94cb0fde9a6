package nn

import (
	"errors"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// PReLU is x above 0 and w·x elsewhere, w 1×1, learned, one for all features (He, Zhang, Ren and Sun, 2015). It starts
// from 0.25, as PyTorch's; [WeightInit] changes that. The paper uses no weight decay on w, which would pull it to 0.
func PReLU(opts ...ParamOption) Layer { return prelu{"PReLU", false, resolve(opts)} }

// PReLUPerFeature is [PReLU] with a slope for each feature, w 1×in: PyTorch's PReLU(num_parameters=in), Keras' PReLU.
func PReLUPerFeature(opts ...ParamOption) Layer { return prelu{"PReLUPerFeature", true, resolve(opts)} }

type prelu struct {
	name       string
	perFeature bool
	opts       paramOptions
}

func (l prelu) String() string { return l.name }

func (l prelu) Bind(s *Scope, in int) (Node, error) {
	if l.opts.noBias || l.opts.bias != nil {
		return nil, errors.New("there is no bias: NoBias and BiasInit mean nothing here")
	}
	if err := l.opts.noNorm(); err != nil {
		return nil, err
	}
	slopes := 1
	if l.perFeature {
		slopes = in
	}
	w := s.Param("weight", 1, slopes, Fans{In: in, Out: in}, or(l.opts.weight, Constant(0.25)))
	s.NoDecay(w)
	return preluNode{w, slopes, in}, nil
}

type preluNode struct {
	w             Handle
	slopes, width int
}

func (n preluNode) Width() int { return n.width }

// Forward: x m×n, w 1×n or 1×1, y = x > 0 ? x : w·x. Backward: dw = Σ dy·min(x, 0) over rows or over all,
// dx = x > 0 ? dy : w·dy.
func (n preluNode) Forward(p *Plan, x Value) (Value, Backward) {
	w := p.Weight(n.w)
	if p.Train() {
		p.Pin(x)
	}
	y := p.Apply(x, backend.PReLU(w))
	y.NoGrad = false
	return y, func(dy Value) Value {
		if !dy.Present() {
			return dy
		}
		p.Pin(dy)
		dx := Value{}
		if !x.NoGrad { // first, for it hangs on the call that made dy
			dx = p.Apply(dy, backend.PReLUGrad(x.Tensor, w))
		}
		dw, beta := p.Grad(n.w)
		axis := backend.OverAll
		if n.slopes > 1 {
			axis = backend.OverRows
		}
		negative := backend.Clamp(float32(math.Inf(-1)), 0)
		p.Add(&backend.Reduce{Rows: dy.Rows, Cols: dy.Cols, Axis: axis, Out: [2]backend.Result{{
			Dst: dw, Map: backend.Chain{backend.Load(x.Tensor), negative, backend.Mul(dy.Tensor)}, Beta: beta,
		}}})
		return dx
	}
}
