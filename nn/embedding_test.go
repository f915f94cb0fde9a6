package nn

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// coded gives a plan codes, some of which are no rows of a table.
func coded(b *bench, cfg *PlanConfig) {
	n := cfg.Rows * b.model.Codes()
	buf, err := backend.Alloc(b.dev, backend.U32, n)
	if err != nil {
		panic(err)
	}
	codes := make([]uint32, n)
	for i := range codes {
		codes[i] = uint32(b.rng.IntN(7))
	}
	backend.Write(b.dev, buf, 0, codes)
	cfg.Codes = backend.Mat(buf, 0, cfg.Rows, b.model.Codes())
}

func TestEmbeddingGradients(t *testing.T) {
	for name, columns := range map[string][]EmbeddingColumn{
		"one": {Embedding(5, 3)}, "several": {Embedding(5, 3), Embedding(6, 1), Embedding(2, 2)}, "tokens": {Tokens(6, 2, 4)},
		"bags": {BagSum(5, 3, 4), BagMean(5, 2, 3), Embedding(6, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			checkGradients(t, 3, MSE(), []Layer{Embeddings(columns...), Linear(5), Tanh(), Linear(2)}, coded)
			checkGradients(t, 3, MSE(), []Layer{Linear(4), Tanh(), Embeddings(columns...), Linear(2)}, coded)
		})
	}
}

func TestEmbeddingMisuse(t *testing.T) {
	for want, l := range map[string]Layer{
		"no columns":                            Embeddings(),
		"column 1: a table of 0×3 for 1 codes":  Embeddings(Embedding(2, 2), Embedding(0, 3)),
		"column 0: a table of 3×-1 for 1 codes": Embeddings(Embedding(3, -1)),
		"column 0: a table of 3×2 for 0 codes":  Embeddings(Tokens(3, 2, 0)),
		"embedding0: Normal(0, -1): std -1":     Embeddings(EmbeddingColumn{Count: 2, Dim: 2, Codes: 1, Init: Normal(0, -1)}),
	} {
		if _, err := New(ref.Open(), 2, l); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	m, err := New(ref.Open(), 2, Embeddings(Embedding(3, 2), Tokens(3, 1, 2)), Linear(1))
	if err != nil || m.Codes() != 3 {
		t.Fatal(m.Codes(), err)
	}
	if _, err := m.Predict([]float32{1, 2}); err == nil || !strings.Contains(err.Error(), "the model takes 3 codes a row") {
		t.Error(err)
	}
	buf, err := backend.Alloc(m.dev, backend.U32, 8)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Plan(PlanConfig{Rows: 4, Codes: backend.Mat(buf, 0, 4, 2)}); err == nil || !strings.Contains(err.Error(), "want 4×3 of U32") {
		t.Error(err)
	}
}
