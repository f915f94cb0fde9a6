package exchange

import (
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/nn"
)

// norm adds a normalisation, with what it has learned.
func (c *chain) norm(n *node) error {
	p := part{}
	epsilon := nn.Epsilon(n.float("epsilon", 1e-5))
	if len(n.in) == 0 || n.in[0] != c.at {
		return errors.New("what is normalised is a constant")
	}
	p.weight, p.bias = c.operand(n, 1), c.operand(n, 2)
	if err := c.settle(); err != nil {
		return err
	}
	if n.op == "BatchNormalization" {
		p.layer, p.stats = nn.BatchNorm(epsilon), [][]float32{c.operand(n, 3), c.operand(n, 4)}
		p.more = p.stats
	} else {
		if axis := n.int("axis", -1); axis != -1 && axis != 1 {
			return fmt.Errorf("along axis %d", axis)
		}
		p.layer = nn.LayerNorm(epsilon)
		if p.bias == nil {
			p.bias = make([]float32, len(p.weight))
		}
	}
	width := len(p.weight)
	if err := c.graph.take(4 * width); err != nil {
		return err
	}
	for _, v := range append([][]float32{p.bias}, p.more...) {
		if len(v) != width || width == 0 || c.width >= 0 && c.width != width {
			return fmt.Errorf("%d, %d … numbers for %d columns", width, len(v), c.width)
		}
	}
	if c.width < 0 {
		c.inputs, c.width = width, width
	}
	p.more = nil
	c.parts = append(c.parts, p)
	return nil
}

// activation adds a layer without weights, or a PReLU.
func (c *chain) activation(n *node) error {
	plain := map[string]func() nn.Layer{"Relu": nn.ReLU, "Tanh": nn.Tanh, "Sigmoid": nn.Sigmoid, "Softsign": nn.Softsign, "HardSwish": nn.Hardswish, "Mish": nn.Mish}
	if f := plain[n.op]; f != nil {
		return c.add(f())
	}
	near := func(name string, without, want float64) bool { return math.Abs(n.float(name, without)-want) < 1e-6 }
	switch n.op {
	case "LeakyRelu":
		return c.add(nn.LeakyReLU(n.float("alpha", 0.01)))
	case "Elu":
		return c.add(nn.ELU(n.float("alpha", 1)))
	case "Celu":
		return c.add(nn.CELU(n.float("alpha", 1)))
	case "Selu":
		if near("alpha", 1.6732632, 1.6732632) && near("gamma", 1.0507010, 1.0507010) {
			return c.add(nn.SELU())
		}
	case "Softplus":
		return c.add(nn.Softplus())
	case "HardSigmoid":
		if near("alpha", 0.2, 1.0/6) && near("beta", 0.5, 0.5) {
			return c.add(nn.Hardsigmoid())
		}
	case "Gelu":
		return c.add(nn.GELU())
	case "Softmax", "LogSoftmax":
		if axis := n.int("axis", map[bool]int64{true: -1, false: 1}[c.graph.opset >= 13]); axis != 1 && axis != -1 {
			return fmt.Errorf("along axis %d", axis)
		}
		if n.op == "Softmax" {
			return c.add(nn.Softmax())
		}
		return c.add(nn.LogSoftmax())
	case "Clip":
		lo, hi := c.operand(n, 1), c.operand(n, 2)
		switch {
		case len(lo) == 1 && len(hi) == 1 && lo[0] == 0 && hi[0] == 6:
			return c.add(nn.ReLU6())
		case len(lo) == 1 && len(hi) == 1 && lo[0] < hi[0]:
			return c.add(nn.Hardtanh(float64(lo[0]), float64(hi[0])))
		}
	case "PRelu":
		switch slope := c.operand(n, 1); {
		case len(slope) == 1:
			return c.add(nn.PReLU(), slope...)
		case len(slope) > 0 && len(slope) == c.width:
			return c.add(nn.PReLUPerFeature(), slope...)
		}
	default:
		return errUnknown
	}
	return errors.New("with numbers that no layer here has")
}

func (c *chain) add(l nn.Layer, weight ...float32) error {
	if err := errors.Join(c.settle(), c.graph.take(len(weight))); err != nil {
		return err
	}
	c.parts = append(c.parts, part{layer: l, weight: weight})
	return nil
}
