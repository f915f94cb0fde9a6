package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// MNIST is a training of 784-128-10 on MNIST's files, and how long it takes to a test accuracy.
type MNIST struct {
	Epochs int
	Seed   uint64
	Target float64 // accuracy on the test images, a share
}

const mnistBatch = 128

func (m MNIST) net() Train {
	return Train{Net: Net{784, 128, 10}, Batch: mnistBatch, Opt: "adam", Loss: "xent"}
}

// Name is "mnist/784-128-10/b128/adam".
func (m MNIST) Name() string { return "mnist" + m.net().Name()[len("train"):] }

// Check says what is wrong with the settings.
func (m MNIST) Check() error {
	switch {
	case m.Epochs < 1:
		return fmt.Errorf("%d epochs: at least 1 is needed", m.Epochs)
	case !(m.Target > 0 && m.Target <= 1):
		return fmt.Errorf("a target of %v: want a share above 0 and at most 1, as in 0.972", m.Target)
	}
	return nil
}

// An MNISTScore is how a training on MNIST ended.
type MNISTScore struct {
	Accuracy     float64 // on the test images, after the last epoch
	Epochs       int
	Target       float64
	Reached      bool
	TimeToTarget time.Duration // of training alone, to the end of the epoch that reached it
}

// Run trains on all images, after a short training on random data was compared with the reference, and calls report
// after each epoch. The time of a unit, a step, is an epoch's time divided by its steps: a number for each epoch.
// Where ctx ends the training, the Result has the epochs until then and ctx's error.
func (m MNIST) Run(ctx context.Context, d Device, images data.MNIST, report func(train.Epoch)) Result {
	r := Result{Workload: m.Name(), Work: m.net().Work(), Device: d.Name, Info: d.Backend.Info()}
	if r.MaxError, r.Err = m.checkDevice(d.Backend); r.Err != nil {
		return r
	}
	before := d.Backend.Stats()
	score := MNISTScore{Target: m.Target}
	var spent time.Duration
	r.Err = m.fit(ctx, d.Backend, images, func(e train.Epoch) {
		spent += e.Time
		score.Accuracy, score.Epochs = e.Validation.Accuracy, e.Number
		if !score.Reached && e.Validation.Accuracy >= m.Target {
			score.Reached, score.TimeToTarget = true, spent
		}
		r.Seconds = append(r.Seconds, e.Time.Seconds()/float64(e.Steps))
		r.Units += e.Steps
		report(e)
	})
	r.MNIST, r.Stats = &score, d.Backend.Stats().Sub(before)
	return r
}

func (m MNIST) checkDevice(dev backend.Backend) (float64, error) {
	c, err := m.net().Case()
	if err != nil {
		return 0, err
	}
	j, err := c.Open(dev)
	if err != nil {
		return 0, err
	}
	defer j.Release()
	return j.Check()
}

func (m MNIST) fit(ctx context.Context, dev backend.Backend, images data.MNIST, report func(train.Epoch)) error {
	set, err := data.FromImages(dev, images.Train)
	if err != nil {
		return err
	}
	defer set.Release()
	test, err := data.FromImages(dev, images.Test)
	if err != nil {
		return err
	}
	defer test.Release()
	t := m.net()
	model, err := nn.New(dev, t.Net[0], t.Net.Layers()...)
	if err != nil {
		return err
	}
	defer model.Release()
	model.Init(m.Seed)
	_, err = train.Fit(ctx, model, set, train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(2e-3), Epochs: m.Epochs, Batch: t.Batch, Seed: m.Seed, Validation: test,
		Callbacks: []train.Callback{{Epoch: func(e train.Epoch) error { report(e); return nil }}},
	})
	return err
}
