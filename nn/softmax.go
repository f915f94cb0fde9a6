package nn

import "github.com/gloss-ml/gloss/backend"

// Softmax is eˣⱼ/Σₗ eˣₗ along each row, computed from x − max x. [CrossEntropy] has one of its own and takes logits: a
// model that is trained with it ends before the Softmax.
func Softmax() Layer { return softmax{"Softmax", false} }

// LogSoftmax is xⱼ − log Σₗ eˣₗ along each row, computed from x − max x.
func LogSoftmax() Layer { return softmax{"LogSoftmax", true} }

type softmax struct {
	name string
	log  bool
}

func (l softmax) String() string { return l.name }

func (l softmax) Bind(_ *Scope, in int) (Node, error) { return softmaxNode{in, l.log}, nil }

type softmaxNode struct {
	width int
	log   bool
}

func (n softmaxNode) Width() int { return n.width }

// Forward: x m×n, top and sum m×1, z = x − top, sum = Σⱼ eᶻⱼ; y = eᶻ/sum, or z − log sum. Backward: dx =
// y·(dy − Σⱼ dyⱼ·yⱼ), or dy − eʸ·Σⱼ dyⱼ.
func (n softmaxNode) Forward(p *Plan, x Value) (Value, Backward) {
	y := Value{Tensor: p.Tensor(x.Rows, n.width), NoGrad: x.NoGrad}
	top, sum := p.Tensor(x.Rows, 1), p.Tensor(x.Rows, 1)
	z := backend.Chain{backend.Load(x.Tensor), backend.Sub(top)}
	n.fold(p, backend.Result{Dst: top, By: backend.Max, Map: z[:1]})
	c := &backend.Each{Dst: y.Tensor}
	if n.log {
		n.fold(p, backend.Result{Dst: sum, Map: z.Then(backend.Exp()), Then: backend.Chain{backend.Log()}})
		c.Do = z.Then(backend.Sub(sum))
	} else {
		n.fold(p, backend.Result{Dst: sum, Map: z.Then(backend.Exp(), backend.Keep(y.Tensor)), Then: backend.Chain{backend.Recip()}})
		c.Do = backend.Chain{backend.Load(y.Tensor), backend.Mul(sum)}
	}
	p.Hook(c, &c.Dst, &c.Do)
	if p.Train() && !x.NoGrad {
		p.Pin(y)
	}
	return y, func(dy Value) Value {
		if !dy.Present() || x.NoGrad {
			return Value{}
		}
		dx, total := Value{Tensor: p.Tensor(x.Rows, n.width)}, p.Tensor(x.Rows, 1)
		c := &backend.Each{Dst: dx.Tensor}
		if n.log {
			n.fold(p, backend.Result{Dst: total, Map: backend.Chain{backend.Load(dy.Tensor)}, Then: backend.Chain{backend.Affine(-1, 0)}})
			c.Do = backend.Chain{backend.Load(y.Tensor), backend.Exp(), backend.Mul(total), backend.Add(dy.Tensor)}
		} else {
			n.fold(p, backend.Result{Dst: total, Map: backend.Chain{backend.Load(dy.Tensor), backend.Mul(y.Tensor)}})
			c.Do = backend.Chain{backend.Load(dy.Tensor), backend.Sub(total), backend.Mul(y.Tensor)}
		}
		p.Hook(c, &c.Dst, &c.Do)
		return dx
	}
}

// fold appends a reduction of each row of an m×n domain to one number.
func (n softmaxNode) fold(p *Plan, r backend.Result) {
	p.Add(&backend.Reduce{Rows: r.Dst.Rows, Cols: n.width, Axis: backend.OverCols, Out: [2]backend.Result{r}})
}
