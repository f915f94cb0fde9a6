package exchange

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

// ONNXFile is how an ONNX file is written.
type ONNXFile struct {
	// Prep folds a table's scaling into the graph, so that it takes numbers as they are, and gives a regression's values in the
	// target's units; levels stay columns of 0 and 1, or codes, and gaps are the caller's to fill. Names of columns and classes go
	// into the metadata ("inputs", "target", "classes"), and for embedded columns the texts in the order of their codes ("codes of
	// NAME"), one a line. May be nil.
	Prep *tabular.Prep
	// Probabilities ends a classification in a softmax; without it the output is the model's.
	Probabilities bool
}

// What a file says of itself: opset 17 has every op below, and readers from 2022 on know it.
const (
	irVersion = 8
	opset     = 17
)

// ONNX writes the model as an ONNX file (onnx.ai, onnx.proto of IR version 8, opset 17): an input "input" of N rows, an output
// "output", and for a model with embeddings an input "codes" of N rows of int64, where a code that is no row of its table, as −1,
// stands for nothing. A model of codes alone has no "input". Outputs are those of the model's Predict, to rounding. Dropout is left
// out, and normalisations use their running statistics. The error names a layer that ONNX cannot say, as one of one's own.
func ONNX(w io.Writer, m *nn.Model, f ONNXFile) error {
	net, err := read(m)
	if err != nil {
		return err
	}
	if err := net.fits(f.Prep); err != nil {
		return err
	}
	g := &onnxWriter{net: net, known: map[string]bool{}}
	x := tensor{"input", net.inputs}
	if f.Prep != nil {
		x = g.scaled(f.Prep, x)
	}
	if x, err = g.sequence("", net.layers, x); err != nil {
		return err
	}
	if p := f.Prep; p != nil && p.Target.Task == tabular.Regress {
		x = g.constant(float32(p.Target.Center), "Add", g.constant(float32(p.Target.Width), "Mul", x))
	}
	if f.Probabilities {
		x = g.node("Softmax", x.width, x, attrInt("axis", -1))
	}
	_, err = w.Write(g.file(f, x))
	return err
}

// onnxWriter collects the graph.
type onnxWriter struct {
	net   *network
	graph message
	n     int // names so far
	codes int // columns of codes so far
	known map[string]bool
}

// tensor is a name in the graph, N rows of width numbers; an initializer has no width.
type tensor struct {
	name  string
	width int
}

// attribute is a node's.
type attribute struct{ message }

func attrInt(name string, v int64) attribute {
	var a message
	a.text(1, name)
	a.varint(3, uint64(v))
	a.varint(20, 2)
	return attribute{a}
}

func attrInts(name string, v ...int64) attribute {
	var a message
	a.text(1, name)
	for _, x := range v {
		a.varint(8, uint64(x))
	}
	a.varint(20, 7)
	return attribute{a}
}

func attrFloat(name string, v float64) attribute {
	var a message
	a.text(1, name)
	a.float(2, float32(v))
	a.varint(20, 1)
	return attribute{a}
}

func (g *onnxWriter) name() string {
	g.n++
	return fmt.Sprintf("v%d", g.n)
}

// node adds one, of tensors and attributes in any order.
func (g *onnxWriter) node(op string, width int, args ...any) tensor {
	return g.nodes(op, width, 1, args...)[0]
}

// nodes adds one of several outputs.
func (g *onnxWriter) nodes(op string, width, outputs int, args ...any) (out []tensor) {
	var n, attrs message
	for _, a := range args {
		switch a := a.(type) {
		case tensor:
			n.text(1, a.name)
		case attribute:
			attrs.message(5, a.message)
		}
	}
	for range outputs {
		t := tensor{g.name(), width}
		n.text(2, t.name)
		out = append(out, t)
	}
	n.text(3, op+"_"+out[0].name)
	n.text(4, op)
	g.graph.message(1, append(n, attrs...))
	return out
}

