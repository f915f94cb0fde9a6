// Package exchange writes models for those who do not have gloss: as one file of Go source that needs nothing but the
// standard library, or in the ONNX format.
package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

// network is a model as an exporter sees it: layers by their descriptions, numbers by their names.
type network struct {
	inputs  int
	codes   int // columns of codes
	layers  []nn.LayerSpec
	numbers map[string][]float32 // parameters and running statistics: "0.weight", "1.running_mean"
}

func read(m *nn.Model) (*network, error) {
	text, err := m.Architecture()
	if err != nil {
		return nil, err
	}
	var a struct {
		Inputs int
		Layers []nn.LayerSpec
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	n := &network{inputs: a.Inputs, codes: m.Codes(), layers: a.Layers, numbers: map[string][]float32{}}
	all, err := m.Weights()
	if err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	for _, p := range m.Params() {
		n.numbers[p.Name], all = all[:p.Rows*p.Cols], all[p.Rows*p.Cols:]
	}
	stats, err := m.RunningStats()
	if err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	for _, s := range stats {
		n.numbers[s.Name] = s.Values
	}
	for name, v := range n.numbers {
		for _, x := range v {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return nil, fmt.Errorf("exchange: %s has a number that is not finite", name)
			}
		}
	}
	return n, nil
}

// fits reports columns that are not the model's.
func (n *network) fits(p *tabular.Prep) error {
	switch {
	case p == nil:
		return nil
	case p.Target == nil:
		return errors.New("exchange: columns without a target")
	case p.Cols() != n.inputs || len(p.Codes()) != n.codes:
		return fmt.Errorf("exchange: a model of %d inputs and %d codes, and columns for %d and %d", n.inputs, n.codes, p.Cols(), len(p.Codes()))
	}
	return nil
}

// embedded reports whether a column becomes a code.
func embedded(in tabular.Input) bool {
	return in.Kind == tabular.Category && in.Coding == tabular.Embed
}

// column is one of an Embeddings layer's description.
type column struct {
	mode              string // Tokens, BagSum or BagMean
	count, dim, codes int
	table             []float32
}

func (n *network) columns(place string, s nn.LayerSpec) (all []column) {
	for i, c := range s.Layers {
		all = append(all, column{c.Kind, int(c.Args[0]), int(c.Args[1]), int(c.Args[2]), n.numbers[fmt.Sprintf("%sembedding%d", place, i)]})
	}
	return all
}

// width is the number of columns that it makes.
func (c column) width() int {
	if c.mode == "Tokens" {
		return c.codes * c.dim
	}
	return c.dim
}

// option is a layer's option as a number, or what it is without.
func option(s nn.LayerSpec, key string, without float64) (float64, error) {
	text, ok := s.Options[key]
	if !ok {
		return without, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("option %s: %w", key, err)
	}
	return v, nil
}

// normEpsilon is what normalisations add where nobody says.
var normEpsilon = map[string]float64{"BatchNorm": 1e-5, "LayerNorm": 1e-5, "RMSNorm": 1.0 / (1 << 23)}

// refused names a layer that cannot be written.
func refused(place string, s nn.LayerSpec, to string) error {
	return fmt.Errorf("exchange: layer %s, %s: %s cannot say it", strings.TrimSuffix(place, "."), s.Kind, to)
}
