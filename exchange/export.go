// Package exchange writes models for those who do not have gloss: as one file of Go source that needs nothing but the
// standard library, or in the ONNX format.
package exchange

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/nn"
)

// network is a model as an exporter sees it: layers by their descriptions, numbers by their names.
type network struct {
	inputs  int
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
	n := &network{inputs: a.Inputs, layers: a.Layers, numbers: map[string][]float32{}}
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
