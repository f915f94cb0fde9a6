package main

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/internal/need"
)

// TestTrajectories holds both programs to PyTorch's losses, all the way.
func TestTrajectories(t *testing.T) {
	text, err := os.ReadFile("testdata/trajectories.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Tanh, ReLU []float64 }
	if err := json.Unmarshal(text, &golden); err != nil || len(golden.Tanh) != steps/10 || len(golden.ReLU) != steps/10 {
		t.Fatalf("%v, %d and %d losses", err, len(golden.Tanh), len(golden.ReLU))
	}
	for _, open := range []func() (backend.Backend, error){
		func() (backend.Backend, error) { return ref.Open(), nil },
		func() (backend.Backend, error) { return cpu.Open(), nil },
		func() (backend.Backend, error) { return gl.Open() },
	} {
		dev, err := open()
		if err != nil {
			if need.Required("gl") {
				t.Error(err)
			}
			t.Log(err)
			continue
		}
		defer dev.Close()
		tanh, err := learn(dev, tanhNet())
		if err != nil {
			t.Fatal(err)
		}
		relu, err := learn(dev, reluNet(8))
		if err != nil {
			t.Fatal(err)
		}
		for i := range steps / 10 {
			for name, pair := range map[string][2]float64{"tanh": {tanh[10*i], golden.Tanh[i]}, "ReLU": {relu[10*i], golden.ReLU[i]}} {
				if !(math.Abs(pair[0]-pair[1]) <= 1e-5) {
					t.Fatalf("%s on %s, step %d: loss %v, PyTorch %v", name, dev.Info().Device, 10*i, pair[0], pair[1])
				}
			}
		}
	}
}
