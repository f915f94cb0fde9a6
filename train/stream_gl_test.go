//go:build cgo && (gl || glfw) && linux

package train_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/internal/need"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestStreamBeyondTheBudget: a set that is larger than the device's memory is refused there, and trains as a stream.
func TestStreamBeyondTheBudget(t *testing.T) {
	const n, cols = 20_000, 100 // 8 MB
	dev, err := gl.Open(gl.Budget(4 << 20))
	if err != nil {
		need.Lacking(t, "gl", err)
	}
	defer dev.Close()
	x, labels := make([]float32, n*cols), make([]uint32, n)
	for i := range labels {
		labels[i] = uint32(i % 2)
		x[i*cols+i%cols] = 1 - 2*float32(i%2)
	}
	if _, err := data.FromFloats(dev, x, cols, data.Labels(labels)); !errors.Is(err, backend.ErrOutOfMemory) {
		t.Fatalf("a set of 8 MB in a budget of 4 MiB: %v", err)
	}
	set := must(data.Stream(dev, must(data.FloatRows(x, cols)), data.Labels(labels)))
	h := must(train.Fit(context.Background(), must(nn.New(dev, cols, nn.Linear(2))), set,
		train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.05), Epochs: 1, Batch: 100, ReadEvery: 20}))
	if h.Last().Accuracy < 0.9 {
		t.Errorf("%+v", h.Last())
	}
	if live := dev.Stats().LiveBytes; live > 1<<20 {
		t.Errorf("%d bytes are left on the device", live)
	}
}
