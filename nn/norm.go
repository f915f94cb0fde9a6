package nn

import (
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// Epsilon is what a normalisation adds to the variance, or the mean square.
func Epsilon(epsilon float64) ParamOption { return func(o *paramOptions) { o.norm.epsilon = &epsilon } }

// Momentum is the share of a batch in [BatchNorm]'s running statistics, 0 < momentum ≤ 1: PyTorch's momentum, and 1 less
// Keras'.
func Momentum(momentum float64) ParamOption {
	return func(o *paramOptions) { o.norm.momentum = &momentum }
}

// NoAffine leaves out a normalisation's weight and bias: PyTorch's affine=False and elementwise_affine=False.
func NoAffine() ParamOption { return func(o *paramOptions) { o.norm.noAffine = true } }

// normOptions are a normalisation's settings; nil stands for its default.
type normOptions struct {
	epsilon, momentum *float64
	noAffine          bool
}

// BatchNorm is y = γ·(x − μ)/√(σ² + ε) + β, column by column, with ε 1e-5, γ from 1 and β from 0. While training, μ and
// σ² are the batch's mean and its variance over n; in evaluation they are running ones, which each step of training
// moves by the momentum, 0.1, towards the batch's mean and its variance over n−1. PyTorch's BatchNorm1d; Keras'
// BatchNormalization has ε 1e-3, momentum 0.01, and runs the variance over n. A batch of one row cannot be trained on (Ioffe and Szegedy,
// 2015).
func BatchNorm(opts ...ParamOption) Layer {
	return norm{name: "BatchNorm", axis: backend.OverRows, epsilon: 1e-5, centered: true, opts: resolve(opts)}
}

// LayerNorm is y = γ·(x − μ)/√(σ² + ε) + β with the mean μ and the variance σ² of each row over its columns, ε 1e-5, γ
// from 1 and β from 0: PyTorch's LayerNorm; Keras' has ε 1e-3 (Ba, Kiros and Hinton, 2016).
func LayerNorm(opts ...ParamOption) Layer {
	return norm{name: "LayerNorm", axis: backend.OverCols, epsilon: 1e-5, centered: true, opts: resolve(opts)}
}

// RMSNorm is y = γ·x/√(mean of x² + ε), row by row, with γ from 1. ε is 2⁻²³, as PyTorch's RMSNorm has it for float32
// (Zhang and Sennrich, 2019).
func RMSNorm(opts ...ParamOption) Layer {
	return norm{name: "RMSNorm", axis: backend.OverCols, epsilon: 1.0 / (1 << 23), opts: resolve(opts)}
}

// norm is what the three have in common: each divides by a root over an axis, and two of them take a mean away before.
type norm struct {
	name     string
	axis     backend.Axis
	epsilon  float64
	centered bool
	opts     paramOptions
}

func (l norm) String() string { return l.name }

// batch tells BatchNorm, whose statistics are of the batch, from those that see one row at a time.
func (l norm) batch() bool { return l.axis == backend.OverRows }

func (l norm) Bind(s *Scope, in int) (Node, error) {
	n := normNode{norm: l, width: in, momentum: 0.1, affine: !l.opts.norm.noAffine, biased: l.centered && !l.opts.noBias && !l.opts.norm.noAffine}
	if e := l.opts.norm.epsilon; e != nil {
		n.epsilon = *e
	}
	if m := l.opts.norm.momentum; m != nil {
		n.momentum = *m
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	if n.affine {
		n.w = s.Param("weight", 1, in, Fans{In: in, Out: in}, or(l.opts.weight, Ones()))
		s.NoDecay(n.w)
	}
	if n.biased {
		n.b = s.Param("bias", 1, in, Fans{In: in, Out: in}, or(l.opts.bias, Zeros()))
		s.NoDecay(n.b)
	}
	if l.batch() {
		n.mean, n.variance = s.Stat("running_mean", in, 0), s.Stat("running_var", in, 1)
	}
	return n, nil
}

func (n *normNode) check() error {
	o := &n.opts
	switch {
	case o.norm.noAffine && (o.weight != nil || o.bias != nil || o.noBias):
		return errors.New("NoAffine and an option of the weight or the bias contradict each other")
	case o.noBias && o.bias != nil:
		return errors.New("NoBias and BiasInit contradict each other")
	case !n.centered && (o.bias != nil || o.noBias):
		return errors.New("there is no bias to have an option for")
	case o.norm.momentum != nil && !n.batch():
		return errors.New("Momentum is for BatchNorm, which has running statistics")
	case !(n.momentum > 0 && n.momentum <= 1):
		return fmt.Errorf("momentum %v: 0 < momentum ≤ 1 is needed", n.momentum)
	}
	return positive("epsilon", n.epsilon)
}

type normNode struct {
	norm
	width          int
	momentum       float64
	affine, biased bool
	w, b           Handle
	mean, variance Stat
}

func (n normNode) Width() int { return n.width }

// Forward: x̂ = (x − μ)·r with r = 1/√(σ² + ε), y = γ·x̂ + β. Backward, with g = dy·γ and means over the axis:
// dγ = Σ dy·x̂, dβ = Σ dy, dx = r·(g − mean(g) − x̂·mean(g·x̂)), without mean(g) where no mean was taken away.
func (n normNode) Forward(p *Plan, x Value) (Value, Backward) {
	p.Pin(x)
	if n.batch() && !p.Train() {
		return n.evaluate(p, x), nil
	}
	if n.batch() && p.Rows < 2 {
		p.fail(fmt.Errorf("%s: a batch of 1 row has no variance to train on", p.place))
		return x, func(dy Value) Value { return dy }
	}
	mean, r := n.statistics(p, x)
	y, normal := Value{Tensor: p.Tensor(x.Rows, x.Cols), NoGrad: x.NoGrad && !n.affine}, x.Tensor
	do := backend.Chain{backend.Load(x.Tensor)}
	if n.centered {
		do = do.Then(backend.Sub(mean))
	}
	do = do.Then(backend.Mul(r))
	if p.Train() {
		normal = p.Tensor(x.Rows, x.Cols)
		do = do.Then(backend.Keep(normal))
	}
	c := &backend.Each{Dst: y.Tensor, Do: n.scaled(p, do)}
	p.Hook(c, &c.Dst, &c.Do)
	return y, func(dy Value) Value { return n.back(p, x, dy, normal, r) }
}

// scaled appends γ and β, where they are.
func (n normNode) scaled(p *Plan, do backend.Chain) backend.Chain {
	if n.affine {
		do = do.Then(backend.Mul(p.Weight(n.w)))
	}
	if n.biased {
		do = do.Then(backend.Add(p.Weight(n.b)))
	}
	return do
}

// over is a tensor of what an axis leaves, and the number that its means divide by.
func (n normNode) over(p *Plan) (t backend.Tensor, count int) {
	if n.batch() {
		return p.Tensor(1, n.width), p.Rows
	}
	return p.Tensor(p.Rows, 1), n.width
}

// held is over for what remember reads.
func (n normNode) held(p *Plan) (t backend.Tensor) {
	if n.batch() {
		return p.Held(1, n.width)
	}
	t, _ = n.over(p)
	return t
}

// statistics are μ and r of the batch. The variance is taken of what is left without the mean: two passes keep what is
// small beside a large mean.
func (n normNode) statistics(p *Plan, x Value) (mean, r backend.Tensor) {
	r, count := n.over(p)
	share := backend.Affine(float32(1/float64(count)), 0)
	square := backend.Chain{backend.Load(x.Tensor)}
	if n.centered {
		mean = n.held(p)
		p.Add(&backend.Reduce{Rows: x.Rows, Cols: x.Cols, Axis: n.axis, Out: [2]backend.Result{{
			Dst: mean, Map: backend.Chain{backend.Load(x.Tensor)}, Then: backend.Chain{share},
		}}})
		square = square.Then(backend.Sub(mean))
	}
	then := backend.Chain{share}
	if n.batch() {
		variance := n.held(p)
		then = then.Then(backend.Keep(variance))
		rows := p.Rows
		p.After(func() { n.remember(p, rows, mean, variance) })
	}
	p.Add(&backend.Reduce{Rows: x.Rows, Cols: x.Cols, Axis: n.axis, Out: [2]backend.Result{{
		Dst: r, Map: square.Then(backend.Square()),
		Then: then.Then(backend.Affine(1, float32(n.epsilon)), backend.Sqrt(), backend.Recip()),
	}}})
	return mean, r
}

// remember moves the running statistics: gradient descent's op with rate −m and 1−m kept is (1−m)·old + m·new, and leaves
// them as they are where ok has fallen.
func (n normNode) remember(p *Plan, rows int, mean, variance backend.Tensor) {
	row := p.constants(-n.momentum, 1-n.momentum)
	domain := backend.Tensor{Rows: 1, Cols: n.width}
	p.Add(&backend.Each{Dst: domain, Do: backend.Chain{backend.Load(mean), backend.SGD(p.OK(), p.Stat(n.mean), row)}})
	unbiased := backend.Affine(float32(float64(rows)/float64(rows-1)), 0)
	p.Add(&backend.Each{Dst: domain, Do: backend.Chain{backend.Load(variance), unbiased, backend.SGD(p.OK(), p.Stat(n.variance), row)}})
}

// evaluate uses the running statistics.
func (n normNode) evaluate(p *Plan, x Value) Value {
	r, _ := n.over(p)
	p.Add(&backend.Each{Dst: r, Do: backend.Chain{
		backend.Load(p.Stat(n.variance)), backend.Affine(1, float32(n.epsilon)), backend.Sqrt(), backend.Recip(),
	}})
	y := Value{Tensor: p.Tensor(x.Rows, x.Cols)}
	c := &backend.Each{Dst: y.Tensor, Do: n.scaled(p, backend.Chain{backend.Load(x.Tensor), backend.Sub(p.Stat(n.mean)), backend.Mul(r)})}
	p.Hook(c, &c.Dst, &c.Do)
	return y
}

func (n normNode) back(p *Plan, x, dy Value, normal, r backend.Tensor) Value {
	if !dy.Present() {
		return dy
	}
	g := backend.Chain{backend.Load(dy.Tensor)}
	along := g.Then(backend.Mul(normal))
	n.parameters(p, dy, g, along)
	if x.NoGrad {
		return Value{}
	}
	if n.affine {
		g, along = g.Then(backend.Mul(p.Weight(n.w))), along.Then(backend.Mul(p.Weight(n.w)))
	}
	b, count := n.over(p)
	share := backend.Chain{backend.Affine(float32(1/float64(count)), 0)}
	means := &backend.Reduce{Rows: dy.Rows, Cols: dy.Cols, Axis: n.axis, Out: [2]backend.Result{{Dst: b, Map: along, Then: share}}}
	do := g
	if n.centered {
		a, _ := n.over(p)
		means.Out[1] = backend.Result{Dst: a, Map: g, Then: share}
		do = do.Then(backend.Sub(a))
	}
	p.Add(means)
	dx := Value{Tensor: p.Tensor(x.Rows, x.Cols)}
	c := &backend.Each{Dst: dx.Tensor, Do: do.Then(backend.SubMul(normal, b), backend.Mul(r))}
	p.Hook(c, &c.Dst, &c.Do)
	return dx
}

// parameters adds to the gradients of γ and β, in one pass where there are both.
func (n normNode) parameters(p *Plan, dy Value, g, along backend.Chain) {
	if !n.affine {
		return
	}
	dw, beta := p.Grad(n.w)
	c := &backend.Reduce{Rows: dy.Rows, Cols: dy.Cols, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: dw, Map: along, Beta: beta}}}
	if n.biased {
		db, beta := p.Grad(n.b)
		c.Out[1] = backend.Result{Dst: db, Map: g, Beta: beta}
	}
	p.Add(c)
}
