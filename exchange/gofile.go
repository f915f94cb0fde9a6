package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"go/format"
	"go/token"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

// GoFile is how a file of Go source is written.
type GoFile struct {
	Package string        // its name
	Prep    *tabular.Prep // of a model of a table: the file then takes rows and gives classes or values; may be nil
}

// Go writes the model as one file of Go source that imports nothing but the standard library: a type Network with a method
// Predict that allocates nothing, the weights in the text, and with a [tabular.Prep] the columns, their scaling and the classes.
// Predict of a model with embeddings takes codes too. Outputs are those of the model's Predict, to rounding; sums are in float32 and
// functions in float64. Dropout is left out, and normalisations use their running statistics. The error names a layer that is not
// known, as one of one's own.
func Go(w io.Writer, m *nn.Model, f GoFile) error {
	if !token.IsIdentifier(f.Package) {
		return fmt.Errorf("exchange: %q is no package's name", f.Package)
	}
	net, err := read(m)
	if err != nil {
		return err
	}
	if err := net.fits(f.Prep); err != nil {
		return err
	}
	g := &goWriter{net: net, needs: map[string]bool{"decode": true}}
	out, err := g.sequence("", net.layers, value{"x", net.inputs})
	if err != nil {
		return err
	}
	text, err := format.Source(g.file(f, out))
	if err != nil {
		return fmt.Errorf("exchange: %w", err) // a mistake of this package's
	}
	_, err = w.Write(text)
	return err
}

// goWriter collects the statements of Predict.
type goWriter struct {
	net    *network
	body   bytes.Buffer
	fields bytes.Buffer
	data   []byte // the weights
	n      int    // fields so far
	codes  int    // columns of codes so far
	needs  map[string]bool
}

// value is an expression and how many numbers it is.
type value struct {
	name  string
	width int
}

// field is memory of the network for so many numbers.
func (g *goWriter) field(width int) value {
	v := value{fmt.Sprintf("n.v%d[:]", g.n), width}
	fmt.Fprintf(&g.fields, "\tv%d [%d]float32\n", g.n, width)
	g.n++
	return v
}

// call writes a statement that fills new memory.
func (g *goWriter) call(width int, helper string, args ...any) value {
	out := g.field(width)
	g.needs[helper] = true
	fmt.Fprintf(&g.body, "\t%s(%s", helper, out.name)
	for _, a := range args {
		switch a := a.(type) {
		case value:
			fmt.Fprintf(&g.body, ", %s", a.name)
		default:
			fmt.Fprintf(&g.body, ", %v", a)
		}
	}
	g.body.WriteString(")\n")
	return out
}

// weights is the place of numbers in the text.
func (g *goWriter) weights(v []float32) value {
	at := len(g.data) / 4
	for _, x := range v {
		g.data = binary.LittleEndian.AppendUint32(g.data, math.Float32bits(x))
	}
	return value{fmt.Sprintf("weights[%d:%d]", at, at+len(v)), len(v)}
}

func (g *goWriter) sequence(place string, layers []nn.LayerSpec, x value) (value, error) {
	var err error
	for i, s := range layers {
		if x, err = g.layer(fmt.Sprintf("%s%d.", place, i), s, x); err != nil {
			return x, err
		}
	}
	return x, nil
}

// elementwise are the helpers of activations, each a function of one number and its arguments.
var elementwise = map[string]string{
	"ReLU": "relu", "ReLU6": "relu6", "SELU": "selu", "Tanh": "tanh", "Sigmoid": "sigmoid", "LogSigmoid": "logSigmoid", "GELU": "gelu",
	"GELUTanh": "geluTanh", "SiLU": "silu", "Mish": "mish", "Softplus": "softplus", "Softsign": "softsign", "Hardswish": "hardswish",
	"Hardsigmoid": "hardsigmoid", "LeakyReLU": "leakyReLU", "ELU": "elu", "CELU": "celu", "Hardtanh": "hardtanh", "SoftplusOf": "softplus",
}

func (g *goWriter) layer(place string, s nn.LayerSpec, x value) (value, error) {
	if f := elementwise[s.Kind]; f != "" {
		args := slices.Clone(s.Args)
		if s.Kind == "Softplus" {
			args = []float64{1, 20}
		}
		return g.activation(x, f, args), nil
	}
	switch s.Kind {
	case "Linear":
		width := int(s.Args[0])
		return g.call(width, "linear", x, g.weights(g.net.numbers[place+"weight"]), g.biasOf(place)), nil
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
		return g.call(x.width, "add", x, y), nil
	case "Concat":
		return g.concat(place, s, x)
	case "Softmax", "LogSoftmax":
		return g.call(x.width, strings.ToLower(s.Kind[:1])+s.Kind[1:], x), nil
	case "GLU":
		return g.call(x.width/2, "glu", x), nil
	case "PReLU", "PReLUPerFeature":
		return g.call(x.width, "prelu", x, g.weights(g.net.numbers[place+"weight"])), nil
	case "BatchNorm", "LayerNorm", "RMSNorm":
		return g.norm(place, s, x)
	}
	return x, refused(place, s, "a file of Go source")
}

func (g *goWriter) biasOf(place string) value {
	b := g.net.numbers[place+"bias"]
	if b == nil {
		return value{name: "nil"}
	}
	return g.weights(b)
}

