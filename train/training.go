package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train/metrics"
)

// A Training is what callbacks see of a [Fit] or a [Minimize]: the model and the sets that are at work, no copies. It is
// theirs to read; what a Training holds is valid until End has returned.
type Training struct {
	Model      *nn.Model
	Set        *data.Set
	Validation *data.Set        // nil where there is none
	Metrics    []metrics.Metric // of the validation set
	Loss       nn.Loss
	Optimizer  fmt.Stringer // an nn.Optimizer, or Minimize's *nn.LBFGSOptimizer
	Epochs     int          // that were asked for
	Trainer    *Trainer     // nil in Minimize

	stopped error
}

// Stopped is why a callback has ended the training without an error, for End: an error that is [ErrStop]; nil where none has.
func (t *Training) Stopped() error { return t.stopped }

// ended keeps the reason of an ErrStop, and returns what is an error to the caller.
func (t *Training) ended(err error) error {
	if errors.Is(err, ErrStop) {
		t.stopped = err
		return nil
	}
	return err
}

// InterruptedError says that ctx has ended a training, and where. It wraps ctx's error and its cause. Model and Trainer
// are those of the last step: training can go on from there.
type InterruptedError struct {
	Epoch Epoch // the one that was interrupted, so far; no more than its Number where that was before its first step
	Err   error
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("train: epoch %d, after %d steps: %v", e.Epoch.Number, e.Epoch.Steps, e.Err)
}

func (e *InterruptedError) Unwrap() error { return e.Err }

// contextError is ctx's error, with its cause where that says more; nil while ctx goes on.
func contextError(ctx context.Context) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); err != nil && cause != err {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}
