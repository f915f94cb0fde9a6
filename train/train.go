// Package train is the loop around package nn: epochs over a data set that lies on the device, with evaluation. The
// host looks at the losses once every some steps; everything in between happens on the device.
package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train/metrics"
)

// Config says how to train. Loss, Optimizer, Epochs and Batch are needed.
type Config struct {
	Loss       nn.Loss
	Optimizer  nn.Optimizer
	Epochs     int
	Batch      int              // rows of a step; an epoch's last batch may be smaller
	MicroBatch int              // gradients are accumulated over so many rows at a time; 0 stands for Batch. See nn.PlanConfig
	Seed       uint64           // of the order of the rows and of dropout
	Validation *data.Set        // scored after each epoch, if given
	Metrics    []metrics.Metric // of the validation set, after each epoch
	Progress   io.Writer        // gets a line for each epoch; a terminal sees it grow, with the time that is left
	Callbacks  []Callback       // called in order
	Update     []nn.StateOption // of the optimizer: nn.ClipNorm, nn.NoDecayOnBiasAndNorm
	ReadEvery  int              // steps between two looks of the host at the losses; 0 stands for 64
	Checkpoint Checkpoint       // to go on after an interruption as if there had been none; none without a Dir
}

// Epoch is how an epoch went.
type Epoch struct {
	Number   int     // counted from 1
	Loss     float64 // mean over the epoch's rows, each at the time of its step
	Accuracy float64 // share of rows that were right at the time of their step; 0 where targets are no labels
	Steps    int
	Rows     int
	Time     time.Duration // of the training alone

	Validation Score           // after the epoch, if a validation set was given
	Metrics    metrics.Results // of the validation set, those that were asked for
}

// SamplesPerSecond is the epoch's throughput, evaluation left out.
func (e Epoch) SamplesPerSecond() float64 { return float64(e.Rows) / e.Time.Seconds() }

// History is how the epochs of a training went, in order.
type History []Epoch

// Last is the last epoch, the zero Epoch if there is none.
func (h History) Last() Epoch {
	if len(h) == 0 {
		return Epoch{}
	}
	return h[len(h)-1]
}