// activation writes a loop over a function of one number.
func (g *goWriter) activation(x value, f string, args []float64) value {
	out := g.field(x.width)
	g.needs[f] = true
	call := f + "(v"
	for _, a := range args {
		call += fmt.Sprintf(", %v", float32(a))
	}
	fmt.Fprintf(&g.body, "\tfor i, v := range %s {\n\t\tn.v%d[i] = %s)\n\t}\n", x.name, g.n-1, call)
	return out
}

func (g *goWriter) concat(place string, s nn.LayerSpec, x value) (value, error) {
	var parts []value
	width := 0
	for i, branch := range s.Layers {
		y, err := g.layer(fmt.Sprintf("%s%d.", place, i), branch, x)
		if err != nil {
			return y, err
		}
		parts = append(parts, y)
		width += y.width
	}
	return g.joined(width, parts), nil
}

// joined are values side by side.
func (g *goWriter) joined(width int, parts []value) value {
	out := g.field(width)
	at := 0
	for _, p := range parts {
		fmt.Fprintf(&g.body, "\tcopy(n.v%d[%d:], %s)\n", g.n-1, at, p.name)
		at += p.width
	}
	return out
}

// embeddings are x with rows of tables beside it.
func (g *goWriter) embeddings(place string, s nn.LayerSpec, x value) value {
	parts, width := []value{x}, x.width
	for _, c := range g.net.columns(place, s) {
		codes := fmt.Sprintf("codes[%d:%d]", g.codes, g.codes+c.codes)
		helper := strings.ToLower(c.mode[:1]) + c.mode[1:]
		parts = append(parts, g.call(c.width(), helper, g.weights(c.table), codes, c.dim))
		g.codes, width = g.codes+c.codes, width+c.width()
	}
	return g.joined(width, parts)
}

// norm folds a BatchNorm into a scale and a shift; the others look at the row.
func (g *goWriter) norm(place string, s nn.LayerSpec, x value) (value, error) {
	epsilon, err := option(s, "epsilon", normEpsilon[s.Kind])
	if err != nil {
		return x, refused(place, s, err.Error())
	}
	weight, bias := g.net.numbers[place+"weight"], g.net.numbers[place+"bias"]
	if s.Kind == "BatchNorm" {
		mean, variance := g.net.numbers[place+"running_mean"], g.net.numbers[place+"running_var"]
		scale, shift := make([]float32, x.width), make([]float32, x.width)
		for i := range scale {
			k := 1 / math.Sqrt(float64(variance[i])+epsilon)
			b := 0.0
			if weight != nil {
				k *= float64(weight[i])
			}
			if bias != nil {
				b = float64(bias[i])
			}
			scale[i], shift[i] = float32(k), float32(b-float64(mean[i])*k)
		}
		return g.call(x.width, "affine", x, g.weights(scale), g.weights(shift)), nil
	}
	w, b := value{name: "nil"}, value{name: "nil"}
	if weight != nil {
		w = g.weights(weight)
	}
	if bias != nil {
		b = g.weights(bias)
	}
	return g.call(x.width, "normalise", x, w, b, epsilon, s.Kind == "LayerNorm"), nil
}

// file puts the parts together.
func (g *goWriter) file(f GoFile, out value) []byte {
	var s bytes.Buffer
	var helpers bytes.Buffer
	for {
		// A helper may need others.
		before := len(g.needs)
		helpers.Reset()
		for _, h := range slices.Sorted(maps.Keys(g.needs)) {
			helpers.WriteString("\n" + goHelpers[h].text + "\n")
			for _, more := range goHelpers[h].needs {
				g.needs[more] = true
			}
		}
		if len(g.needs) == before {
			break
		}
	}
	row := ""
	if f.Prep != nil {
		row = goRow(f.Prep)
	}
	fmt.Fprintf(&s, "// Code generated by gloss; DO NOT EDIT.\n\npackage %s\n\nimport (\n\t\"encoding/base64\"\n\t\"math\"\n)\n\n", f.Package)
	fmt.Fprintf(&s, "// Inputs and Outputs are how many numbers Predict takes and gives.\nconst (\n\tInputs = %d\n\tOutputs = %d\n)\n\n", g.net.inputs, out.width)
	if g.codes > 0 {
		fmt.Fprintf(&s, "// Codes are how many codes Predict takes. One that is no row of its table, as -1, stands for nothing.\nconst Codes = %d\n\n", g.codes)
	}
	s.WriteString("// A Network is memory for one row's way through the network: each goroutine needs its own. The zero Network is ready.\ntype Network struct {\n")
	s.Write(g.fields.Bytes())
	if f.Prep != nil {
		s.WriteString("\tin [Inputs]float32\n")
		if g.codes > 0 {
			s.WriteString("\tcodes [Codes]int32\n")
		}
	}
	s.WriteString("}\n\n// Predict gives the outputs for a row of Inputs numbers, as they are when the network is trained")
	args, wrong, longer := "x []float32", "len(x) != Inputs", "x has another length than Inputs"
	if g.codes > 0 {
		s.WriteString(", and Codes codes")
		args, wrong, longer = args+", codes []int32", wrong+" || len(codes) != Codes", longer+", or codes than Codes"
	}
	fmt.Fprintf(&s, ". They stay until the next call.\n// It allocates nothing, and panics where %s.\nfunc (n *Network) Predict(%s) []float32 {\n\tif %s {\n\t\tpanic(\"Predict: %[1]s\")\n\t}\n", longer, args, wrong)
	s.Write(g.body.Bytes())
	fmt.Fprintf(&s, "\treturn %s\n}\n%s\nvar weights = decode(\"%s\")\n%s", out.name, row, base64.StdEncoding.EncodeToString(g.data), helpers.Bytes())
	return s.Bytes()
}
