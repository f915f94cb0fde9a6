package bench_test

import (
	"fmt"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
)

// recordStep is a training step of digits with Adam, as package train records it.
func recordStep(t testing.TB, dev backend.Backend, batch int) *backend.Program {
	const steps = 8
	model := must(nn.New(dev, 784, digits...))
	set := randomSet(dev, steps*batch, 784, 10)
	feed := must(set.Feed(data.FeedConfig{Rows: batch, Steps: steps, Shuffle: true}))
	state := must(nn.NewState(model, nn.Adam(1e-3)))
	plan := must(model.Plan(nn.PlanConfig{
		Rows: batch, X: feed.X, Labels: feed.Labels, Loss: nn.CrossEntropy(), Train: true, State: state, Steps: steps,
	}))
	program := must(backend.Record(dev, backend.Step{Calls: append(feed.Calls, plan.Calls...), Steps: steps}))
	if err := feed.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	if err := plan.Begin(0, steps); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		program.Release()
		plan.Release()
		state.Release()
		feed.Release()
		set.Release()
		model.Release()
	})
	return program
}

// TestStepBudget holds a training step to what it may ask of a device: no look at a result, no memory, no wait, and
// on OpenGL no more than 6 dispatches, all given to the driver at once.
func TestStepBudget(t *testing.T) {
	for _, name := range float32s {
		t.Run(name, func(t *testing.T) {
			dev := open(t, name)
			program := recordStep(t, dev, 32)
			program.Run(1)
			if err := dev.Sync(); err != nil {
				t.Fatal(err)
			}
			before := dev.Stats()
			program.Run(1)
			s := dev.Stats().Sub(before)
			if s.Reads != 0 || s.Writes != 0 || s.Allocs != 0 || s.Waits != 0 || s.BytesRead != 0 || s.BytesWritten != 0 {
				t.Errorf("a step took %d reads, %d writes, %d allocs and %d waits, want none", s.Reads, s.Writes, s.Allocs, s.Waits)
			}
			if s.Dispatches > 6 || name == "gl" && s.Dispatches < 1 {
				t.Errorf("a step took %d dispatches, want 1 to 6", s.Dispatches)
			}
			if err := dev.Sync(); err != nil {
				t.Fatal(err)
			}
			// Once, or one by one where each is looked at for errors.
			if s := dev.Stats().Sub(before); name == "gl" && s.Submits != 1 && s.Submits != s.Dispatches {
				t.Errorf("a step was given to the driver in %d parts, want 1", s.Submits)
			}
		})
	}
}

// TestStepAllocatesNothing counts the host's allocations. Gonum starts goroutines and is left out.
func TestStepAllocatesNothing(t *testing.T) {
	for _, workers := range []int{1, 2} {
		program := recordStep(t, openWorkers(t, workers), 32)
		if n := testing.AllocsPerRun(20, func() { program.Run(3) }); n != 0 {
			t.Errorf("%d workers: %v allocations in three steps, want 0", workers, n)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, name := range float32s {
		for _, batch := range []int{32, 128} {
			b.Run(fmt.Sprintf("784-128-10/b%d/%s", batch, name), func(b *testing.B) {
				dev := open(b, name)
				program := recordStep(b, dev, batch)
				program.Run(1)
				wait(b, dev)
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					program.Run(1)
				}
				wait(b, dev)
			})
		}
	}
}

func wait(t testing.TB, dev backend.Backend) {
	if err := dev.Sync(); err != nil {
		t.Fatal(err)
	}
}