// Fit trains the model for Epochs epochs and returns how they went. It stops after the step that runs when ctx is done, or
// those that a GPU was given by then, with an [InterruptedError], which has the epoch so far and wraps ctx's error and cause;
// when a callback returns an error, with that error, or with none for [ErrStop]; and at the first loss or gradient that is
// not finite, with a [NonFiniteError] and the weights of the step before. The epochs that were finished are returned in any
// case, and the model's weights are those of the last step, or what a callback such as [EarlyStopping] makes of them. With a
// [Checkpoint] that is set to resume, the epochs that were finished before count.
//
// Fit starts from the weights that the model has: a second Fit of a model goes on training it, on the same set or another,
// with an optimizer that starts anew and, for the same Seed, in the same order. To go on with the optimizer's state and the
// next orders (scikit-learn's partial_fit) keep a [Trainer] and call its Epoch again.
func Fit(ctx context.Context, m *nn.Model, set *data.Set, cfg Config) (history History, err error) {
	if cfg.Epochs < 1 {
		return nil, fmt.Errorf("train: %d epochs: at least 1 is needed", cfg.Epochs)
	}
	if cfg.Progress != nil {
		cfg.Callbacks = append(slices.Clone(cfg.Callbacks), progress(cfg.Progress))
	}
	t, err := New(m, set, cfg)
	if err != nil {
		return nil, err
	}
	defer t.Release()
	if err := t.keep(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	begun := false
	defer func() {
		if begun {
			err = t.keeper.last(err)
		}
		err = t.training.ended(err)
		t.cfg.end(t.history, err)
	}()
	if err := t.cfg.begin(t.training); err != nil {
		return t.history, err
	}
	begun = true
	for t.epoch < cfg.Epochs || t.unevaluated() {
		if err := t.fitEpoch(ctx); err != nil {
			return t.history, err
		}
	}
	return t.history, nil
}

// fitEpoch is Fit's next epoch. After a checkpoint of all its steps, but not its evaluation, that alone is left of it.
func (t *Trainer) fitEpoch(ctx context.Context) error {
	begin, rest := t.next(), t.Epoch
	if t.unevaluated() {
		begin, rest = t.so, t.evaluate
	}
	if err := t.cfg.epochBegin(begin); err != nil {
		return err
	}
	e, err := rest(ctx)
	if err != nil {
		return err
	}
	t.history = append(t.history, e)
	return t.keeper.epoch(e, t.cfg.epochEnd(e))
}

// A Trainer is a training in progress: the model, the optimizer's state and the place in the data. It must not be used
// by two goroutines at once.
type Trainer struct {
	cfg    Config
	model  *nn.Model
	set    *data.Set
	state  *nn.State
	full   *lane // batches of cfg.Batch rows
	rest   *lane // an epoch's last, smaller batch; nil where there is none
	epoch  int   // finished
	batch  int   // of the epoch's batches, those done
	step   int64 // of all steps, those done
	failed error

	so         Epoch        // the epoch of the last step, so far
	sum        tally        // of its rows
	open       bool         // Epoch has not returned it
	evaluating bool         // when it was interrupted
	stop       *atomic.Bool // set when Epoch's ctx is done; nil where it never is

	history  History
	keeper   *keeper           // nil where there are no checkpoints
	settings map[string]string // what has to be the same where a checkpoint is loaded

	validation *Evaluator
	training   *Training
}

// New checks the configuration and builds the steps. Of the callbacks it calls Check, and Epoch their Batch; the others are
// Fit's to call.
func New(m *nn.Model, set *data.Set, cfg Config) (*Trainer, error) {
	if err := cfg.check(m, set); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	cfg.ReadEvery = cfg.readEvery()
	t := &Trainer{cfg: cfg, model: m, set: set}
	t.training = &Training{
		Model: m, Set: set, Validation: cfg.Validation, Metrics: cfg.Metrics, Loss: cfg.Loss, Optimizer: cfg.Optimizer, Epochs: cfg.Epochs, Trainer: t,
	}
	if err := t.build(); err != nil {
		t.Release()
		return nil, err
	}
	return t, nil
}

func (c *Config) check(m *nn.Model, set *data.Set) error {
	switch {
	case m == nil || set == nil:
		return errors.New("a model and a training set are needed")
	case c.Loss == nil || c.Optimizer == nil:
		return errors.New("a loss and an optimizer are needed")
	case c.Batch < 1:
		return fmt.Errorf("batches of %d rows: at least 1 is needed", c.Batch)
	case c.MicroBatch < 0:
		return fmt.Errorf("micro-batches of %d rows", c.MicroBatch)
	case c.ReadEvery < 0:
		return fmt.Errorf("reading the losses every %d steps", c.ReadEvery)
	}
	if err := c.checkCallbacks(); err != nil {
		return err
	}
	if err := fits(m, set, c.Loss, "training"); err != nil {
		return err
	}
	if err := validated(c.Metrics, c.Validation); err != nil {
		return err
	}
	if c.Validation != nil {
		if err := fits(m, c.Validation, c.Loss, "validation"); err != nil {
			return err
		}
	}
	return c.checkCheckpoint()
}

func (t *Trainer) build() (err error) {
	if t.state, err = nn.NewState(t.model, t.cfg.Optimizer, t.cfg.Update...); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	t.settings = t.comparable()
	n := t.set.Len()
	if full := n / t.cfg.Batch; full > 0 {
		if t.full, err = t.lane(t.cfg.Batch, min(t.cfg.ReadEvery, full)); err != nil {
			return err
		}
	}
	if rest := n % t.cfg.Batch; rest > 0 {
		if t.rest, err = t.lane(rest, 1); err != nil {
			return err
		}
	}
	if t.cfg.Validation != nil {
		t.validation, err = NewEvaluator(t.model, t.cfg.Validation, t.cfg.Loss, t.cfg.Metrics...)
	}
	return err
}

func (t *Trainer) lane(rows, steps int) (*lane, error) {
	return newLane(t.model, t.set, data.FeedConfig{Rows: rows, Steps: steps, Shuffle: true, Seed: t.cfg.Seed},
		nn.PlanConfig{MicroBatch: t.cfg.MicroBatch, Loss: t.cfg.Loss, Train: true, State: t.state, Seed: t.cfg.Seed}, nil)
}

// batches is the number of batches of an epoch.
func (t *Trainer) batches() int { return StepsPerEpoch(t.set.Len(), t.cfg.Batch) }

// StepsPerEpoch is the number of steps that an epoch over so many rows takes, its last and smaller batch included:
// what a schedule that counts epochs is multiplied with, as in nn.PerEpoch. It is 0 where there are none.
func StepsPerEpoch(rows, batch int) int {
	if rows < 1 || batch < 1 {
		return 0
	}
	return (rows-1)/batch + 1
}

// Release gives back what the training took; model and sets stay.
func (t *Trainer) Release() {
	t.keeper.close()
	t.full.release()
	t.rest.release()
	if t.validation != nil {
		t.validation.Release()
	}
	t.state.Release()
}
