package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
)

// A Sweep trains many small models at once, of one shape and on one set, each with initial weights, a learning rate, a seed, a
// schedule of its own: what a search over settings does, or an ensemble. A small network leaves a GPU idle, and costs it a
// dispatch all the same; a thousand of them take about as many dispatches as one, and on the CPU they share its cores. Each
// trains to the bits that Fit would give it alone, on the same device.
//
// A Sweep must not be used by two goroutines at once.
type Sweep struct {
	stack       *backend.Stack
	trainers    []*Trainer
	epochs      int
	unevaluated bool // all steps of an epoch were run, and no more of it
}

// NewSweep builds n ≥ 1 trainings on the set. build makes model i on dev, a view of the set's device, and says how it is trained.
// What has to be the same for all is the shape of the model, the kinds of loss and optimizer, and of the configuration Epochs,
// Batch, MicroBatch, ReadEvery, Validation and Metrics; what enters a step as a number of the optimizer's ([nn.Adam]'s learning rate,
// betas, decay, schedules) or as a seed may differ. Callbacks, Progress and Checkpoint are for one training, and refused. The error
// names the model that does not fit.
func NewSweep(set *data.Set, n int, build func(i int, dev backend.Backend) (*nn.Model, Config, error)) (*Sweep, error) {
	switch {
	case set == nil || build == nil || n < 1:
		return nil, fmt.Errorf("train: a sweep of %d models: a set, at least one model and how to build it are needed", n)
	case set.Streamed():
		return nil, errors.New("train: a sweep needs a set that lies on the device, not a streamed one")
	}
	s := &Sweep{stack: backend.NewStack(set.Device(), n)}
	for i := range n {
		if err := s.add(i, set, build); err != nil {
			s.Release()
			return nil, fmt.Errorf("train: model %d of a sweep: %w", i, err)
		}
	}
	s.stack.Seal()
	return s, nil
}

func (s *Sweep) add(i int, set *data.Set, build func(i int, dev backend.Backend) (*nn.Model, Config, error)) error {
	dev := s.stack.View(i)
	m, cfg, err := build(i, dev)
	if err != nil {
		return err
	}
	switch {
	case len(cfg.Callbacks) > 0 || cfg.Progress != nil || cfg.Checkpoint.Dir != "":
		return errors.New("callbacks, progress and checkpoints are for one training")
	case cfg.Epochs < 1:
		return fmt.Errorf("%d epochs: at least 1 is needed", cfg.Epochs)
	case m != nil && m.Device() != dev:
		return errors.New("it has to be built on the device that build is given")
	}
	if i == 0 {
		s.epochs = cfg.Epochs
	} else if f := s.trainers[0].cfg; cfg.Epochs != s.epochs || cfg.Batch != f.Batch || cfg.readEvery() != f.ReadEvery {
		return fmt.Errorf("%d epochs of batches of %d, read every %d: model 0 has %d, %d and %d", cfg.Epochs, cfg.Batch, cfg.readEvery(), s.epochs, f.Batch, f.ReadEvery)
	}
	if cfg.Validation != nil {
		cfg.Validation = cfg.Validation.Through(dev)
	}
	t, err := New(m, set.Through(dev), cfg)
	if err == nil {
		s.trainers = append(s.trainers, t)
	}
	return err
}

// Len is the number of models.
func (s *Sweep) Len() int { return len(s.trainers) }

// Model is model i, to predict with, to save, to evaluate. It lives until Release.
func (s *Sweep) Model(i int) *nn.Model { return s.trainers[i].model }

// History is how the epochs of model i went.
func (s *Sweep) History(i int) History { return s.trainers[i].history }

// Err is what ended the training of model i alone, a [NonFiniteError], whose weights are then those of the step before; nil while it
// goes on or when it is done.
func (s *Sweep) Err(i int) error { return s.trainers[i].failed }

// Fit trains all models for the epochs of their configuration, or what is left of them. It stops between two runs of ReadEvery
// steps when ctx is done, with ctx's error, and goes on from there when it is called again. A model whose loss is not finite stays
// behind, see Err, and the others go on; an error of the device ends all.
func (s *Sweep) Fit(ctx context.Context) error { return s.FitTo(ctx, s.epochs) }

