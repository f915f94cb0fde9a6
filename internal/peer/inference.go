package peer

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/nn"
)

// An inference is a batch from the host's memory through the network and back to the host's memory.
type inference struct {
	dev     backend.Backend
	model   *nn.Model
	plan    *nn.Plan
	program *backend.Program
	x, y    []float32
}

func newInference(dev backend.Backend, w Workload) (i *inference, err error) {
	i = &inference{dev: dev, x: Uniform(VecX, w.Batch*w.Net[0]), y: make([]float32, w.Batch*w.Net[len(w.Net)-1])}
	defer func() {
		if err != nil {
			i.Release()
			i = nil
		}
	}()
	if i.model, err = w.model(dev, 0); err != nil {
		return i, err
	}
	if i.plan, err = i.model.Plan(nn.PlanConfig{Rows: w.Batch}); err != nil {
		return i, err
	}
	i.program, err = backend.Record(dev, backend.Step{Calls: i.plan.Calls})
	return i, err
}

func (i *inference) Run(n int) error {
	for range n {
		backend.Write(i.dev, i.plan.X.Buf, i.plan.X.Off, i.x)
		i.program.Run(1)
		if err := backend.Read(i.dev, i.y, i.plan.Output.Buf, i.plan.Output.Off); err != nil {
			return err
		}
	}
	return nil
}

func (i *inference) Release() {
	i.program.Release()
	if i.plan != nil {
		i.plan.Release()
	}
	if i.model != nil {
		i.model.Release()
	}
}

func checkInference(dev backend.Backend, w Workload) (float64, error) {
	i, err := newInference(dev, w)
	if err != nil {
		return 0, err
	}
	defer i.Release()
	if err := i.Run(1); err != nil {
		return 0, err
	}
	return Projection(i.y, w.Batch, w.Net[len(w.Net)-1]), nil
}
