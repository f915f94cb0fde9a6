package train_test

import (
	"context"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// BenchmarkStream is an epoch of 784-128-10 over as many bytes as MNIST has rows of, from the device's memory and from the
// host's.
func BenchmarkStream(b *testing.B) {
	const n, cols = 8192, 784
	x, labels := make([]byte, n*cols), make([]uint32, n)
	for i := range x {
		x[i] = byte(i * i >> 7)
	}
	for i := range labels {
		labels[i] = uint32(i % 10)
	}
	for name, open := range devices {
		if name == "ref" {
			continue
		}
		for _, kind := range []string{"resident", "streamed"} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				dev := open(b)
				defer dev.Close()
				set := must(data.FromBytes(dev, x, cols, data.Labels(labels)))
				if kind == "streamed" {
					set = must(data.Stream(dev, must(data.ByteRows(x, cols)), data.Labels(labels)))
				}
				benchmarkEpochs(b, dev, set)
			})
		}
	}
}

func benchmarkEpochs(b *testing.B, dev backend.Backend, set *data.Set) {
	trainer := must(train.New(must(nn.New(dev, set.Cols(), nn.Linear(128), nn.ReLU(), nn.Linear(10))), set,
		train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.Adam(1e-3), Epochs: 1, Batch: 128}))
	defer trainer.Release()
	b.ResetTimer()
	for range b.N {
		must(trainer.Epoch(context.Background()))
	}
	b.ReportMetric(float64(set.Len())*float64(b.N)/b.Elapsed().Seconds(), "samples/s")
}
