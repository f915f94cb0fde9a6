package nn

import (
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
)

// TestMicroBatchesOfEveryLayer: whatever the layers, first, between others and last, micro-batches end in the bits of the
// whole batch; but for PReLU's single slope, whose gradient is added up over all elements, and for layers that look at a
// batch or draw.
func TestMicroBatchesOfEveryLayer(t *testing.T) {
	layers := []Layer{
		GLU(), LayerNorm(), RMSNorm(), Residual(Sequence(Dropout(0), Tanh())), Residual(Dropout(0)), Residual(PReLUPerFeature()),
		Concat(Linear(2), Sequence(Linear(3), Softmax())), Concat(Dropout(0), Tanh(), Dropout(0)),
		Embeddings(Tokens(7, 2, 3), BagSum(7, 2, 2), Embedding(7, 1)), Embeddings(Tokens(7, 2, 3)),
		Concat(Embeddings(BagMean(7, 3, 2)), Embeddings(Tokens(7, 3, 2)), Linear(2)),
	}
	for _, l := range allActivations() {
		if name := l.String(); name != "PReLU" && name != "AlphaDropout(0.4)" {
			layers = append(layers, l)
		}
	}
	for _, l := range layers {
		nets := [][]Layer{{Linear(6), l}, {Linear(6), l, Linear(2)}, {Linear(12), Tanh(), l, l}}
		if l.String() != "GLU" { // whose input has to be even
			nets = append(nets, []Layer{l, Linear(2)})
		}
		for _, net := range nets {
			dev := cpu.Open()
			c := course{rows: 150, loss: MSE(), layers: net}
			whole, want, _ := c.run(t, dev, 3)
			c.micro = 64
			parts, got, _ := c.run(t, dev, 3)
			if !slices.Equal(whole, parts) || !slices.Equal(want, got) {
				t.Errorf("%s: other bits: results %v, want %v", names(net), got, want)
			}
		}
	}
}
