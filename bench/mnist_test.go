package bench_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/internal/need"
	"github.com/gloss-ml/gloss/train"
)

// realMNIST reads the published files, which the project does not hold.
func realMNIST(t *testing.T) data.MNIST {
	t.Helper()
	m, err := data.LoadMNIST(need.MNIST(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func trainMNIST(t *testing.T, dev backend.Backend, images data.MNIST, m bench.MNIST) *bench.MNISTScore {
	t.Helper()
	r := m.Run(context.Background(), bench.Device{Name: "device", Backend: dev}, images, func(e train.Epoch) {
		t.Logf("epoch %d: loss %.4f, test accuracy %.4f, %.2f s", e.Number, e.Loss, e.Validation.Accuracy, e.Time.Seconds())
	})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r.MNIST
}

// TestMNISTEpochs learns the digits. A program in float64 that shares nothing with this module has 0.940 to 0.950 after
// one epoch, over three seeds.
func TestMNISTEpochs(t *testing.T) {
	if raceDetector() {
		t.Skip("nothing runs here that the race detector does not see elsewhere, and it takes a minute")
	}
	score := trainMNIST(t, open(t, "cpu"), realMNIST(t), bench.MNIST{Epochs: 2, Target: 0.94})
	if !score.Reached || !(score.Accuracy > 0.955) || score.Epochs != 2 {
		t.Errorf("%+v, want an accuracy of 0.94 on the way and above 0.955 after two epochs", *score)
	}
}

// TestMNISTSeeds reaches on every device, from four starts, what this network reaches anywhere. It takes minutes on a
// software renderer.
func TestMNISTSeeds(t *testing.T) {
	if os.Getenv("GLOSS_LONG") == "" {
		t.Skip("set GLOSS_LONG=1 to run this: 20 epochs of MNIST on each device")
	}
	images := realMNIST(t)
	for _, name := range []string{"cpu", "gl"} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("%s/seed %d", name, seed), func(t *testing.T) {
				score := trainMNIST(t, open(t, name), images, bench.MNIST{Epochs: 5, Seed: seed, Target: 0.972})
				if !score.Reached || !(score.Accuracy > 0.97) {
					t.Errorf("%+v, want 0.972 within five epochs and more than 0.97 at the end", *score)
				}
			})
		}
	}
}

// TestMNISTFailures wants errors in the result, and the epochs until then.
func TestMNISTFailures(t *testing.T) {
	images := data.MNIST{Train: blank(256), Test: blank(20)}
	m := bench.MNIST{Epochs: 3, Target: 0.5}
	ctx, cancel := context.WithCancel(context.Background())
	r := m.Run(ctx, bench.Device{Name: "cpu", Backend: open(t, "cpu")}, images, func(train.Epoch) { cancel() })
	if !errors.Is(r.Err, context.Canceled) || len(r.Seconds) != 1 || r.MNIST.Epochs != 1 {
		t.Errorf("interrupted after an epoch: %+v", r)
	}
	lost := errors.New("lost context")
	dev := ref.Open()
	backend.Fail(dev, lost)
	if r = m.Run(context.Background(), bench.Device{Name: "ref", Backend: dev}, images, func(train.Epoch) {}); !errors.Is(r.Err, lost) || r.MNIST != nil {
		t.Errorf("a device that failed: %+v", r)
	}
	for _, bad := range []bench.MNIST{{Epochs: 0, Target: 0.5}, {Epochs: 1, Target: 0}, {Epochs: 1, Target: 1.1}} {
		if bad.Check() == nil {
			t.Errorf("%+v passes", bad)
		}
	}
}

func blank(n int) data.Images {
	return data.Images{Pixels: make([]byte, n*784), Labels: make([]uint32, n), Height: 28, Width: 28}
}
