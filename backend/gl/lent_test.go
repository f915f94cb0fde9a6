//go:build cgo && gl && linux

package gl_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/backend/gl/internal/egl"
	"github.com/gloss-ml/gloss/nn"
)

// TestLent trains the same network on a device of its own and on one that was lent a context and this thread: the same
// bits.
func TestLent(t *testing.T) {
	want, err := trained(open(t))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		ways, err := egl.Devices()
		if err != nil {
			t.Error(err)
			return
		}
		ctx, err := egl.Open(ways[0], 4, 3)
		if err == nil {
			defer ctx.Destroy()
			err = ctx.MakeCurrent()
		}
		if err != nil {
			t.Error(err)
			return
		}
		b, err := gl.Open(gl.Lend(ctx.ProcAddress))
		if err != nil {
			t.Error(err)
			return
		}
		defer b.Close()
		if got, err := trained(b); err != nil || !slices.Equal(got, want) {
			t.Errorf("a lent context trains to other weights: %v", err)
		}
		if err := gl.Work(b); err != nil {
			t.Error(err)
		}
		elsewhere := make(chan *backend.Misuse)
		go func() { elsewhere <- misused(func() { gl.Work(b) }) }()
		if m := <-elsewhere; m == nil {
			t.Error("Work on another thread")
		}
	}()
	<-done
}

// trained are the weights after some steps.
func trained(b backend.Backend) ([]float32, error) {
	m, err := nn.New(b, 3, nn.Linear(8), nn.Tanh(), nn.Linear(2))
	if err != nil {
		return nil, err
	}
	state, err := nn.NewState(m, nn.Adam(1e-2))
	if err != nil {
		return nil, err
	}
	y, err := backend.Alloc(b, backend.F32, 2*5)
	if err != nil {
		return nil, err
	}
	const steps = 10
	plan, err := m.Plan(nn.PlanConfig{Rows: 5, Values: backend.Mat(y, 0, 5, 2), Loss: nn.MSE(), Train: true, State: state, Steps: steps})
	if err != nil {
		return nil, err
	}
	if gl.Object(plan.X.Buf) == 0 {
		return nil, errors.New("a buffer without a name")
	}
	backend.Write(b, plan.X.Buf, plan.X.Off, []float32{1, -2, 3, 0, 2, -1, -3, 1, 1, 2, 2, -2, 0, -1, 3})
	program, err := backend.Record(b, backend.Step{Calls: plan.Calls, Steps: steps})
	if err != nil {
		return nil, err
	}
	if err := plan.Begin(0, steps); err != nil {
		return nil, err
	}
	program.Run(steps)
	return m.Weights()
}
