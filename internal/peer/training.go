package peer

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/nn"
)

// tinyRate keeps weights where they are while they are timed: a network that learns its one batch by heart has gradients
// that become subnormal, which some peers take a hundred times as long over. A step costs the same whatever the rate.
const tinyRate = 1e-9

// optimizer has PyTorch's defaults at the given rate; 0 stands for the rate of a walk.
func (w Workload) optimizer(rate float64) nn.Optimizer {
	if w.Opt == "sgd" {
		if rate == 0 {
			rate = 1e-2
		}
		return nn.SGD(rate)
	}
	if rate == 0 {
		rate = 1e-3
	}
	return nn.Adam(rate)
}

func (w Workload) loss() nn.Loss {
	if w.Loss == "mse" {
		return nn.MSE()
	}
	return nn.CrossEntropy()
}

// A training is a recorded step on one batch that lies on the device.
type training struct {
	dev     backend.Backend
	model   *nn.Model
	state   *nn.State
	batch   []*backend.Buffer
	plan    *nn.Plan
	program *backend.Program
	first   int64
}

func newTraining(dev backend.Backend, w Workload, seed int, rate float64) (t *training, err error) {
	t = &training{dev: dev}
	defer func() {
		if err != nil {
			t.Release()
			t = nil
		}
	}()
	if t.model, err = w.model(dev, seed); err != nil {
		return t, err
	}
	if t.state, err = nn.NewState(t.model, w.optimizer(rate)); err != nil {
		return t, err
	}
	cfg := nn.PlanConfig{Rows: w.Batch, Loss: w.loss(), Train: true, State: t.state, Steps: stepsOfRun}
	if err = t.place(w, seed, &cfg); err != nil {
		return t, err
	}
	if t.plan, err = t.model.Plan(cfg); err != nil {
		return t, err
	}
	t.program, err = backend.Record(dev, backend.Step{Calls: t.plan.Calls, Steps: stepsOfRun})
	return t, err
}

// place puts the batch on the device.
func (t *training) place(w Workload, seed int, cfg *nn.PlanConfig) (err error) {
	in, out := w.Net[0], w.Net[len(w.Net)-1]
	if cfg.X, err = put(t, backend.F32, Uniform(1000*seed+VecX, w.Batch*in), in); err != nil {
		return err
	}
	if w.Loss == "mse" {
		cfg.Values, err = put(t, backend.F32, Uniform(1000*seed+VecY, w.Batch*out), out)
	} else {
		cfg.Labels, err = put(t, backend.U32, Labels(1000*seed+VecY, w.Batch, out), 1)
	}
	return err
}

// put is a matrix on the device.
func put[E float32 | uint32](t *training, kind backend.Kind, v []E, cols int) (backend.Tensor, error) {
	buf, err := backend.Alloc(t.dev, kind, len(v))
	if err != nil {
		return backend.Tensor{}, err
	}
	t.batch = append(t.batch, buf)
	backend.Write(t.dev, buf, 0, v)
	return backend.Mat(buf, 0, len(v)/cols, cols), nil
}

func (t *training) Run(n int) error {
	for n > 0 {
		steps := min(n, stepsOfRun)
		if err := t.plan.Begin(t.first, steps); err != nil {
			return err
		}
		t.program.Run(steps)
		t.first += int64(steps)
		n -= steps
	}
	return t.dev.Sync()
}

func (t *training) Release() {
	t.program.Release()
	if t.plan != nil {
		t.plan.Release()
	}
	for _, b := range t.batch {
		b.Release()
	}
	t.state.Release()
	if t.model != nil {
		t.model.Release()
	}
}
