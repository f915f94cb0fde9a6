package peer

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// together is how many batches a peer that has a loop of its own is given at once: what leading them in costs is shared by
// as many steps as a user's epoch has, but for those that take so long that it is nothing.
func (w Workload) together() int { return int(min(max(4, 1e9/w.Flops()), stepsOfRun)) }

// A loop is a training by package train.
type loop struct {
	model   *nn.Model
	set     *data.Set
	trainer *train.Trainer
	batches int // of the set, and between two looks at the losses
}

func (l *loop) together() int { return l.batches }

func newLoop(dev backend.Backend, w Workload) (l *loop, err error) {
	l = &loop{batches: w.together()}
	defer func() {
		if err != nil {
			l.Release()
			l = nil
		}
	}()
	if l.model, err = w.model(dev, 0); err != nil {
		return l, err
	}
	rows, out := l.batches*w.Batch, w.Net[len(w.Net)-1]
	target := data.Labels(Labels(VecY, rows, out))
	if w.Loss == "mse" {
		target = data.Values(Uniform(VecY, rows*out), out)
	}
	if l.set, err = data.FromFloats(dev, Uniform(VecX, rows*w.Net[0]), w.Net[0], target); err != nil {
		return l, err
	}
	l.trainer, err = train.New(l.model, l.set, train.Config{Loss: w.loss(), Optimizer: w.optimizer(tinyRate), Batch: w.Batch, ReadEvery: l.batches})
	return l, err
}

func (l *loop) Run(n int) error {
	for n > 0 {
		results, _, err := l.trainer.Advance(min(n, l.batches))
		if err != nil {
			return err
		}
		n -= len(results)
	}
	return nil
}

func (l *loop) Release() {
	if l.trainer != nil {
		l.trainer.Release()
	}
	if l.set != nil {
		l.set.Release()
	}
	if l.model != nil {
		l.model.Release()
	}
}
