package nn

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// A kind makes the layers of one name from their descriptions.
type kind struct {
	args    int      // numbers that it takes
	options []string // that it may have
	layers  bool     // whether it is made of others
	make    func(m *maker, s LayerSpec) (Layer, error)
}

var weightOptions, normOptionNames = []string{"weight", "bias", "no_bias"}, []string{"weight", "bias", "no_bias", "no_affine", "epsilon", "momentum"}

// layerKinds are the layers of this package. What is in a file chooses from this table, and nothing else.
func layerKinds() map[string]kind {
	kinds := map[string]kind{
		"Linear": {args: 1, options: weightOptions, make: func(_ *maker, s LayerSpec) (Layer, error) {
			width, err := whole(s.Args[0])
			return optioned(s, err, func(o ...ParamOption) Layer { return Linear(width, o...) })
		}},
		"Embeddings": {layers: true, make: embeddingsOf},
		"Residual":   container(Residual),
		"Concat":     container(Concat),
		"Sequence":   container(Sequence),
	}
	for name, f := range map[string]func(...ParamOption) Layer{
		"PReLU": PReLU, "PReLUPerFeature": PReLUPerFeature, "BatchNorm": BatchNorm, "LayerNorm": LayerNorm, "RMSNorm": RMSNorm,
	} {
		kinds[name] = kind{options: normOptionNames, make: func(_ *maker, s LayerSpec) (Layer, error) { return optioned(s, nil, f) }}
	}
	for name, f := range map[string]func() Layer{
		"ReLU": ReLU, "ReLU6": ReLU6, "SELU": SELU, "Tanh": Tanh, "Sigmoid": Sigmoid, "LogSigmoid": LogSigmoid, "GELU": GELU,
		"GELUTanh": GELUTanh, "SiLU": SiLU, "Mish": Mish, "Softplus": Softplus, "Softsign": Softsign, "Hardswish": Hardswish,
		"Hardsigmoid": Hardsigmoid, "GLU": GLU, "Softmax": Softmax, "LogSoftmax": LogSoftmax,
	} {
		kinds[name] = kind{make: func(*maker, LayerSpec) (Layer, error) { return f(), nil }}
	}
	for name, f := range map[string]func(float64) Layer{
		"LeakyReLU": LeakyReLU, "ELU": ELU, "CELU": CELU, "Dropout": Dropout, "AlphaDropout": AlphaDropout,
	} {
		kinds[name] = kind{args: 1, make: func(_ *maker, s LayerSpec) (Layer, error) { return f(s.Args[0]), nil }}
	}
	for name, f := range map[string]func(a, b float64) Layer{"Hardtanh": Hardtanh, "SoftplusOf": SoftplusOf} {
		kinds[name] = kind{args: 2, make: func(_ *maker, s LayerSpec) (Layer, error) { return f(s.Args[0], s.Args[1]), nil }}
	}
	return kinds
}

func container(f func(...Layer) Layer) kind {
	return kind{layers: true, make: func(m *maker, s LayerSpec) (Layer, error) {
		layers, err := m.all(s.Layers)
		return f(layers...), err
	}}
}

// optioned gives f the options of a description.
func optioned(s LayerSpec, err error, f func(...ParamOption) Layer) (Layer, error) {
	var opts []ParamOption
	for _, key := range slices.Sorted(maps.Keys(s.Options)) {
		o, err := option(key, s.Options[key])
		if err != nil {
			return nil, fmt.Errorf("option %s: %w", key, err)
		}
		opts = append(opts, o)
	}
	return f(opts...), err
}

func option(key, value string) (ParamOption, error) {
	switch key {
	case "weight", "bias":
		init, err := initializer(value)
		if key == "weight" {
			return WeightInit(init), err
		}
		return BiasInit(init), err
	case "epsilon", "momentum":
		x, err := strconv.ParseFloat(value, 64)
		if key == "epsilon" {
			return Epsilon(x), err
		}
		return Momentum(x), err
	}
	if value != "true" {
		return nil, fmt.Errorf("%q, where only true is known", value)
	}
	if key == "no_bias" {
		return NoBias(), nil
	}
	return NoAffine(), nil
}

