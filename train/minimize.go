package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train/metrics"
)

// MinimizeConfig says how to minimise. Loss is needed.
type MinimizeConfig struct {
	Loss       nn.Loss
	Optimizer  *nn.LBFGSOptimizer // nil stands for nn.LBFGS() with 200 iterations, as scikit-learn's solver="lbfgs" has
	MicroBatch int                // rows that go through the layers at a time, the gradient staying the whole set's; 0 stands for all
	Seed       uint64             // of dropout, which has the same masks at each evaluation
	Validation *data.Set          // scored after each iteration, if given
	Metrics    []metrics.Metric   // of the validation set, after each iteration
	Progress   io.Writer          // gets a line for each iteration
	Callbacks  []Callback         // called in order, Batch and Epoch after each iteration
}

// Minimize trains the model by L-BFGS on the whole set at once until a tolerance of the optimizer is met or its iterations
// or evaluations are used up: one Step of an [nn.Minimizer]. An iteration counts as an [Epoch], whose Steps are its
// evaluations of loss and gradient, and whose Loss and Accuracy are those of the weights that it ended with; with
// FixedStep, of the last that were evaluated. It stops after an iteration for what [Fit] stops for: ctx, a callback's error,
// and a loss or gradient that is not finite, with the weights of the iteration before.
func Minimize(ctx context.Context, m *nn.Model, set *data.Set, cfg MinimizeConfig) (History, error) {
	if cfg.Optimizer == nil {
		cfg.Optimizer = nn.LBFGS()
		cfg.Optimizer.Iterations = 200
	}
	cfg.Callbacks = slices.Clone(cfg.Callbacks)
	if cfg.Progress != nil {
		cfg.Callbacks = append(cfg.Callbacks, progress(cfg.Progress))
	}
	t := &minimization{cfg: cfg, callbacks: Config{Callbacks: cfg.Callbacks}, training: &Training{
		Model: m, Set: set, Validation: cfg.Validation, Metrics: cfg.Metrics, Loss: cfg.Loss, Optimizer: cfg.Optimizer, Epochs: cfg.Optimizer.Iterations,
	}}
	defer t.release()
	if err := t.build(m, set); err != nil {
		return nil, err
	}
	err := t.callbacks.begin(t.training)
	if err == nil {
		err = t.run(ctx)
	}
	err = t.training.ended(err)
	t.callbacks.end(t.history, err)
	return t.history, err
}

// A minimization is a Minimize in progress.
type minimization struct {
	cfg        MinimizeConfig
	callbacks  Config
	lane       *lane
	minimizer  *nn.Minimizer
	validation *Evaluator
	training   *Training
	history    History
	done       nn.MinimizerResult
	since      time.Time
}

func (t *minimization) build(m *nn.Model, set *data.Set) (err error) {
	if err := t.check(m, set); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	t.lane, err = fed(m, set, data.FeedConfig{Rows: set.Len(), Steps: 1},
		nn.PlanConfig{MicroBatch: t.cfg.MicroBatch, Loss: t.cfg.Loss, Train: true, Seed: t.cfg.Seed})
	if err != nil {
		return err
	}
	if err := t.lane.feed.Seek(0, 0); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	backend.Do(m.Device(), t.lane.feed.Calls...)
	if t.minimizer, err = nn.NewMinimizer(t.lane.plan, t.cfg.Optimizer); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if t.cfg.Validation != nil {
		t.validation, err = NewEvaluator(m, t.cfg.Validation, t.cfg.Loss, t.cfg.Metrics...)
	}
	return err
}

func (t *minimization) check(m *nn.Model, set *data.Set) error {
	switch {
	case m == nil || set == nil:
		return errors.New("a model and a training set are needed")
	case t.cfg.Loss == nil:
		return errors.New("a loss is needed")
	}
	if err := t.callbacks.checkCallbacks(); err != nil {
		return err
	}
	if err := fits(m, set, t.cfg.Loss, "training"); err != nil {
		return err
	}
	if err := validated(t.cfg.Metrics, t.cfg.Validation); err != nil {
		return err
	}
	if t.cfg.Validation != nil {
		return fits(m, t.cfg.Validation, t.cfg.Loss, "validation")
	}
	return nil
}

func (t *minimization) run(ctx context.Context) error {
	var ended error // by what was called after an iteration, not by L-BFGS
	t.minimizer.Each = func(r nn.MinimizerResult) error {
		if ended = t.iteration(r); ended == nil {
			ended = cancelled(ctx, r.Iterations)
		}
		return ended
	}
	if err := cancelled(ctx, 0); err != nil {
		return err
	}
	t.since = time.Now()
	_, err := t.minimizer.Step()
	switch {
	case ended != nil:
		return ended
	case err != nil:
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

func cancelled(ctx context.Context, iterations int) error {
	if err := contextError(ctx); err != nil {
		return fmt.Errorf("train: after iteration %d: %w", iterations, err)
	}
	return nil
}

// iteration adds to the history.
func (t *minimization) iteration(r nn.MinimizerResult) (err error) {
	rows := t.lane.plan.Rows
	e := Epoch{
		Number: r.Iterations, Loss: r.Loss, Accuracy: r.Correct / float64(rows), Rows: rows,
		Steps: r.Evaluations - t.done.Evaluations, Time: time.Since(t.since),
	}
	t.done = r
	if err := t.callbacks.batchEnd(Batch{Epoch: e, Batches: e.Steps, Rows: rows, Epochs: t.cfg.Optimizer.Iterations, Training: t.training}); err != nil {
		return err
	}
	if t.validation != nil {
		report, err := t.validation.Report()
		if err != nil {
			return err
		}
		e.Validation, e.Metrics = report.Score, report.Metrics
	}
	t.history = append(t.history, e)
	t.since = time.Now()
	return t.callbacks.epochEnd(e)
}

func (t *minimization) release() {
	t.minimizer.Release()
	if t.validation != nil {
		t.validation.Release()
	}
	t.lane.release()
}
