package exchange

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

// ReadONNX makes a model of an ONNX file's bytes: a chain of layers as exporters of PyTorch, Keras and scikit-learn write
// multilayer perceptrons, and [ONNX]: Gemm, MatMul and Add, activations, BatchNormalization, LayerNormalization, Dropout, Softmax.
// Additions and products with constants become part of the layer of weights beside them, or a BatchNorm where there is none. A
// classifier's model ends with its probabilities: what makes labels of them is left out. What it cannot say is an error that names
// the node. notes are what was left out or changed.
func ReadONNX(dev backend.Backend, file []byte) (m *nn.Model, notes []string, err error) {
	c, err := readChain(file)
	if err == nil {
		m, err = c.model(dev)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("exchange: onnx: %w", err)
	}
	return m, c.notes, nil
}

// TableNames are what a table's columns are called. Where a field is empty an ONNX file's own names stand, and where it has none
// "x0", "x1", …, "y", and "0", "1", ….
type TableNames struct {
	Columns []string
	Target  string
	Classes []string // say that the outputs are logits of classes, too
}

// ReadONNXTable is ReadONNX for a model that predicts a column from columns of numbers, for further training and for predictions by
// name. A classifier's model ends with logits, two for one of two classes. A model with one output that is no probability predicts a
// number.
func ReadONNXTable(dev backend.Backend, file []byte, names TableNames) (m *nn.Model, p *tabular.Prep, notes []string, err error) {
	c, err := readChain(file)
	if err == nil {
		p, err = c.table(names)
	}
	if err == nil {
		m, err = c.model(dev)
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("exchange: onnx: %w", err)
	}
	return m, p, c.notes, nil
}

func readChain(file []byte) (*chain, error) {
	g, err := parse(file)
	if err != nil {
		return nil, err
	}
	c := &chain{graph: g, at: g.input, width: -1, behind: map[string]bool{}, classes: g.property("classes")}
	return c, c.follow()
}

// chain is a model that is being put together, layer by layer.
type chain struct {
	graph  *graph
	at     string // the tensor that the next node takes
	width  int    // of it; −1 before the first layer
	inputs int
	parts  []part
	notes  []string

	scale, shift []float32 // what comes was multiplied with and added to, and no layer has it yet; nil for nothing

	classes []string
	behind  map[string]bool // tensors that are made of the outputs
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
		if l, k := c.match(i); l != nil {
			if err := c.settle(); err != nil {
				return fmt.Errorf("node %d, %s: %w", i, n.op, err)
			}
			c.parts = append(c.parts, part{layer: l})
			i += k - 1
			c.at = c.graph.nodes[i].out[0]
			continue
		}
		if c.binary(n) {
			continue
		}
		if !slices.Contains(n.in, c.at) {
			if c.labels(n) {
				continue
			}
			return fmt.Errorf("node %d, %s: it does not follow the one before it: this is no chain of layers", i, n.op)
		}
		if err := c.take(n); err != nil {
			if c.labels(n) {
				continue
			}
			return fmt.Errorf("node %d, %s: %w", i, n.op, err)
		}
		c.at = n.out[0]
	}
	if len(c.parts) == 0 || c.width < 0 {
		return errors.New("no layer with weights in it")
	}
	for _, out := range c.graph.outputs {
		if out != c.at && !c.behind[out] {
			return fmt.Errorf("the output %q is not where the chain of layers ends", out)
		}
	}
	return c.settle()
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
		defer c.graph.done(n.in[1])
		return c.linear(w, false, 1, nil)
	case "Add", "Sub", "Mul", "Div":
		return c.affine(n)
	case "BatchNormalization", "LayerNormalization":
		return c.norm(n)
	case "Scaler":
		return c.scaler(n)
	case "Cast":
		if to := n.int("to", typeFloat); !slices.Contains(floatTypes, to) {
			return fmt.Errorf("%w where it makes whole numbers", errUnknown)
		}
		return nil
	case "Flatten":
		if axis := n.int("axis", 1); axis != 1 {
			return fmt.Errorf("along axis %d", axis)
		}
		return nil
	case "Identity":
		return nil
	case "Dropout":
		c.notes = append(c.notes, "a Dropout is left out: it does nothing but in training, and its rate is not always in the file")
		return nil
	case "Reshape", "Squeeze":
		return c.reshape(n)
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
	defer c.graph.done(n.in[1])
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
	if err := c.graph.take(in*out + out); err != nil {
		return err
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
		if len(c.parts) == 0 {
			c.notes = append(c.notes, "the inputs' scaling is part of the first layer's weights")
		}
	}
	c.parts, c.width = append(c.parts, p), out
	return nil
}

// model makes the layers a model, and gives it the numbers.
func (c *chain) model(dev backend.Backend) (*nn.Model, error) {
	c.graph = nil // its numbers are the parts' now
	var layers []nn.Layer
	var stats [][]float32
	size := 0
	for _, p := range c.parts {
		layers = append(layers, p.layer)
		stats = append(stats, p.stats...)
		size += len(p.weight) + len(p.bias)
	}
	weights := make([]float32, 0, size)
	for i, p := range c.parts {
		weights = append(append(weights, p.weight...), p.bias...)
		c.parts[i] = part{}
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