// FitTo is Fit up to the end of an epoch, counted from 1, that may lie before or behind the last: for a search that gives up on some
// models in between, or goes on.
func (s *Sweep) FitTo(ctx context.Context, epoch int) error {
	for {
		if err := contextError(ctx); err != nil {
			return err
		}
		var err error
		switch lead := s.trainers[0]; {
		case s.unevaluated:
			err = s.evaluate()
		case lead.epoch < epoch:
			_, err = s.Advance(lead.cfg.ReadEvery)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Advance runs the next steps of all models, at most n ≥ 1 and at most ReadEvery, of one epoch, waits for them, and returns how many
// they were. It evaluates nothing.
func (s *Sweep) Advance(n int) (int, error) {
	if n < 1 {
		return 0, fmt.Errorf("train: %d steps: at least 1 is needed", n)
	}
	lead := s.trainers[0]
	_, n = lead.upcoming(n)
	since := time.Now()
	err := s.stack.All(func(i int) error {
		t := s.trainers[i]
		l, _ := t.upcoming(n)
		if t.failed != nil {
			return l.idle(n)
		}
		_, err := l.queue(t.epoch, t.batch*t.cfg.Batch, t.step, n, nil)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("train: step %d: %w", lead.step, err)
	}
	for _, t := range s.trainers {
		if err := t.takePart(n, since); err != nil {
			return 0, err
		}
	}
	s.unevaluated = lead.batch == 0
	return n, nil
}

// takePart counts the steps that a sweep has run. A loss that is not finite is the training's own trouble.
func (t *Trainer) takePart(n int, since time.Time) error {
	l, _ := t.upcoming(n)
	results, err := l.plan.Results(n)
	switch {
	case err != nil:
		return fmt.Errorf("train: step %d: %w", t.step, err)
	case t.failed != nil:
		t.pass(n)
		return nil
	}
	var bad *NonFiniteError
	if _, _, err := t.take(l, results, since); !errors.As(err, &bad) {
		return err
	}
	t.pass(n)
	return nil
}

// idle is queue for a training that has failed: it takes part in what the others run, with its flag down, so that nothing changes.
func (l *lane) idle(n int) error {
	ok := l.plan.OK()
	backend.Write(l.program.Backend(), ok.Buf, ok.Off, []float32{0})
	if err := l.feed.Seek(0, 0); err != nil {
		return err
	}
	l.program.RunUntil(nil, n)
	return nil
}

// evaluate ends an epoch, with the scores on the validation set.
func (s *Sweep) evaluate() error {
	s.unevaluated = false
	reports, err := s.reports()
	if err != nil {
		return err
	}
	for i, t := range s.trainers {
		if t.failed != nil {
			continue
		}
		e := t.so
		e.Validation, e.Metrics = reports[i].Score, reports[i].Metrics
		t.open = false
		t.history = append(t.history, e)
	}
	return nil
}

// reports are those of all models on the validation set, and empty without one.
func (s *Sweep) reports() ([]Report, error) {
	out, sums := make([]Report, len(s.trainers)), make([]tally, len(s.trainers))
	lead := s.trainers[0].validation
	if lead == nil {
		return out, nil
	}
	for _, t := range s.trainers {
		t.validation.begin()
	}
	err := lead.batches(context.Background(), func(l *lane, at, steps int) error {
		of := func(e *Evaluator) *lane {
			if l == lead.full {
				return e.full
			}
			return e.rest
		}
		err := s.stack.All(func(i int) error {
			_, err := of(s.trainers[i].validation).queue(0, at, 0, steps, nil)
			return err
		})
		for i := 0; err == nil && i < len(s.trainers); i++ {
			e := s.trainers[i].validation
			var results []nn.StepResult
			if results, err = of(e).plan.Results(steps); err == nil {
				err = e.take(&sums[i], of(e), results)
			}
		}
		return err
	})
	for i := 0; err == nil && i < len(out); i++ {
		out[i], err = s.trainers[i].validation.with(sums[i].score())
	}
	return out, err
}

// Release gives back what the trainings took, the models among it; the sets stay.
func (s *Sweep) Release() {
	for _, t := range s.trainers {
		t.Release()
		t.model.Release()
	}
	s.stack.Release()
}
