package exchange

import (
	"fmt"
	"math"
	"slices"

	"github.com/gloss-ml/gloss/nn"
)

// onnxOps are the activations that are ops of ONNX with nothing more to say.
var onnxOps = map[string]string{"ReLU": "Relu", "Tanh": "Tanh", "Sigmoid": "Sigmoid", "SELU": "Selu", "Softsign": "Softsign", "Hardswish": "HardSwish"}

// layer adds a layer's nodes.
func (g *onnxWriter) layer(place string, s nn.LayerSpec, x tensor) (tensor, error) {
	if op := onnxOps[s.Kind]; op != "" {
		return g.node(op, x.width, x), nil
	}
	if y, ok := g.activation(s, x); ok {
		return y, nil
	}
	number := g.net.numbers
	switch s.Kind {
	case "Linear":
		width := int(s.Args[0])
		w := g.initializer(place+"weight", number[place+"weight"], x.width, width)
		if b := number[place+"bias"]; b != nil {
			return g.node("Gemm", width, x, w, g.initializer(place+"bias", b, width)), nil
		}
		return g.node("MatMul", width, x, w), nil
	case "Embeddings":
		return g.embeddings(place, s, x), nil
	case "Dropout", "AlphaDropout":
		return x, nil
	case "Sequence":
		return g.sequence(place, s.Layers, x)
	case "Residual":
		y, err := g.sequence(place, s.Layers, x)
		if err != nil {
			return y, err
		}
		return g.node("Add", x.width, x, y), nil
	case "Concat":
		args, width := []any{attrInt("axis", 1)}, 0
		for i, branch := range s.Layers {
			y, err := g.layer(fmt.Sprintf("%s%d.", place, i), branch, x)
			if err != nil {
				return y, err
			}
			args, width = append(args, y), width+y.width
		}
		return g.node("Concat", width, args...), nil
	case "GLU":
		half := g.nodes("Split", x.width/2, 2, x, attrInt("axis", 1))
		return g.node("Mul", x.width/2, half[0], g.node("Sigmoid", x.width/2, half[1])), nil
	case "PReLU", "PReLUPerFeature":
		w := number[place+"weight"]
		return g.node("PRelu", x.width, x, g.initializer(place+"weight", w, len(w))), nil
	case "BatchNorm", "LayerNorm", "RMSNorm":
		return g.norm(place, s, x)
	}
	return x, refused(place, s, "ONNX, as it is written here,")
}

// activation adds those that take numbers, or several nodes.
func (g *onnxWriter) activation(s nn.LayerSpec, x tensor) (tensor, bool) {
	n := x.width
	switch s.Kind {
	case "ReLU6":
		return g.node("Clip", n, x, g.scalar(0), g.scalar(6)), true
	case "Hardtanh":
		return g.node("Clip", n, x, g.scalar(s.Args[0]), g.scalar(s.Args[1])), true
	case "Hardsigmoid":
		return g.node("HardSigmoid", n, x, attrFloat("alpha", 1.0/6), attrFloat("beta", 0.5)), true
	case "LeakyReLU":
		return g.node("LeakyRelu", n, x, attrFloat("alpha", s.Args[0])), true
	case "ELU":
		return g.node("Elu", n, x, attrFloat("alpha", s.Args[0])), true
	case "CELU":
		return g.node("Celu", n, x, attrFloat("alpha", s.Args[0])), true
	case "Softmax", "LogSoftmax":
		return g.node(s.Kind, n, x, attrInt("axis", 1)), true
	case "LogSigmoid":
		return g.node("Neg", n, g.node("Softplus", n, g.node("Neg", n, x))), true
	case "SiLU":
		return g.node("Mul", n, x, g.node("Sigmoid", n, x)), true
	case "Mish":
		return g.node("Mul", n, x, g.node("Tanh", n, g.node("Softplus", n, x))), true
	case "Softplus":
		return g.softplus(x, 1, 20), true
	case "SoftplusOf":
		return g.softplus(x, s.Args[0], s.Args[1]), true
	case "GELU": // x/2·(1 + erf(x/√2)); the op of that name came with opset 20
		e := g.node("Erf", n, g.constant(float32(1/math.Sqrt2), "Mul", x))
		return g.node("Mul", n, g.constant(0.5, "Mul", x), g.constant(1, "Add", e)), true
	case "GELUTanh":
		cube := g.node("Mul", n, x, g.node("Mul", n, x, x))
		inner := g.node("Add", n, x, g.constant(0.044715, "Mul", cube))
		t := g.node("Tanh", n, g.constant(float32(math.Sqrt(2/math.Pi)), "Mul", inner))
		return g.node("Mul", n, g.constant(0.5, "Mul", x), g.constant(1, "Add", t)), true
	}
	return x, false
}

