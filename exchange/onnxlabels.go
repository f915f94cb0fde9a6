package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

// Exporters of classifiers put nodes behind the probabilities that make labels of them. A model here ends with the probabilities: the
// nodes are left out, and the names of the classes kept.

// labelOps are what such nodes do.
var labelOps = []string{
	"ArgMax", "ArrayFeatureExtractor", "Binarizer", "Cast", "Equal", "Gather", "Greater", "GreaterOrEqual", "LabelEncoder", "Less", "Not",
	"ReduceMax", "Reshape", "Squeeze", "TopK", "Unsqueeze", "Where", "ZipMap",
}

// ends reports whether the last layer gives probabilities, or their logarithms.
func (c *chain) ends(kinds ...string) bool {
	return len(c.parts) > 0 && slices.Contains(kinds, fmt.Sprint(c.parts[len(c.parts)-1].layer))
}

// labels reports whether a node makes labels of the model's outputs, and takes the classes' names from it.
func (c *chain) labels(n *node) bool {
	known := slices.Contains(labelOps, n.op) && c.ends("Softmax", "LogSoftmax", "Sigmoid") || n.op == "ArgMax"
	if !known || !slices.ContainsFunc(n.in, func(in string) bool { return in == c.at || c.behind[in] }) {
		return false
	}
	for _, out := range n.out {
		c.behind[out] = true
	}
	for _, in := range n.in {
		if v := c.graph.numbers[in]; v != nil && (n.op == "ArrayFeatureExtractor" || n.op == "Gather") {
			c.named(v.labels())
		}
	}
	c.named(n.texts["classlabels_strings"])
	c.named(whole(n.ints["classlabels_int64s"]))
	if n.op != "Cast" && n.op != "Reshape" {
		c.notes = append(c.notes, fmt.Sprintf("node %s, behind the outputs, is left out", n.op))
	}
	return true
}

// binary knows [1 − p, p], which scikit-learn's exporter makes of the one output of a classifier of two.
func (c *chain) binary(n *node) bool {
	if n.op == "Concat" && len(n.in) == 2 && n.in[1] == c.at && c.behind[n.in[0]] {
		c.behind[n.out[0]] = true
		c.notes = append(c.notes, "of two classes' probabilities the model gives the second alone")
		return true
	}
	if n.op != "Sub" || len(n.in) != 2 || n.in[1] != c.at || !c.ends("Sigmoid") || !slices.Equal(c.operand(n, 0), []float32{1}) {
		return false
	}
	pair := []string{n.out[0], c.at}
	c.behind[n.out[0]] = slices.ContainsFunc(c.graph.nodes, func(n node) bool { return n.op == "Concat" && slices.Equal(n.in, pair) })
	return c.behind[n.out[0]]
}

func (c *chain) named(classes []string) {
	if len(classes) > 1 {
		c.classes = classes
	}
}

// labels are a tensor's values as names.
func (t *numbers) labels() []string {
	if t.texts != nil {
		return t.texts
	}
	var names []string
	for _, v := range t.v {
		names = append(names, strconv.FormatFloat(float64(v), 'g', -1, 32))
	}
	return names
}

func whole(v []int64) (names []string) {
	for _, x := range v {
		names = append(names, strconv.FormatInt(x, 10))
	}
	return names
}

// property is a list that a file of this package's says of itself.
func (g *graph) property(key string) []string {
	if g.meta[key] == "" {
		return nil
	}
	return strings.Split(g.meta[key], "\n")
}

// logits makes the model one that gives logits: a last softmax goes, and the one output of a classifier of two becomes 0 and itself.
func (c *chain) logits() {
	last := len(c.parts) - 1
	switch {
	case c.ends("Softmax", "LogSoftmax"):
		c.parts = c.parts[:last]
	case c.ends("Sigmoid") && c.width == 1 && last > 0 && c.parts[last-1].linear:
		c.parts = c.parts[:last]
		p := &c.parts[last-1]
		p.layer, c.width = nn.Linear(2), 2
		w := make([]float32, 2*len(p.weight))
		for i, v := range p.weight {
			w[2*i+1] = v
		}
		p.weight, p.bias = w, []float32{0, p.bias[0]}
	}
}

// ErrNoTable is what [ReadONNXTable] gives for a model that [ReadONNX] can read and that predicts no column of a table.
var ErrNoTable = errors.New("the model predicts no column")

// table makes the model one of a table.
func (c *chain) table(names TableNames) (*tabular.Prep, error) {
	or := func(given, own []string) []string {
		if len(given) > 0 {
			return given
		}
		return own
	}
	classes := or(names.Classes, c.classes)
	classifies := classes != nil || c.ends("Softmax", "LogSoftmax") || c.ends("Sigmoid") && c.width == 1
	if c.ends("Sigmoid") && c.width > 1 {
		return nil, fmt.Errorf("%w: it gives %d probabilities of labels that do not exclude each other", ErrNoTable, c.width)
	}
	if !classifies && c.width > 1 {
		return nil, fmt.Errorf("%w: its %d outputs are neither probabilities nor said to be classes", ErrNoTable, c.width)
	}
	p := &tabular.Prep{Target: &tabular.Output{Task: tabular.Regress, Width: 1}}
	p.Target.Name = cmp.Or(names.Target, c.graph.meta["target"], "y")
	columns, err := enough("columns", or(names.Columns, c.graph.property("inputs")), "x", c.inputs)
	if err != nil {
		return nil, err
	}
	for _, name := range columns {
		p.Inputs = append(p.Inputs, tabular.Input{Name: name, Kind: tabular.Number, Width: 1, Fail: true})
	}
	if !classifies {
		return p, nil
	}
	if c.logits(); c.width < 2 {
		return nil, fmt.Errorf("%w: for two classes there is one output, and before the sigmoid no layer of weights that could give two", ErrNoTable)
	}
	p.Target.Task, p.Target.Width = tabular.Classify, 0
	p.Target.Classes, err = enough("classes", classes, "", c.width)
	return p, err
}

// enough are n names: those that are given, or numbers behind a prefix.
func enough(of string, given []string, prefix string, n int) ([]string, error) {
	if given == nil {
		for i := range n {
			given = append(given, prefix+strconv.Itoa(i))
		}
	}
	if len(given) != n {
		return nil, fmt.Errorf("%d names of %s, where there are %d", len(given), of, n)
	}
	return given, nil
}
