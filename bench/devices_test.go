package bench_test

import (
	"runtime/debug"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/internal/need"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// float32s are the devices that compute in float32: what users train on.
var float32s = []string{"cpu", "gonum", "gl"}

// open opens a device until the end of the test, or skips the test: not where GLOSS_REQUIRE names the device.
func open(t testing.TB, name string) backend.Backend {
	t.Helper()
	dev, err := auto.Open(name)
	if err != nil {
		need.Lacking(t, name, err)
	}
	return closing(t, dev)
}

// openWorkers opens the CPU with a number of workers.
func openWorkers(t testing.TB, n int, opts ...cpu.Option) backend.Backend {
	return closing(t, cpu.Open(append(opts, cpu.Workers(n))...))
}

func closing(t testing.TB, dev backend.Backend) backend.Backend {
	t.Cleanup(func() {
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
	})
	return dev
}

// raceDetector reports whether the test was built with -race, which makes the reference ten times slower.
func raceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// walk trains for n steps on fixed random data and returns the losses and the weights.
func walk(dev backend.Backend, n, inputs int, layers ...nn.Layer) (losses []float64, weights []float32) {
	model := must(nn.New(dev, inputs, layers...))
	defer model.Release()
	set := randomSet(dev, 100*32, inputs, model.Outputs())
	defer set.Release()
	trainer := must(train.New(model, set, train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.Adam(1e-3), Batch: 32, Seed: 11}))
	defer trainer.Release()
	for len(losses) < n {
		results, _, err := trainer.Advance(n - len(losses))
		if err != nil {
			panic(err)
		}
		for _, r := range results {
			losses = append(losses, r.Loss)
		}
	}
	return losses, must(model.Weights())
}

// randomSet is bytes with labels, drawn by the contract's own generator: four fifths of the bytes are zero, as they are
// in images of digits. With this key 100 steps of the network of the tests meet no rounding error that training blows
// up: an input of ReLU so near 0 that a device sees the other side of it, or a first gradient near 1e-8, which Adam
// divides by itself.
func randomSet(dev backend.Backend, rows, cols, classes int) *data.Set {
	x, labels := make([]byte, rows*cols), make([]uint32, rows)
	key := [4]uint32{7, 2, 3, 4}
	for i := range x {
		if word := backend.Bits(key, 0, uint64(i)); word>>8%5 == 0 {
			x[i] = byte(word)
		}
	}
	for i := range labels {
		labels[i] = backend.Bits(key, 1, uint64(i)) % uint32(classes)
	}
	return must(data.FromBytes(dev, x, cols, data.Labels(labels)))
}
