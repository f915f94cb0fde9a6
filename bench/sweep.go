package bench

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// Sweep is sixteen training steps of many networks of one shape at once, as train.Sweep takes them, each with weights and an order of
// its own. The host looks at the losses behind them.
type Sweep struct {
	Train
	Models int
}

const sweepSteps = 16

// NewSweep checks the number of models, and that t is not logged.
func NewSweep(t Train, models int) (Sweep, error) {
	switch {
	case models < 1 || models > 1<<16:
		return Sweep{}, fmt.Errorf("%d models: want 1 to %d", models, 1<<16)
	case t.Logged:
		return Sweep{}, fmt.Errorf("the losses of a sweep are read every %d steps: none is logged step by step", sweepSteps)
	}
	return Sweep{t, models}, nil
}

func (s Sweep) Name() string {
	return fmt.Sprintf("sweep%s/x%d", s.Train.Name()[len("train"):], s.Models)
}

// Work is that of the steps of all models.
func (s Sweep) Work() Work {
	w := s.Train.Work()
	return Work{Flops: w.Flops * float64(sweepSteps*s.Models), Samples: w.Samples * float64(sweepSteps*s.Models)}
}

// build makes model i.
func (s Sweep) build(i int, dev backend.Backend) (*nn.Model, train.Config, error) {
	m, err := nn.New(dev, s.Net[0], s.Net.Layers()...)
	if err != nil {
		return nil, train.Config{}, err
	}
	m.Init(uint64(i))
	return m, train.Config{Loss: losses[s.Loss](), Optimizer: optimizers[s.Opt](), Batch: s.Batch, Seed: uint64(i), Epochs: 1, ReadEvery: sweepSteps}, nil
}

// checked are the models that are compared with the reference.
func (s Sweep) checked() []int { return []int{0, s.Models - 1} }

// sweepCase has the first steps of some of the models as the reference takes them, one by one.
type sweepCase struct {
	Sweep
	each []*trainCase
}

func (s Sweep) Case() (Case, error) {
	c := &sweepCase{Sweep: s}
	dev := ref.Open()
	defer dev.Close()
	set, err := s.randomSet(dev, s.batches())
	if err != nil {
		return nil, err
	}
	defer set.Release()
	for _, i := range s.checked() {
		m, cfg, err := s.build(i, dev)
		if err != nil {
			return nil, err
		}
		defer m.Release()
		t := &trainCase{Train: s.Train, steps: checkSteps}
		if t.start.weights, err = m.Weights(); err != nil {
			return nil, err
		}
		trainer, err := train.New(m, set, cfg)
		if err != nil {
			return nil, err
		}
		defer trainer.Release()
		if t.want, err = (&trainJob{model: m, trainer: trainer}).walk(t.steps); err != nil {
			return nil, err
		}
		c.each = append(c.each, t)
	}
	return c, nil
}

func (c *sweepCase) Open(dev backend.Backend) (_ Job, err error) {
	j := &sweepJob{c: c}
	if j.set, err = c.randomSet(dev, c.batches()); err != nil {
		return nil, err
	}
	if j.sweep, err = train.NewSweep(j.set, c.Models, c.build); err != nil {
		j.set.Release()
		return nil, err
	}
	return j, nil
}

type sweepJob struct {
	c     *sweepCase
	set   *data.Set
	sweep *train.Sweep
}

// Check takes the first steps of all and compares the weights of some.
func (j *sweepJob) Check() (worst float64, err error) {
	if err := j.advance(checkSteps); err != nil {
		return 0, err
	}
	for k, i := range j.c.checked() {
		w, err := j.sweep.Model(i).Weights()
		if err != nil {
			return 0, err
		}
		e, err := j.c.each[k].compare(trajectory{weights: w})
		if err != nil {
			return 0, fmt.Errorf("model %d: %w", i, err)
		}
		worst = max(worst, e)
	}
	return worst, nil
}

func (j *sweepJob) Run(n int) error { return j.advance(n * sweepSteps) }

func (j *sweepJob) advance(n int) error {
	for n > 0 {
		ran, err := j.sweep.Advance(n)
		if err != nil {
			return err
		}
		n -= ran
	}
	return nil
}

func (j *sweepJob) Release() {
	j.sweep.Release()
	j.set.Release()
}
