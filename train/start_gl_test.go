//go:build cgo && (gl || glfw) && linux

package train_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// startHere is the environment variable that makes a process of this test one that takes a first step.
const startHere = "GLOSS_TEST_START"

// TestStartChild takes the first training step of 784-128-10 and ends.
func TestStartChild(t *testing.T) {
	if os.Getenv(startHere) == "" {
		t.Skip("BenchmarkStart starts this")
	}
	dev := must(gl.Open())
	set := must(data.FromBytes(dev, make([]byte, 128*784), 784, data.Labels(make([]uint32, 128))))
	model := must(nn.New(dev, set.Cols(), nn.Linear(128), nn.ReLU(), nn.Linear(10)))
	trainer := must(train.New(model, set, train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.Adam(1e-3), Epochs: 1, Batch: 32}))
	if _, _, err := trainer.Advance(1); err != nil {
		t.Fatal(err)
	}
	if err := dev.Close(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkStart is the time from the start of a process to the end of its first training step on OpenGL and its own end: with
// nothing in the caches, with gloss' programs alone, and with the driver's own cache too, which is where Mesa keeps what its
// software renderer compiles at the first dispatch.
func BenchmarkStart(b *testing.B) {
	child := func(b *testing.B, ours, mesas string) {
		c := exec.Command(os.Args[0], "-test.run=^TestStartChild$")
		c.Env = append(os.Environ(), startHere+"=1", "GLOSS_CACHE="+ours, "MESA_SHADER_CACHE_DIR="+mesas)
		if out, err := c.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	b.Run("cold", func(b *testing.B) {
		for range b.N {
			child(b, b.TempDir(), b.TempDir())
		}
	})
	b.Run("programs", func(b *testing.B) {
		ours := b.TempDir()
		child(b, ours, b.TempDir())
		for b.Loop() {
			child(b, ours, b.TempDir())
		}
	})
	b.Run("warm", func(b *testing.B) {
		ours, mesas := b.TempDir(), b.TempDir()
		child(b, ours, mesas)
		for b.Loop() {
			child(b, ours, mesas)
		}
	})
}
