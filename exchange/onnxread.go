package exchange

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/nn"
)

// ReadONNX makes a model of an ONNX file's bytes: a chain of layers as exporters of PyTorch, Keras and scikit-learn write
// multilayer perceptrons, and [ONNX]: Gemm, MatMul and Add, activations, BatchNormalization, LayerNormalization, Dropout, Softmax; additions
// and products with constants become part of the layer beside them. What it cannot say is an error that names the node. notes
// are what was left out or changed.
func ReadONNX(dev backend.Backend, file []byte) (m *nn.Model, notes []string, err error) {
	g, err := parse(file)
	if err != nil {
		return nil, nil, fmt.Errorf("exchange: onnx: %w", err)
	}
	c := &chain{graph: g, at: g.input, width: -1}
	if err := c.follow(); err != nil {
		return nil, nil, fmt.Errorf("exchange: onnx: %w", err)
	}
	if m, err = c.model(dev); err != nil {
		return nil, nil, fmt.Errorf("exchange: onnx: %w", err)
	}
	return m, c.notes, nil
}

// chain is a model that is being put together, layer by layer.
type chain struct {
	graph  *graph
	at     string // the tensor that the next node takes
	width  int    // of it; −1 before the first layer
	inputs int
	parts  []part
	notes  []string

	scale, shift []float32 // of inputs, before the first layer that has weights; nil for none
}

// part is a layer with its numbers, in the order of the model's.
type part struct {
	layer        nn.Layer
	weight, bias []float32 // of a Linear: in×out, and out
	more         [][]float32
	stats        [][]float32
	linear       bool
}

// maxNodes bounds a file's chain, as nn bounds its own.
const maxNodes = 2048

// follow goes from the input to the output.
func (c *chain) follow() error {
	if c.at == "" {
		return errors.New("no input")
	}
	if len(c.graph.nodes) > maxNodes {
		return fmt.Errorf("%d nodes; %d are the most", len(c.graph.nodes), maxNodes)
	}
	for i := 0; i < len(c.graph.nodes); i++ {
		n := &c.graph.nodes[i]
		if c.scale == nil {
			if l, k := c.match(i); l != nil {
				c.parts = append(c.parts, part{layer: l})
				i += k - 1
				c.at = c.graph.nodes[i].out[0]
				continue
			}
		}
		if !slices.Contains(n.in, c.at) {
			if softmaxed(c.parts) {
				c.notes = append(c.notes, fmt.Sprintf("node %s, behind the softmax, is left out", n.op))
				continue
			}
			return fmt.Errorf("node %d, %s: it does not follow the one before it: this is no chain of layers", i, n.op)
		}
		if err := c.take(n); err != nil {
			if softmaxed(c.parts) && errors.Is(err, errUnknown) {
				c.notes = append(c.notes, fmt.Sprintf("node %s, behind the softmax, is left out", n.op))
				continue
			}
			return fmt.Errorf("node %d, %s: %w", i, n.op, err)
		}
		c.at = n.out[0]
	}
	if len(c.parts) == 0 || c.width < 0 {
		return errors.New("no layer with weights in it")
	}
	if c.scale != nil {
		return errors.New("numbers are added or multiplied where no layer with weights follows that could take them")
	}
	return nil
}

// softmaxed reports whether a softmax came: what follows makes labels of it.
func softmaxed(parts []part) bool {
	return len(parts) > 0 && fmt.Sprint(parts[len(parts)-1].layer) == "Softmax"
}

var errUnknown = errors.New("this op is not known here")

// constant is the node's only other operand, where it is one.
func (c *chain) constant(n *node) (*numbers, bool) {
	if len(n.in) != 2 {
		return nil, false
	}
	other := n.in[0]
	if other == c.at {
		other = n.in[1]
	}
	v := c.graph.numbers[other]
	return v, v != nil
}

// operand is a constant by its place, nil where the node has none there.
func (c *chain) operand(n *node, i int) []float32 {
	if i >= len(n.in) || c.graph.numbers[n.in[i]] == nil {
		return nil
	}
	return c.graph.numbers[n.in[i]].v
}

// take makes a layer of a node, or part of one.
func (c *chain) take(n *node) error {
	switch n.op {
	case "Gemm":
		return c.gemm(n)
	case "MatMul":
		w, ok := c.constant(n)
		if !ok || n.in[0] != c.at {
			return errors.New("a product with something that is no constant, or from the left")
		}
		return c.linear(w, false, 1, nil)
	case "Add", "Sub", "Mul", "Div":
		return c.affine(n)
	case "BatchNormalization", "LayerNormalization":
		return c.norm(n)
	case "Identity", "Dropout", "Cast", "Flatten":
		if n.op == "Dropout" {
			c.notes = append(c.notes, "a Dropout is left out: it does nothing but in training, and its rate is not always in the file")
		}
		return nil
	}
	return c.activation(n)
}

