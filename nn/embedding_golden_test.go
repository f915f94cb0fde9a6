package nn

import (
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
	var goldens embeddingGoldens
	readGolden(t, "embedding", &goldens)
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, g := range goldens {
			t.Run(g.Name, func(t *testing.T) {
				layers := []Layer{Embeddings(goldenEmbeddings[g.Name]...), Linear(6), Tanh(), Linear(2)}
				l := newLesson(t, dev, Adam(0.02), MSE(), goldenRows, g.X, g.Target, layers)
				backend.Write(dev, l.plan.Codes.Buf, l.plan.Codes.Off, g.Codes)
				l.follow(trajectory{g.Start, g.Outputs, g.Gradients, g.Losses, g.End})
				for i, c := range g.Codes {
					if c == 6 { // the padding, no row of the table here
						g.Codes[i] = backend.NoRow
					}
				}
				y, err := l.model.PredictCodes(singles(g.X), g.Codes)
				l.step(len(g.Losses)) // whose outputs are of the same weights
				near(t, "predictions", doubles(y, err), l.read(l.plan.Output), 1e-6)
			})
		}
	})
}