// initializerKinds are the initialisers of this package, by the number of their arguments.
var initializerKinds = map[string]any{
	"Zeros": Zeros, "Ones": Ones, "UniformFanIn": UniformFanIn, "LeCunUniform": LeCunUniform, "LeCunNormal": LeCunNormal,
	"Constant": Constant, "XavierUniform": XavierUniform, "XavierNormal": XavierNormal, "Orthogonal": Orthogonal,
	"Uniform": Uniform, "Normal": Normal,
	"KaimingUniform":  func(fan, gain float64) Initializer { return KaimingUniform(Fan(fan), gain) },
	"KaimingNormal":   func(fan, gain float64) Initializer { return KaimingNormal(Fan(fan), gain) },
	"TruncatedNormal": TruncatedNormal,
}

// initializer reads what initText wrote.
func initializer(text string) (Initializer, error) {
	s, err := called(text)
	if err != nil {
		return nil, err
	}
	a, n := append(s.Args, 0, 0, 0, 0), len(s.Args)
	switch f := initializerKinds[s.Kind].(type) {
	case func() Initializer:
		if n == 0 {
			return f(), nil
		}
	case func(float64) Initializer:
		if n == 1 {
			return f(a[0]), nil
		}
	case func(a, b float64) Initializer:
		if n == 2 {
			return f(a[0], a[1]), nil
		}
	case func(a, b, c, d float64) Initializer:
		if n == 4 {
			return f(a[0], a[1], a[2], a[3]), nil
		}
	}
	return nil, fmt.Errorf("no initialiser %q of %d arguments", s.Kind, n)
}

func embeddingsOf(_ *maker, s LayerSpec) (Layer, error) {
	var columns []EmbeddingColumn
	for i, c := range s.Layers {
		mode := slices.Index(bagNames[:], c.Kind)
		if mode < 0 || len(c.Args) != 3 {
			return nil, fmt.Errorf("column %d: kind %q with %d arguments", i, c.Kind, len(c.Args))
		}
		column := EmbeddingColumn{mode: bagMode(mode)}
		for j, to := range []*int{&column.Count, &column.Dim, &column.Codes} {
			n, err := whole(c.Args[j])
			if err != nil {
				return nil, fmt.Errorf("column %d: %w", i, err)
			}
			*to = n
		}
		if text := c.Options["init"]; text != "" {
			init, err := initializer(text)
			if err != nil {
				return nil, fmt.Errorf("column %d: %w", i, err)
			}
			column.Init = init
		}
		columns = append(columns, column)
	}
	return Embeddings(columns...), nil
}

// Limits of an architecture in a file: what is built before the file's tensors are looked at stays small.
const (
	maxLayers    = 1024
	maxDepth     = 16
	maxFileCodes = 1 << 16 // columns of codes
)

// A maker makes layers from a file's descriptions.
type maker struct {
	kinds map[string]kind
	own   []LayerKind
	count int
	depth int
	codes int
}

func (m *maker) all(specs []LayerSpec) (layers []Layer, err error) {
	m.depth++
	defer func() { m.depth-- }()
	if m.depth > maxDepth {
		return nil, fmt.Errorf("layers within layers deeper than %d", maxDepth)
	}
	for i, s := range specs {
		l, err := m.layer(s)
		if err != nil {
			return nil, fmt.Errorf("layer %d, %q: %w", i, s.Kind, err)
		}
		layers = append(layers, l)
	}
	return layers, nil
}

func (m *maker) layer(s LayerSpec) (Layer, error) {
	if m.count++; m.count > maxLayers {
		return nil, fmt.Errorf("more than %d layers", maxLayers)
	}
	for _, own := range m.own {
		if own.Kind == s.Kind && own.Make != nil {
			return own.Make(s)
		}
	}
	k, ok := m.kinds[s.Kind]
	if !ok {
		return nil, errors.New("no layer of that kind: one of one's own needs a LayerKind")
	}
	if len(s.Args) != k.args || len(s.Layers) > 0 && !k.layers {
		return nil, fmt.Errorf("%d arguments and %d layers, want %d and layers: %v", len(s.Args), len(s.Layers), k.args, k.layers)
	}
	for key := range s.Options {
		if !slices.Contains(k.options, key) {
			return nil, fmt.Errorf("option %q means nothing to it", key)
		}
	}
	if s.Kind == "Embeddings" {
		for _, c := range s.Layers {
			if len(c.Args) == 3 {
				m.codes += int(min(max(c.Args[2], 0), 2*maxFileCodes))
			}
			if m.count++; m.codes > maxFileCodes {
				return nil, fmt.Errorf("more than %d columns of codes", maxFileCodes)
			}
		}
	}
	return k.make(m, s)
}