// softplus is x itself where beta·x is above the threshold.
func (g *onnxWriter) softplus(x tensor, beta, threshold float64) tensor {
	scaled := g.constant(float32(beta), "Mul", x)
	soft := g.constant(float32(beta), "Div", g.node("Softplus", x.width, scaled))
	return g.node("Where", x.width, g.node("Greater", x.width, scaled, g.scalar(threshold)), x, soft)
}

func (g *onnxWriter) norm(place string, s nn.LayerSpec, x tensor) (tensor, error) {
	epsilon, err := option(s, "epsilon", normEpsilon[s.Kind])
	if err != nil {
		return x, refused(place, s, err.Error())
	}
	part := func(role string, without float32) tensor {
		v := g.net.numbers[place+role]
		if v == nil {
			v = make([]float32, x.width)
			for i := range v {
				v[i] = without
			}
		}
		return g.initializer(place+role, v, x.width)
	}
	switch s.Kind {
	case "BatchNorm":
		return g.node("BatchNormalization", x.width, x, part("weight", 1), part("bias", 0), part("running_mean", 0), part("running_var", 1), attrFloat("epsilon", epsilon)), nil
	case "LayerNorm":
		return g.node("LayerNormalization", x.width, x, part("weight", 1), part("bias", 0), attrFloat("epsilon", epsilon), attrInt("axis", -1)), nil
	}
	mean := g.node("ReduceMean", 1, g.node("Mul", x.width, x, x), attrInts("axes", 1), attrInt("keepdims", 1))
	root := g.node("Sqrt", 1, g.node("Add", 1, mean, g.scalar(epsilon)))
	return g.node("Mul", x.width, g.node("Div", x.width, x, root), part("weight", 1)), nil
}

// embeddings are x with rows of tables beside it. Each table has a row of zeros at its end, for codes that are none of its rows.
func (g *onnxWriter) embeddings(place string, s nn.LayerSpec, x tensor) tensor {
	parts, width := []any{attrInt("axis", 1)}, x.width
	if x.width > 0 {
		parts = append(parts, x)
	}
	for _, c := range g.net.columns(place, s) {
		var places []int64
		for range c.codes {
			places = append(places, int64(g.codes))
			g.codes++
		}
		none := g.ints([]int64{int64(c.count)})
		code := g.node("Gather", c.codes, tensor{name: "codes"}, g.ints(places, c.codes), attrInt("axis", 1))
		code = g.node("Where", c.codes, g.node("Less", c.codes, code, g.ints([]int64{0})), none, code)
		code = g.node("Min", c.codes, code, none)
		table := g.initializer("", append(slices.Clone(c.table), make([]float32, c.dim)...), c.count+1, c.dim)
		rows := g.node("Gather", c.dim, table, code)
		parts = append(parts, g.bag(c, rows, code, none))
		width += c.width()
	}
	return g.node("Concat", width, parts...)
}

// bag makes one row of a batch row's table rows.
func (g *onnxWriter) bag(c column, rows, code, none tensor) tensor {
	if c.mode == "Tokens" {
		return g.node("Reshape", c.width(), rows, g.ints([]int64{-1, int64(c.width())}, 2))
	}
	axis := g.ints([]int64{1}, 1)
	sum := g.node("ReduceSum", c.dim, rows, axis, attrInt("keepdims", 0))
	if c.mode == "BagSum" {
		return sum
	}
	there := g.node("Cast", c.codes, g.node("Less", c.codes, code, none), attrInt("to", typeFloat))
	n := g.node("ReduceSum", 1, there, axis, attrInt("keepdims", 1))
	return g.node("Div", c.dim, sum, g.node("Max", 1, n, g.scalar(1)))
}
