package exchange

import (
	"math"
	"slices"

	"github.com/gloss-ml/gloss/nn"
)

// Exporters write some activations as several nodes, each in its own way. They are known by what they compute: the nodes from one
// tensor to the next that everything goes through are evaluated at some points, and compared with functions of that name.

// elementwiseOps are what such nodes do with numbers. Comparisons are 0 and 1.
var elementwiseOps = map[string]func(a []float64) float64{
	"Add": func(a []float64) float64 { return a[0] + a[1] }, "Sub": func(a []float64) float64 { return a[0] - a[1] },
	"Mul": func(a []float64) float64 { return a[0] * a[1] }, "Div": func(a []float64) float64 { return a[0] / a[1] },
	"Pow": func(a []float64) float64 { return math.Pow(a[0], a[1]) }, "Min": func(a []float64) float64 { return slices.Min(a) },
	"Max": func(a []float64) float64 { return slices.Max(a) }, "Greater": func(a []float64) float64 { return truth(a[0] > a[1]) },
	"Less": func(a []float64) float64 { return truth(a[0] < a[1]) }, "Clip": clip, "Where": func(a []float64) float64 {
		if a[0] != 0 {
			return a[1]
		}
		return a[2]
	},
	"Neg": one(func(x float64) float64 { return -x }), "Abs": one(math.Abs), "Exp": one(math.Exp), "Log": one(math.Log), "Sqrt": one(math.Sqrt),
	"Erf": one(math.Erf), "Tanh": one(math.Tanh), "Sigmoid": one(sigmoid), "Softplus": one(softplus), "Relu": one(func(x float64) float64 { return max(x, 0) }),
	"Identity": one(same), "HardSigmoid": one(same), // whose numbers are the node's
}

func same(x float64) float64 { return x }

func one(f func(float64) float64) func([]float64) float64 {
	return func(a []float64) float64 { return f(a[0]) }
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func clip(a []float64) float64 {
	if len(a) != 3 {
		return math.NaN()
	}
	return min(max(a[0], a[1]), a[2])
}

func sigmoid(x float64) float64  { return 1 / (1 + math.Exp(-x)) }
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// known are the activations that are looked for.
var known = []struct {
	layer func() nn.Layer
	f     func(x float64) float64
}{
	{nn.SiLU, func(x float64) float64 { return x * sigmoid(x) }},
	{nn.GELU, func(x float64) float64 { return 0.5 * x * math.Erfc(-x/math.Sqrt2) }},
	{nn.GELUTanh, func(x float64) float64 {
		return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}},
	{nn.Mish, func(x float64) float64 { return x * math.Tanh(softplus(x)) }},
	{nn.LogSigmoid, func(x float64) float64 { return -softplus(-x) }},
	{nn.Softplus, softplus},
	{nn.Hardswish, func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 }},
	{nn.Hardsigmoid, func(x float64) float64 { return min(max(x+3, 0), 6) / 6 }},
	{nn.Softsign, func(x float64) float64 { return x / (1 + math.Abs(x)) }},
	{nn.ReLU6, func(x float64) float64 { return min(max(x, 0), 6) }},
}

// maxMatch is how many nodes one activation may be.
const maxMatch = 16

// match looks for an activation that begins at node i. It gives the layer, and how many nodes it is.
func (c *chain) match(i int) (nn.Layer, int) {
	inside := map[string]bool{c.at: true}
	for n := i; n < len(c.graph.nodes) && n < i+maxMatch; n++ {
		node := &c.graph.nodes[n]
		if elementwiseOps[node.op] == nil || len(node.in) == 0 || len(node.out) != 1 || !c.follows(node, inside) {
			return nil, 0
		}
		inside[node.out[0]] = true
		if n == i || !c.passes(n, inside) {
			continue
		}
		if l := c.compare(i, n); l != nil {
			return l, n - i + 1
		}
	}
	return nil, 0
}

// follows reports whether all that a node takes is inside, or a single number.
func (c *chain) follows(n *node, inside map[string]bool) bool {
	for _, in := range n.in {
		if k := c.graph.numbers[in]; !inside[in] && (k == nil || len(k.v) != 1) {
			return false
		}
	}
	return true
}

// passes reports whether nothing behind node n takes anything from inside but n's output.
func (c *chain) passes(n int, inside map[string]bool) bool {
	for _, later := range c.graph.nodes[n+1:] {
		for _, in := range later.in {
			if inside[in] && in != c.graph.nodes[n].out[0] {
				return false
			}
		}
	}
	return true
}

// compare evaluates the nodes from first to last at some points.
func (c *chain) compare(first, last int) nn.Layer {
	could := make([]bool, len(known))
	for i := range could {
		could[i] = true
	}
	for k := -24; k <= 24; k++ {
		x := float64(k)/3 + 0.01
		y := c.evaluate(first, last, x)
		for i := range known {
			want := known[i].f(x)
			could[i] = could[i] && math.Abs(y-want) <= 1e-5*max(1, math.Abs(want)) // their constants are float32
		}
	}
	if i := slices.Index(could, true); i >= 0 {
		return known[i].layer()
	}
	return nil
}

func (c *chain) evaluate(first, last int, x float64) float64 {
	values := map[string]float64{c.at: x}
	for n := first; n <= last; n++ {
		node := &c.graph.nodes[n]
		var args []float64
		for _, in := range node.in {
			v, ok := values[in]
			if !ok {
				v = float64(c.graph.numbers[in].v[0])
			}
			args = append(args, v)
		}
		if len(args) < arguments[node.op] {
			return math.NaN()
		}
		values[node.out[0]] = elementwiseOps[node.op](args)
		if node.op == "HardSigmoid" {
			values[node.out[0]] = min(max(node.float("alpha", 0.2)*args[0]+node.float("beta", 0.5), 0), 1)
		}
	}
	return values[c.graph.nodes[last].out[0]]
}

// arguments is how many an op takes where that is more than one.
var arguments = map[string]int{"Add": 2, "Sub": 2, "Mul": 2, "Div": 2, "Pow": 2, "Greater": 2, "Less": 2, "Where": 3, "Clip": 3}
