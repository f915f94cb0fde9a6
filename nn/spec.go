package nn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/backend"
)

// LayerSpec is a layer as plain data, which model files hold.
type LayerSpec struct {
	Kind    string            `json:"kind"`              // what the function is called that makes it: "Linear"
	Args    []float64         `json:"args,omitempty"`    // its numbers
	Options map[string]string `json:"options,omitempty"` // what was set besides
	Layers  []LayerSpec       `json:"layers,omitempty"`  // that it is made of
}

// Described is a layer of one's own that can be saved: [Load] is given a [LayerKind] that makes it again.
type Described interface {
	Layer
	Describe() LayerSpec
}

// A LayerKind makes layers of one's own from their descriptions. Its error says what is wrong with one.
type LayerKind struct {
	Kind string
	Make func(LayerSpec) (Layer, error)
}

// described is Described for the layers of this package, which hold others.
type described interface {
	describe() (LayerSpec, error)
}

func describe(l Layer) (LayerSpec, error) {
	switch l := l.(type) {
	case described:
		return l.describe()
	case Described:
		s := l.Describe()
		if _, ok := layerKinds()[s.Kind]; ok || s.Kind == "" {
			return s, fmt.Errorf("%v: describes itself as kind %q, which a layer of one's own cannot have", l, s.Kind)
		}
		return s, nil
	}
	return LayerSpec{}, fmt.Errorf("%v: a layer of one's own needs the method Describe to be saved", l)
}

func describeAll(kind string, layers []Layer) (LayerSpec, error) {
	s := LayerSpec{Kind: kind}
	for i, l := range layers {
		inner, err := describe(l)
		if err != nil {
			return s, fmt.Errorf("layer %d, %w", i, err)
		}
		s.Layers = append(s.Layers, inner)
	}
	return s, nil
}

// called is the description of what names itself as a call: "Hardtanh(-1, 1)".
func called(text string) (s LayerSpec, err error) {
	name, args, ok := strings.Cut(text, "(")
	s.Kind = name
	if !ok {
		return s, nil
	}
	for arg := range strings.SplitSeq(strings.TrimSuffix(args, ")"), ", ") {
		x, err := strconv.ParseFloat(arg, 64)
		for f := FanIn; f <= FanAvg && err != nil; f++ {
			if arg == f.String() {
				x, err = float64(f), nil
			}
		}
		if err != nil {
			return s, fmt.Errorf("%s: argument %q", text, arg)
		}
		s.Args = append(s.Args, x)
	}
	return s, nil
}

func (a activation) describe() (LayerSpec, error) { return called(a.name) }
func (d dropout) describe() (LayerSpec, error)    { return called(d.String()) }
func (glu) describe() (LayerSpec, error)          { return LayerSpec{Kind: "GLU"}, nil }
func (l softmax) describe() (LayerSpec, error)    { return LayerSpec{Kind: l.name}, nil }
func (l residual) describe() (LayerSpec, error)   { return describeAll("Residual", l) }
func (l concat) describe() (LayerSpec, error)     { return describeAll("Concat", l) }
func (l sequence) describe() (LayerSpec, error)   { return describeAll("Sequence", l) }
func (l norm) describe() (LayerSpec, error) {
	return LayerSpec{Kind: l.name, Options: l.opts.describe()}, nil
}
func (l prelu) describe() (LayerSpec, error) {
	return LayerSpec{Kind: l.name, Options: l.opts.describe()}, nil
}
func (l linear) describe() (LayerSpec, error) {
	return LayerSpec{Kind: "Linear", Args: []float64{float64(l.width)}, Options: l.opts.describe()}, nil
}

var bagNames = [...]string{sideBySide: "Tokens", bagSum: "BagSum", bagMean: "BagMean"}

func (l embeddings) describe() (LayerSpec, error) {
	s := LayerSpec{Kind: "Embeddings"}
	for _, c := range l {
		column := LayerSpec{Kind: bagNames[c.mode], Args: []float64{float64(c.Count), float64(c.Dim), float64(c.Codes)}}
		if text := initText(&c.Init); text != "" {
			column.Options = map[string]string{"init": text}
		}
		s.Layers = append(s.Layers, column)
	}
	return s, nil
}

// describe are the options that were set. An initialiser of one's own is left out: a model that was loaded draws, if it is
// asked to, by the layer's default.
func (o *paramOptions) describe() map[string]string {
	set := map[string]string{}
	put := func(key, value string) {
		if value != "" {
			set[key] = value
		}
	}
	number := func(key string, x *float64) {
		if x != nil {
			put(key, strconv.FormatFloat(*x, 'g', -1, 64))
		}
	}
	flag := func(key string, on bool) {
		if on {
			put(key, "true")
		}
	}
	put("weight", initText(o.weight))
	put("bias", initText(o.bias))
	flag("no_bias", o.noBias)
	flag("no_affine", o.norm.noAffine)
	number("epsilon", o.norm.epsilon)
	number("momentum", o.norm.momentum)
	if len(set) == 0 {
		return nil
	}
	return set
}

// initText is an initialiser of this package as the call that makes it, else "".
func initText(init *Initializer) string {
	if init == nil || *init == nil {
		return ""
	}
	switch i := (*init).(type) {
	case elementwise, orthogonal:
		return i.String()
	}
	return ""
}

// whole is an argument as a width or a count.
func whole(x float64) (int, error) {
	if n := int(x); x >= 0 && x <= backend.MaxElements && float64(n) == x {
		return n, nil
	}
	return 0, fmt.Errorf("%v is no number of elements", x)
}