// initializer adds numbers of that shape.
func (g *onnxWriter) initializer(name string, v []float32, shape ...int) tensor {
	if name == "" || g.known[name] {
		name = g.name()
	}
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return g.raw(name, typeFloat, raw, shape...)
}

func (g *onnxWriter) ints(v []int64, shape ...int) tensor {
	raw := make([]byte, 0, 8*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(x))
	}
	return g.raw(g.name(), typeInt64, raw, shape...)
}

func (g *onnxWriter) raw(name string, kind uint64, raw []byte, shape ...int) tensor {
	g.known[name] = true
	var t message
	for _, d := range shape {
		t.varint(1, uint64(d))
	}
	t.varint(2, kind)
	t.text(8, name)
	t.bytes(9, raw)
	g.graph.message(5, t)
	return tensor{name: name}
}

func (g *onnxWriter) vector(v []float32) tensor { return g.initializer("", v, len(v)) }
func (g *onnxWriter) scalar(v float64) tensor   { return g.initializer("", []float32{float32(v)}) }

// constant is op(x, v).
func (g *onnxWriter) constant(v float32, op string, x tensor) tensor {
	return g.node(op, x.width, x, g.scalar(float64(v)))
}

// scaled is (x − center) / width of the numbers; levels are 0 and 1 already.
func (g *onnxWriter) scaled(p *tabular.Prep, x tensor) tensor {
	var center, width []float32
	for _, in := range p.Inputs {
		switch {
		case embedded(in):
			continue
		case in.Kind == tabular.Category && in.Coding == tabular.OneHot:
			for range in.Levels {
				center, width = append(center, 0), append(width, 1)
			}
			continue
		}
		center, width = append(center, float32(in.Center)), append(width, float32(in.Width))
		if in.Indicate {
			center, width = append(center, 0), append(width, 1)
		}
	}
	return g.node("Div", x.width, g.node("Sub", x.width, x, g.vector(center)), g.vector(width))
}

func (g *onnxWriter) sequence(place string, layers []nn.LayerSpec, x tensor) (tensor, error) {
	var err error
	for i, s := range layers {
		if x, err = g.layer(fmt.Sprintf("%s%d.", place, i), s, x); err != nil {
			return x, err
		}
	}
	return x, nil
}

// file puts the graph into a model.
func (g *onnxWriter) file(f ONNXFile, out tensor) []byte {
	// The output has a name of its own, whatever made it.
	var last message
	last.text(1, out.name)
	last.text(2, "output")
	last.text(4, "Identity")
	g.graph.message(1, last)
	g.graph.text(2, "gloss")
	if g.net.inputs > 0 {
		g.graph.message(11, valueInfo("input", typeFloat, g.net.inputs))
	}
	if g.codes > 0 {
		g.graph.message(11, valueInfo("codes", typeInt64, g.codes))
	}
	g.graph.message(12, valueInfo("output", typeFloat, out.width))
	var m, domain message
	m.varint(1, irVersion)
	m.text(2, "gloss")
	m.message(7, g.graph)
	domain.text(1, "")
	domain.varint(2, opset)
	m.message(8, domain)
	if f.Prep != nil {
		m.message(14, property("inputs", strings.Join(f.Prep.Names(), "\n")))
		m.message(14, property("target", f.Prep.Target.Name))
		m.message(14, property("classes", strings.Join(f.Prep.Target.Classes, "\n")))
		for _, in := range f.Prep.Inputs {
			if embedded(in) {
				m.message(14, property("codes of "+in.Name, strings.Join(in.Levels, "\n")))
			}
		}
	}
	return m
}

func property(key, value string) (p message) {
	p.text(1, key)
	p.text(2, value)
	return p
}

// valueInfo is N×width numbers.
func valueInfo(name string, kind uint64, width int) (v message) {
	var rows, cols, shape, t, typ message
	rows.text(2, "N")
	cols.varint(1, uint64(width))
	shape.message(1, rows)
	shape.message(1, cols)
	t.varint(1, kind)
	t.message(2, shape)
	typ.message(1, t)
	v.text(1, name)
	v.message(2, typ)
	return v
}
