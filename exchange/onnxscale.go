package exchange

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/nn"
)

// affine is x·a + b with constants.
func (c *chain) affine(n *node) error {
	k, ok := c.constant(n)
	if !ok || len(k.v) == 0 {
		return fmt.Errorf("%w with an operand that is no constant", errUnknown)
	}
	if !c.perColumn(k) {
		return fmt.Errorf("with a constant of shape %v, which says other things of other rows", k.dims)
	}
	if err := c.graph.take(2 * len(k.v)); err != nil {
		return err
	}
	from := n.in[0] != c.at
	if from && n.op == "Div" {
		return errors.New("a constant divided by what comes")
	}
	scale, shift := make([]float32, len(k.v)), make([]float32, len(k.v))
	for i, v := range k.v {
		scale[i] = 1
		switch {
		case n.op == "Add":
			shift[i] = v
		case n.op == "Sub" && from:
			scale[i], shift[i] = -1, v
		case n.op == "Sub":
			shift[i] = -v
		case n.op == "Mul":
			scale[i] = v
		default:
			scale[i] = 1 / v
		}
	}
	return c.scaled(scale, shift)
}

// perColumn reports whether a constant says the same of every row: all its dimensions are 1 but the columns'. Images come with several
// before they are made rows.
func (c *chain) perColumn(k *numbers) bool {
	d := k.dims
	if len(k.v) == 1 || len(d) < 2 || c.width < 0 && len(d) > 2 {
		return true
	}
	return !slices.ContainsFunc(d[:len(d)-1], func(n int) bool { return n != 1 })
}

// scaler is an op of ONNX's for classical models: (x − offset)·scale.
func (c *chain) scaler(n *node) error {
	offset, scale := n.floats["offset"], n.floats["scale"]
	width := max(len(offset), len(scale))
	if width == 0 || len(offset) > 1 && len(offset) != width || len(scale) > 1 && len(scale) != width {
		return fmt.Errorf("%d numbers to subtract, %d to multiply with", len(offset), len(scale))
	}
	a, b := make([]float32, width), make([]float32, width)
	for i := range width {
		s, o := 1.0, 0.0
		if len(scale) > 0 {
			s = scale[i%len(scale)]
		}
		if len(offset) > 0 {
			o = offset[i%len(offset)]
		}
		a[i], b[i] = float32(s), float32(-o*s)
	}
	return c.scaled(a, b)
}

// scaled makes x·scale + shift part of the linear layer before it. Where there is none it is kept for what comes.
func (c *chain) scaled(scale, shift []float32) (err error) {
	if last := len(c.parts) - 1; last >= 0 && c.parts[last].linear {
		if scale, shift, err = spread(scale, shift, c.width); err != nil {
			return err
		}
		p := &c.parts[last]
		for i := range p.weight {
			p.weight[i] *= scale[i%c.width]
		}
		for j := range p.bias {
			p.bias[j] = p.bias[j]*scale[j] + shift[j]
		}
		return nil
	}
	if c.scale == nil {
		c.scale, c.shift = []float32{1}, []float32{0}
	}
	width := max(len(c.scale), len(scale))
	a, b, err := spread(c.scale, c.shift, width)
	if err == nil {
		scale, shift, err = spread(scale, shift, width)
	}
	if err != nil {
		return err
	}
	a, b = slices.Clone(a), slices.Clone(b)
	for i := range a {
		a[i], b[i] = a[i]*scale[i], b[i]*scale[i]+shift[i]
	}
	c.scale, c.shift = a, b
	return nil
}

// settle makes a BatchNorm of mean 0 and variance 1 of what no layer of weights takes.
func (c *chain) settle() error {
	if c.scale == nil {
		return nil
	}
	if c.width < 0 {
		if len(c.scale) < 2 {
			return errors.New("a number is added to the inputs, or multiplied with, where no layer says how many they are")
		}
		c.inputs, c.width = len(c.scale), len(c.scale)
	}
	if err := c.graph.take(4 * c.width); err != nil {
		return err
	}
	scale, shift, err := spread(c.scale, c.shift, c.width)
	if err != nil {
		return err
	}
	const epsilon = 1e-5
	mean, variance := make([]float32, c.width), slices.Repeat([]float32{1 - epsilon}, c.width)
	c.parts = append(c.parts, part{layer: nn.BatchNorm(nn.Epsilon(epsilon)), weight: scale, bias: shift, stats: [][]float32{mean, variance}})
	c.scale, c.shift = nil, nil
	c.notes = append(c.notes, fmt.Sprintf("layer %d stands for numbers that are multiplied with and added", len(c.parts)-1))
	return nil
}

// reshape is a change of shape that leaves rows as they are.
func (c *chain) reshape(n *node) error {
	if n.op == "Squeeze" {
		if c.width == 1 {
			return nil
		}
		return fmt.Errorf("of rows of %d", c.width)
	}
	to := c.operand(n, 1)
	if to == nil {
		for _, v := range n.ints["shape"] { // before opset 5
			to = append(to, float32(v))
		}
	}
	switch {
	case len(to) == 1 && to[0] == -1 && c.width == 1:
		return nil
	case len(to) == 2 && (to[1] == -1 || c.width < 0 || int(to[1]) == c.width):
		return nil
	}
	return fmt.Errorf("rows of %d become %v", c.width, to)
}

// spread makes one number for each of n.
func spread(scale, shift []float32, n int) (a, b []float32, err error) {
	if len(scale) == 1 {
		scale, shift = slices.Repeat(scale, n), slices.Repeat(shift, n)
	}
	if len(scale) != n {
		return nil, nil, fmt.Errorf("%d numbers for %d columns", len(scale), n)
	}
	return scale, shift, nil
}
