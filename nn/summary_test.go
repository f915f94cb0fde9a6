package nn

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// tower is a model with every kind of container.
func tower(t *testing.T, dev backend.Backend) *Model {
	t.Helper()
	m, err := New(dev, 3,
		Embeddings(Embedding(20, 4), BagMean(1000, 8, 5), Tokens(7, 2, 3)), Linear(12), BatchNorm(), LeakyReLU(0.1),
		Residual(Sequence(Linear(4), Tanh()), Concat(Linear(8, NoBias()), scaled{})), Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSummary(t *testing.T) {
	dev := ref.Open()
	m := tower(t, dev)
	before := dev.Stats()
	got := m.Summary()
	if d := dev.Stats().Sub(before); d.Calls+d.Allocs+d.Writes+d.Reads != 0 {
		t.Errorf("a summary used the device: %+v", d)
	}
	const want = `n×3 inputs and n×9 codes, 24 running statistics
place         layer                    output  parameters  multiply-adds a row
0             Embeddings of 3 columns    n×21       8,094                    0
0.embedding0    Embedding(20, 4)          n×4          80                    0
0.embedding1    BagMean(1000, 8, 5)       n×8       8,000                    0
0.embedding2    Tokens(7, 2, 3)           n×6          14                    0
1             Linear(12)                 n×12         264                  252
2             BatchNorm                  n×12          24                    0
3             LeakyReLU(0.1)             n×12           0                    0
4             Residual                   n×12          88                   80
4.0             Sequence                  n×4          52                   48
4.0.0             Linear(4)               n×4          52                   48
4.0.1             Tanh                    n×4           0                    0
4.1             Concat                   n×12          36                   32
4.1.0             Linear(8)               n×8          32                   32
4.1.1             scaled                  n×4           4                    0
5             Linear(2)                   n×2          26                   24
              total                       n×2       8,496                  356
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	w, err := m.Weights()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, l := range got.Layers {
		if l.Depth == 0 {
			sum += l.Parameters
		}
	}
	if sum != len(w) || got.Parameters != len(w) {
		t.Errorf("%d and %d parameters of %d", sum, got.Parameters, len(w))
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
