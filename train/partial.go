package train

import (
	"time"

	"github.com/gloss-ml/gloss/nn"
)

// Step is the number of steps that were done, over all epochs.
func (t *Trainer) Step() int64 { return t.step }

// Partial is the epoch that the training is in the middle of, so far: for callbacks at the end of a training that was
// stopped, and the zero Epoch between two epochs.
func (t *Trainer) Partial() Epoch {
	if !t.open {
		return Epoch{}
	}
	return t.so
}

// next is the epoch that the next step belongs to, so far.
func (t *Trainer) next() Epoch {
	if t.batch > 0 {
		return t.so
	}
	return Epoch{Number: t.epoch + 1}
}

// starts opens an epoch with its first step.
func (t *Trainer) starts() {
	if t.batch == 0 {
		t.so, t.sum, t.open = t.next(), tally{}, true
	}
}

// count adds steps to the epoch.
func (t *Trainer) count(results []nn.StepResult, rows int, took time.Duration) {
	for _, r := range results {
		t.sum.add(r, rows)
	}
	now := t.sum.score()
	t.so.Steps += len(results)
	t.so.Time += took
	t.so.Rows, t.so.Loss, t.so.Accuracy = now.Rows, now.Loss, now.Accuracy
}
