package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/backend"
)

// A Summary is what a model is made of: [Model.Summary]. Its String is a table.
type Summary struct {
	Inputs, Codes, Outputs int // columns of a row
	Layers                 []LayerSummary
	Parameters             int
	MultiplyAdds           int // of a row's way forward, in products of matrices; training takes about three times as many
	Statistics             int // running ones, kept beside the parameters
}

// LayerSummary is a layer of a model, or a container, whose layers follow it one level deeper.
type LayerSummary struct {
	Place        string // what the names of its parameters start with: "2.1"
	Depth        int    // number of containers that it lies in
	Kind         string // with its settings, a container's layers left out: "Linear(128)", "Residual"
	Outputs      int    // columns
	Parameters   int    // a container's: of all of its layers
	MultiplyAdds int    // the same
}

// Summary describes the model, layer by layer. Nothing runs on the device.
func (m *Model) Summary() Summary {
	s := Summary{Inputs: m.inputs, Codes: len(m.codes), Outputs: m.Outputs()}
	b := summing{m: m, products: m.products()}
	b.layers(m.layers, m.root, -1, "", "")
	s.Layers = b.rows
	for _, p := range m.params {
		s.Parameters += p.Rows * p.Cols
	}
	for _, n := range b.products {
		s.MultiplyAdds += n
	}
	for _, r := range m.stats.all {
		s.Statistics += r.n
	}
	return s
}

// products counts the multiply-adds of a row by the place of the calls that make them. A layer of one's own that
// cannot be built alone has none.
func (m *Model) products() map[string]int {
	n := map[string]int{}
	p, err := m.dry().Plan(PlanConfig{Rows: 1})
	if err != nil {
		return n
	}
	for i, c := range p.Calls {
		if mm, ok := c.(*backend.MatMul); ok {
			inner := mm.A.Cols
			if mm.TransA {
				inner = mm.A.Rows
			}
			n[strings.TrimSuffix(p.Place(i), ", forward")] += mm.Dst.Rows * mm.Dst.Cols * inner
		}
	}
	return n
}

// summing walks over layers and their nodes side by side.
type summing struct {
	m        *Model
	products map[string]int
	rows     []LayerSummary
}

// layers appends what a container holds. where is what plans call the container.
func (b *summing) layers(layers []Layer, node Node, depth int, place, where string) {
	var nodes []Node
	var names []string
	switch n := node.(type) {
	case chain:
		nodes, names = n.nodes, n.names
	case concatNode:
		nodes, names = n.branches, n.names
	}
	for i, l := range layers {
		inside := names[i]
		if where != "" {
			inside = where + ": " + inside
		}
		b.layer(l, nodes[i], depth+1, fmt.Sprintf("%s%d", place, i), inside)
	}
}

func (b *summing) layer(l Layer, node Node, depth int, place, where string) {
	kind, inside := l.String(), []Layer(nil)
	switch c := l.(type) {
	case sequence:
		kind, inside = "Sequence", c
	case residual:
		kind, inside = "Residual", c
		node = node.(residualNode).Node
	case concat:
		kind, inside = "Concat", c
	}
	b.rows = append(b.rows, LayerSummary{
		Place: place, Depth: depth, Kind: kind, Outputs: node.Width(), Parameters: b.parameters(place + "."), MultiplyAdds: b.within(where),
	})
	b.layers(inside, node, depth, place+".", where)
	if e, ok := l.(embeddings); ok {
		b.columns(e, depth+1, place)
	}
}

// columns appends the tables of Embeddings.
func (b *summing) columns(columns []EmbeddingColumn, depth int, place string) {
	for i, c := range columns {
		at := fmt.Sprintf("%s.embedding%d", place, i)
		b.rows = append(b.rows, LayerSummary{Place: at, Depth: depth, Kind: c.kind(), Outputs: c.width(), Parameters: c.Count * c.Dim})
	}
}

// kind is the column as a program has it.
func (c EmbeddingColumn) kind() string {
	switch {
	case c.mode == bagSum:
		return fmt.Sprintf("BagSum(%d, %d, %d)", c.Count, c.Dim, c.Codes)
	case c.mode == bagMean:
		return fmt.Sprintf("BagMean(%d, %d, %d)", c.Count, c.Dim, c.Codes)
	case c.Codes > 1:
		return fmt.Sprintf("Tokens(%d, %d, %d)", c.Count, c.Dim, c.Codes)
	}
	return fmt.Sprintf("Embedding(%d, %d)", c.Count, c.Dim)
}

func (b *summing) parameters(prefix string) (n int) {
	for _, p := range b.m.params {
		if strings.HasPrefix(p.Name, prefix) {
			n += p.Rows * p.Cols
		}
	}
	return n
}

// within adds up what is counted at a place and inside of it.
func (b *summing) within(where string) (n int) {
	for place, count := range b.products {
		if place == where || strings.HasPrefix(place, where+": ") {
			n += count
		}
	}
	return n
}

// String is a table with a line for each layer, indented by its depth, and the totals.
func (s Summary) String() string {
	rows := [][]string{{"place", "layer", "output", "parameters", "multiply-adds a row"}}
	for _, l := range s.Layers {
		rows = append(rows, []string{
			l.Place, strings.Repeat("  ", l.Depth) + l.Kind, fmt.Sprintf("n×%d", l.Outputs), grouped(l.Parameters), grouped(l.MultiplyAdds),
		})
	}
	rows = append(rows, []string{"", "total", fmt.Sprintf("n×%d", s.Outputs), grouped(s.Parameters), grouped(s.MultiplyAdds)})
	text := "n×" + fmt.Sprint(s.Inputs) + " inputs"
	if s.Codes > 0 {
		text += fmt.Sprintf(" and n×%d codes", s.Codes)
	}
	if s.Statistics > 0 {
		text += ", " + grouped(s.Statistics) + " running statistics"
	}
	return text + "\n" + table(rows, 2)
}

// table aligns columns: the first ones to the left, those from right on to the right.
func table(rows [][]string, right int) string {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, s := range r {
			widths[i] = max(widths[i], len([]rune(s)))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		line := ""
		for i, s := range r {
			pad := strings.Repeat(" ", widths[i]-len([]rune(s)))
			if i < right {
				line += s + pad + "  "
			} else {
				line += pad + s + "  "
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// grouped is n with its thousands apart.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	var parts []string
	for ; len(digits) > 3; digits = digits[:len(digits)-3] {
		parts = append(parts, digits[len(digits)-3:])
	}
	parts = append(parts, digits)
	slices.Reverse(parts)
	return strings.Join(parts, ",")
}
