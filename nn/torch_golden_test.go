package nn

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/internal/need"
	"github.com/gloss-ml/gloss/internal/safetensors"
)

// torchNetworks are those of testdata/state_dict.py, with their numeric inputs.
var torchNetworks = map[string]struct {
	inputs int
	layers []Layer
}{
	"mlp": {4, []Layer{Linear(6), ReLU(), BatchNorm(), Dropout(0.5), PReLUPerFeature(), Linear(5), LayerNorm(), PReLU(),
		Linear(1, NoBias()), Linear(3)}},
	"nested": {4, []Layer{Linear(3), Residual(Linear(5), BatchNorm(), Tanh(), Linear(3)),
		Concat(Linear(2), Sequence(Linear(4), GELU()))}},
	"embeddings": {2, []Layer{Embeddings(Embedding(5, 3), Embedding(4, 2)), Linear(3)}},
}

type torchCase struct{ X, Outputs []float64 }

// onTorchNetworks runs f for each network, with what state_dict.py wrote.
func onTorchNetworks(t *testing.T, dev backend.Backend, f func(t *testing.T, name string, m *Model, c torchCase)) {
	t.Helper()
	raw, err := os.ReadFile("testdata/state_dict.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]torchCase
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) != len(torchNetworks) {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for name, n := range torchNetworks {
		t.Run(name, func(t *testing.T) {
			m := modelOf(t, dev, n.inputs, n.layers...)
			defer m.Release()
			f(t, name, m, cases[name])
		})
	}
}

// torchOutputs predicts for rows of four numbers, of which those that are no inputs are codes.
func torchOutputs(t *testing.T, m *Model, c torchCase) []float64 {
	t.Helper()
	var x []float32
	var codes []uint32
	for i, v := range c.X {
		if i%4 < m.Inputs() {
			x = append(x, float32(v))
		} else {
			codes = append(codes, uint32(v))
		}
	}
	y, err := m.PredictCodes(x, codes)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(y))
	for i := range y {
		out[i] = float64(y[i])
	}
	return out
}

// TestLoadTorch: a state_dict of PyTorch predicts here what it predicts there.
func TestLoadTorch(t *testing.T) {
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		onTorchNetworks(t, dev, func(t *testing.T, name string, m *Model, c torchCase) {
			loaded, err := m.LoadTorch("testdata/state_dict-"+name+".safetensors", nil)
			if err != nil || loaded.Strict() != nil {
				t.Fatal(err, loaded.Strict())
			}
			near(t, name, torchOutputs(t, m, c), c.Outputs, 1e-6)
		})
	})
}

// TestSaveTorch: what is saved here PyTorch loads and predicts the same from, where it is installed.
func TestSaveTorch(t *testing.T) {
	const python = "/usr/bin/python3"
	dir := t.TempDir()
	args, ours := []string{"testdata/state_dict.py", "predict"}, map[string][]float64{}
	onTorchNetworks(t, cpu.Open(), func(t *testing.T, name string, m *Model, c torchCase) {
		m.Init(5)
		stats, err := m.RunningStats()
		if err != nil {
			t.Fatal(err)
		}
		for i := range stats {
			for j := range stats[i].Values {
				stats[i].Values[j] = 0.3 + 0.1*float32(j)
			}
		}
		if err := m.SetRunningStats(stats); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := m.SaveTorch(path, nil); err != nil {
			t.Fatal(err)
		}
		args, ours[name] = append(args, name+"="+path), torchOutputs(t, m, c)
	})
	out, err := exec.Command(python, args...).CombinedOutput()
	if err != nil && exec.Command(python, "-c", "import torch").Run() != nil {
		need.Lacking(t, "torch", errors.New(python+" has no PyTorch"))
	}
	var theirs map[string][]float64
	if err != nil || json.Unmarshal(out, &theirs) != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, y := range ours {
		near(t, name, y, theirs[name], 1e-6)
	}
}

// TestTorchNames: names can be others, parts can be left out, and what does not fit is told.
func TestTorchNames(t *testing.T) {
	dev := cpu.Open()
	path := filepath.Join(t.TempDir(), "f")
	w := []float32{1, 2, 3, 4, 5, 6}
	err := safetensors.Save(path, []safetensors.Tensor{
		{Name: "fc1.weight", Shape: []int{3, 2}, Data: w}, {Name: "fc1.bias", Shape: []int{3}, Data: w[:3]},
		{Name: "head.weight", Shape: []int{1, 3}, Data: w[:3]},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := modelOf(t, dev, 2, Linear(3), Linear(1))
	loaded, err := m.LoadTorch(path, func(name string) string {
		if strings.HasPrefix(name, "1.") {
			return ""
		}
		return "fc1" + strings.TrimPrefix(name, "0")
	})
	got, err2 := m.Weights()
	if err != nil || err2 != nil || len(loaded.Loaded) != 2 || loaded.Strict() == nil || loaded.Unexpected[0] != "head.weight" {
		t.Errorf("%+v, %v, %v", loaded, err, err2)
	}
	for i, want := range []float32{1, 3, 5, 2, 4, 6, 1, 2, 3} {
		if got[i] != want {
			t.Fatalf("weights %v", got)
		}
	}
	other := modelOf(t, dev, 3, Linear(3))
	_, err = other.LoadTorch(path, func(name string) string { return "fc1" + strings.TrimPrefix(name, "0") })
	if err == nil || !strings.Contains(err.Error(), `tensor "fc1.weight" has the shape [3 2], the model's is [3 3]`) {
		t.Errorf("%v", err)
	}
}
