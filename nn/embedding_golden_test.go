package nn

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// embeddingGoldens are testdata/embedding.json, which testdata/embedding.py wrote with PyTorch in float64.
type embeddingGoldens []struct {
	Name                          string
	X, Target, Outputs            []float64
	Codes                         []uint32
	Start, End, Gradients, Losses []float64
}

var goldenEmbeddings = map[string][]EmbeddingColumn{
	"columns": {Embedding(5, 2), Embedding(4, 3)},
	"tokens":  {Tokens(6, 2, 3)},
	"sum":     {BagSum(6, 4, 3)},
	"mean":    {BagMean(6, 4, 3)},
}

func TestEmbeddingGoldens(t *testing.T) {
	raw, err := os.ReadFile("testdata/embedding.json")
	if err != nil {
		t.Fatal(err)
	}
	var goldens embeddingGoldens
	if err := json.Unmarshal(raw, &goldens); err != nil {
		t.Fatal(err)
	}
	for name, open := range goldenDevices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			t.Cleanup(func() { dev.Close() })
			for _, g := range goldens {
				t.Run(g.Name, func(t *testing.T) {
					layers := []Layer{Embeddings(goldenEmbeddings[g.Name]...), Linear(6), Tanh(), Linear(2)}
					l := newLesson(t, dev, Adam(0.02), MSE(), goldenRows, g.X, g.Target, layers)
					if err := l.model.SetWeights(singles(g.Start)); err != nil {
						t.Fatal(err)
					}
					backend.Write(dev, l.plan.Codes.Buf, l.plan.Codes.Off, g.Codes)
					for i, want := range g.Losses {
						near(t, "loss", []float64{l.step(i)}, []float64{want}, 1e-5)
						if i == 0 {
							near(t, "outputs", l.read(l.plan.Output), g.Outputs, 1e-5)
							grads, err := l.plan.Gradients()
							near(t, "gradients", doubles(grads, err), g.Gradients, 1e-5)
						}
					}
					w, err := l.model.Weights()
					near(t, "weights", doubles(w, err), g.End, 1e-4)
					y, err := l.model.PredictCodes(singles(g.X), g.Codes)
					near(t, "predictions", doubles(y, err), l.read(l.plan.Output), 1)
				})
			}
		})
	}
}