func (c *chain) gemm(n *node) error {
	if len(n.in) < 2 || n.in[0] != c.at || n.int("transA", 0) != 0 {
		return errors.New("a product that is none of rows with weights")
	}
	w := c.graph.numbers[n.in[1]]
	if w == nil {
		return errors.New("its weights are no constant")
	}
	var bias []float32
	if len(n.in) > 2 && n.in[2] != "" {
		if bias = c.operand(n, 2); bias == nil {
			return errors.New("its bias is no constant")
		}
		bias = slices.Clone(bias)
		for i := range bias {
			bias[i] *= float32(n.float("beta", 1))
		}
	}
	return c.linear(w, n.int("transB", 0) != 0, float32(n.float("alpha", 1)), bias)
}

// linear adds a layer of weights, with what was added to and multiplied by its inputs in them.
func (c *chain) linear(w *numbers, transposed bool, alpha float32, bias []float32) error {
	if len(w.dims) != 2 || len(w.v) == 0 {
		return fmt.Errorf("weights of shape %v", w.dims)
	}
	in, out := w.dims[0], w.dims[1]
	if transposed {
		in, out = out, in
	}
	switch {
	case c.width < 0:
		c.inputs = in
	case c.width != in:
		return fmt.Errorf("weights for %d inputs, where %d come", in, c.width)
	}
	p := part{linear: true, layer: nn.Linear(out), weight: make([]float32, in*out), bias: make([]float32, out)}
	for i := range in {
		for j := range out {
			k := i*out + j
			if transposed {
				k = j*in + i
			}
			p.weight[i*out+j] = alpha * w.v[k]
		}
	}
	if len(bias) == 1 {
		bias = slices.Repeat(bias, out)
	}
	if bias != nil && len(bias) != out {
		return fmt.Errorf("a bias of %d for %d outputs", len(bias), out)
	}
	copy(p.bias, bias)
	if c.scale != nil {
		scale, shift, err := spread(c.scale, c.shift, in)
		if err != nil {
			return err
		}
		sums := make([]float64, out)
		for i := range in {
			for j := range out {
				sums[j] += float64(shift[i]) * float64(p.weight[i*out+j])
				p.weight[i*out+j] *= scale[i]
			}
		}
		for j := range out {
			p.bias[j] += float32(sums[j])
		}
		c.scale, c.shift = nil, nil
		c.notes = append(c.notes, "the inputs' scaling is part of the first layer's weights")
	}
	c.parts, c.width = append(c.parts, p), out
	return nil
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

// affine is x·a + b with constants: part of the linear layer before it, or of that behind it.
func (c *chain) affine(n *node) error {
	k, ok := c.constant(n)
	if !ok || len(k.v) == 0 {
		return fmt.Errorf("%w with an operand that is no constant", errUnknown)
	}
	if n.in[0] != c.at && (n.op == "Sub" || n.op == "Div") {
		return errors.New("a constant less, or divided by, what comes")
	}
	scale, shift := make([]float32, len(k.v)), make([]float32, len(k.v))
	for i, v := range k.v {
		scale[i] = 1
		switch n.op {
		case "Add":
			shift[i] = v
		case "Sub":
			shift[i] = -v
		case "Mul":
			scale[i] = v
		default:
			scale[i] = 1 / v
		}
	}
	if len(c.parts) > 0 {
		last := &c.parts[len(c.parts)-1]
		if !last.linear {
			return errors.New("numbers are added or multiplied behind a layer without weights")
		}
		scale, shift, err := spread(scale, shift, c.width)
		if err != nil {
			return err
		}
		for i := range last.weight {
			last.weight[i] *= scale[i%c.width]
		}
		for j := range last.bias {
			last.bias[j] = last.bias[j]*scale[j] + shift[j]
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

// model makes the layers a model, and gives it the numbers.
func (c *chain) model(dev backend.Backend) (*nn.Model, error) {
	var layers []nn.Layer
	var weights []float32
	var stats [][]float32
	for _, p := range c.parts {
		layers = append(layers, p.layer)
		weights = append(append(weights, p.weight...), p.bias...)
		stats = append(stats, p.stats...)
	}
	m, err := nn.New(dev, c.inputs, layers...)
	if err != nil {
		return nil, err
	}
	running, err := m.RunningStats()
	if err == nil && len(running) != len(stats) {
		err = fmt.Errorf("%d running statistics, %d are in the file", len(running), len(stats))
	}
	if err == nil {
		for i := range running {
			running[i].Values = stats[i]
		}
		err = m.SetRunningStats(running)
	}
	if err == nil {
		err = m.SetWeights(weights)
	}
	if err != nil {
		m.Release()
		return nil, err
	}
	return m, nil
}
