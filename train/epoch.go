package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gloss-ml/gloss/nn"
)

// Epoch trains to the end of the current epoch, evaluates, and returns how it went: all of it, also where an earlier call
// was interrupted in its middle, or a checkpoint was loaded. With an error it returns the epoch so far; after an
// [InterruptedError], or a callback's error, Epoch goes on where it was.
func (t *Trainer) Epoch(ctx context.Context) (Epoch, error) {
	if t.evaluating {
		return t.evaluate(ctx)
	}
	defer t.watch(ctx)()
	for number := t.epoch; t.epoch == number; {
		if err := contextError(ctx); err != nil {
			e := t.next()
			return e, &InterruptedError{Epoch: e, Err: err}
		}
		results, _, err := t.Advance(t.keeper.steps(t.cfg.ReadEvery))
		if err != nil {
			return t.so, err
		}
		if len(results) == 0 { // ctx came first
			continue
		}
		if err := t.cfg.batchEnd(Batch{Epoch: t.so, Batches: t.batches(), Rows: t.set.Len(), Epochs: t.cfg.Epochs, Training: t.training}); err != nil {
			return t.so, err
		}
		if err := t.keeper.batch(); err != nil {
			return t.so, err
		}
	}
	return t.evaluate(ctx)
}

// watch has steps stop when ctx is done, until it is undone.
func (t *Trainer) watch(ctx context.Context) (undo func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	stop := new(atomic.Bool)
	t.stop = stop
	forget := context.AfterFunc(ctx, func() { stop.Store(true) })
	return func() {
		forget()
		t.stop = nil
	}
}

// unevaluated reports whether all steps of an epoch were done, and no more of it: in a Fit, where a checkpoint says so.
func (t *Trainer) unevaluated() bool { return t.open && t.batch == 0 }

// evaluate ends an epoch.
func (t *Trainer) evaluate(ctx context.Context) (Epoch, error) {
	e := t.so
	if t.validation != nil {
		r, err := t.validation.report(ctx)
		if t.evaluating = ctx.Err() != nil && errors.Is(err, ctx.Err()); t.evaluating {
			return e, &InterruptedError{Epoch: e, Err: err}
		}
		if err != nil {
			return e, err
		}
		e.Validation, e.Metrics = r.Score, r.Metrics
	}
	t.open, t.evaluating = false, false
	return e, nil
}

// Advance runs the next steps, at most n ≥ 1 and at most ReadEvery, of one batch size and one epoch, waits for them, and
// returns what each left behind and the rows of each. After an error of the device, or a loss that is not finite, it
// returns that error again.
func (t *Trainer) Advance(n int) (results []nn.StepResult, rows int, err error) {
	if t.failed != nil {
		return nil, 0, t.failed
	}
	if n < 1 {
		return nil, 0, fmt.Errorf("train: %d steps: at least 1 is needed", n)
	}
	l, n := t.upcoming(n)
	since := time.Now()
	if results, err = l.run(t.epoch, t.batch*t.cfg.Batch, t.step, n, t.stop); err != nil {
		t.starts()
		t.failed = fmt.Errorf("train: step %d: %w", t.step, err)
		return nil, 0, t.failed
	}
	return t.take(l, results, since)
}

// upcoming is the lane of the next steps, and how many of at most n they are.
func (t *Trainer) upcoming(n int) (*lane, int) {
	full := t.set.Len() / t.cfg.Batch
	if t.batch == full {
		return t.rest, 1
	}
	return t.full, min(n, t.cfg.ReadEvery, full-t.batch)
}

// take counts what steps of a lane have left behind, and returns what Advance does.
func (t *Trainer) take(l *lane, results []nn.StepResult, since time.Time) ([]nn.StepResult, int, error) {
	n := len(results)
	if n == 0 {
		return nil, l.plan.Rows, nil
	}
	t.starts()
	if i := slices.IndexFunc(results, func(r nn.StepResult) bool { return !r.Finite() }); i >= 0 {
		t.failed = l.explain(i, t.step+int64(i), results[i])
		results = results[:i]
	}
	t.count(results, l.plan.Rows, time.Since(since))
	if t.failed != nil {
		return results, l.plan.Rows, t.failed
	}
	t.pass(n)
	return results, l.plan.Rows, nil
}

// pass puts n steps behind the training.
func (t *Trainer) pass(n int) {
	t.batch += n
	t.step += int64(n)
	if t.batch*t.cfg.Batch >= t.set.Len() {
		t.batch = 0
		t.epoch++
	}
}
