package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
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
		"all":  {Embedding(5, 3), Tokens(6, 2, 4), Tokens(5, 1, 1), BagMean(4, 2, 3), Tokens(6, 3, 2)},
		"bags": {BagSum(5, 3, 4), BagMean(5, 2, 3), Embedding(6, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			checkGradients(t, 3, MSE(), []Layer{Embeddings(columns...), Linear(5), Tanh(), Linear(2)}, coded)
			checkGradients(t, 3, MSE(), []Layer{Linear(4), Tanh(), Embeddings(columns...), Linear(2)}, coded)
			checkGradients(t, 0, MSE(), []Layer{Embeddings(columns...), Linear(5), Tanh(), Linear(2)}, coded)
			checkGradients(t, 3, MSE(), []Layer{twice{Embeddings(columns...)}, Linear(2)}, coded)
		})
	}
}

func TestEmbeddingMisuse(t *testing.T) {
	for want, l := range map[string]Layer{
		"no columns":                            Embeddings(),
		"column 1: a table of 0×3 for 1 codes":  Embeddings(Embedding(2, 2), Embedding(0, 3)),
		"column 0: a table of 3×-1 for 1 codes": Embeddings(Embedding(3, -1)),
		"column 0: a table of 3×2 for 0 codes":  Embeddings(Tokens(3, 2, 0)),
		"column 1: a table of 0×0 for 0 codes":  Embeddings(BagSum(2, 2, 2), EmbeddingColumn{}),
		"column 0: a table of -1×2 for 3 codes": Embeddings(BagMean(-1, 2, 3)),
		"column 1: up to here a row has":        Embeddings(Embedding(2, 1), Tokens(2, 1, 1<<30)),
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

// TestEmbeddingCalls: codes side by side are one Gather and one Scatter, however many they are.
func TestEmbeddingCalls(t *testing.T) {
	b := newBench(t, 4, 0, MSE(), []Layer{Embeddings(Tokens(50, 3, 64)), Linear(1)}, coded)
	names := map[string]int{}
	for _, c := range b.plan.Calls {
		names[c.Name()]++
	}
	if names["Gather"] != 1 || names["Scatter"] != 1 {
		t.Error(names)
	}
}

// TestEmbeddingDeterminism: codes that repeat add up in one order, whatever the workers.
func TestEmbeddingDeterminism(t *testing.T) {
	run := func(dev backend.Backend) []float32 {
		defer dev.Close()
		const rows = 300
		var x, target []float64
		var codes []uint32
		for i := range rows {
			x, target = append(x, math.Sin(float64(i))), append(target, math.Cos(float64(7*i)))
			codes = append(codes, uint32(i%3), uint32(i*i%5), uint32(i%2), backend.NoRow, uint32(i%4))
		}
		l := newLesson(t, dev, Adam(0.02), MSE(), rows, x, target, []Layer{Embeddings(Embedding(3, 70), Tokens(5, 4, 2), BagMean(4, 3, 2)), Linear(8), Tanh(), Linear(1)})
		backend.Write(dev, l.plan.Codes.Buf, l.plan.Codes.Off, codes)
		for i := range 10 {
			l.step(i)
		}
		w, err := l.model.Weights()
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	for name, open := range goldenDevices {
		t.Run(name, func(t *testing.T) {
			want := run(open(t))
			if !slices.Equal(run(open(t)), want) {
				t.Error("the same training gives other weights")
			}
			if name == "cpu" && !slices.Equal(run(cpu.Open(cpu.Workers(3))), want) {
				t.Error("three workers give other weights")
			}
		})
	}
}

// TestPredictCodes: rows that do not fit and codes without a row are errors; no code is none.
func TestPredictCodes(t *testing.T) {
	alone, err := New(ref.Open(), 0, Embeddings(Embedding(3, 2), Embedding(5, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if y, err := alone.PredictCodes(nil, []uint32{2, 4, backend.NoRow, 1 << 31}); err != nil || len(y) != 6 || y[0] == 0 || y[3] != 0 || y[5] != 0 {
		t.Errorf("%v, %v", y, err)
	}
	beside, err := New(ref.Open(), 1, Embeddings(Embedding(3, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]struct {
		m     *Model
		x     []float32
		codes []uint32
	}{
		"row 1 has code 5 in column 1, whose table has 5 rows": {alone, nil, []uint32{0, 0, 0, 5}},
		"1 rows with 3 codes":                       {alone, nil, []uint32{0, 0, 0}},
		"1 values are no whole number of rows of 0": {alone, []float32{1}, []uint32{0, 0}},
		"2 rows with 1 codes":                       {beside, []float32{1, 2}, []uint32{0}},
		"row 0 has code 3 in column 0":              {beside, []float32{1}, []uint32{3}},
	} {
		if _, err := c.m.PredictCodes(c.x, c.codes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
