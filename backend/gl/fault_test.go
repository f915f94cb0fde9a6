//go:build cgo && (gl || glfw) && linux

package gl_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/backend/gl/internal/glfault"
	"github.com/gloss-ml/gloss/backend/gl/internal/glrt"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/internal/need"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func init() { glrt.WrapProc = glfault.Wrap }

// train4 trains a small network for two epochs of two steps, with a checkpoint after each step, and closes the device. It
// returns what the training and Close say.
func train4(dev backend.Backend, dir string) (err, closed error) {
	defer func() { closed = dev.Close() }()
	set, err := data.FromFloats(dev, []float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, data.Labels([]uint32{0, 1, 1, 0}))
	if err != nil {
		return err, nil
	}
	model, err := nn.New(dev, 2, nn.Linear(3), nn.Tanh(), nn.Linear(2))
	if err != nil {
		return err, nil
	}
	_, err = train.Fit(context.Background(), model, set, train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.1), Epochs: 2, Batch: 2, ReadEvery: 1, Validation: set,
		Checkpoint: train.Checkpoint{Dir: dir, EverySteps: 1, Keep: 100, Resume: true},
	})
	return err, nil
}

// faulty trains with faults and without any program from before. It fails the test if that takes too long, which is how a hang
// would look.
func faulty(t *testing.T, f glfault.Faults, dir string) (err, closed error) {
	t.Helper()
	glfault.Set(f)
	defer glfault.Set(glfault.Faults{})
	over := time.AfterFunc(time.Minute, func() { panic("faults " + t.Name() + ": a minute has gone by") })
	defer over.Stop()
	dev, err := gl.Open(gl.Programs(""))
	if err != nil {
		return err, nil
	}
	return train4(dev, dir)
}

// healthy counts what a training without faults asks for.
func healthy(t *testing.T) glfault.Faults {
	t.Helper()
	glfault.Set(glfault.Faults{})
	dev, err := gl.Open(gl.Programs(""))
	if err != nil {
		need.Lacking(t, "gl", err)
	}
	if err, closed := train4(dev, t.TempDir()); err != nil || closed != nil {
		t.Fatalf("without faults: %v, %v", err, closed)
	}
	n := glfault.Counts()
	if n.Buffer < 5 || n.Source < 4 || n.Dispatch < 10 {
		t.Fatalf("counted %+v: the driver's functions are not wrapped", n)
	}
	t.Logf("%d buffers, %d kernels, %d dispatches", n.Buffer, n.Source, n.Dispatch)
	return n
}

// goesOn has the CPU go on from the last checkpoint that a failed training has left, if there is one.
func goesOn(t *testing.T, dir string) {
	t.Helper()
	all, _ := filepath.Glob(filepath.Join(dir, "step-*"))
	for _, path := range all {
		if _, err := train.ReadCheckpoint(path); err != nil {
			t.Errorf("left behind: %v", err)
		}
	}
	if err, closed := train4(cpu.Open(), dir); err != nil || closed != nil {
		t.Errorf("going on from %d checkpoints: %v, %v", len(all), err, closed)
	}
}

// every is how far apart the faults are that are tried.
func every(n int) int {
	if testing.Short() {
		return max(1, n/8)
	}
	return 1
}

// TestFaultMemory: the driver has no memory left at each buffer object in turn.
func TestFaultMemory(t *testing.T) {
	n := healthy(t).Buffer
	for i := 1; i <= n; i += every(n) {
		dir := t.TempDir()
		err, closed := faulty(t, glfault.Faults{Buffer: i}, dir)
		var full *backend.MemoryError
		if !errors.As(err, &full) || !errors.Is(err, backend.ErrOutOfMemory) || full.Asked <= 0 || full.Live < 0 || closed != nil {
			t.Errorf("buffer %d of %d: %v, then %v", i, n, err, closed)
		}
		goesOn(t, dir)
	}
}

// TestFaultCompile: the driver does not compile each kernel in turn.
func TestFaultCompile(t *testing.T) {
	n := healthy(t).Source
	for i := 1; i <= n; i += every(n) {
		dir := t.TempDir()
		err, closed := faulty(t, glfault.Faults{Source: i}, dir)
		var refused *gl.CompileError
		if !errors.As(err, &refused) || refused.Kernel == "" || !strings.Contains(err.Error(), "injected") {
			t.Errorf("kernel %d of %d: %v, then %v", i, n, err, closed)
		}
		if closed != nil && !errors.As(closed, &refused) {
			t.Errorf("kernel %d of %d: Close: %v", i, n, closed)
		}
		goesOn(t, dir)
	}
}

// TestFaultLost: the context is lost at each dispatch in turn.
func TestFaultLost(t *testing.T) {
	n := healthy(t).Dispatch
	left := 0
	for i := 1; i <= n; i += every(n) {
		dir := t.TempDir()
		err, closed := faulty(t, glfault.Faults{Dispatch: i}, dir)
		if !errors.Is(err, backend.ErrLost) || !errors.Is(closed, backend.ErrLost) {
			t.Errorf("dispatch %d of %d: %v, then %v", i, n, err, closed)
		}
		entries, _ := os.ReadDir(dir)
		left = max(left, len(entries))
		goesOn(t, dir)
	}
	if left < 4 {
		t.Errorf("no training has left more than %d files", left)
	}
}
