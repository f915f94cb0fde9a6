package train

import (
	"fmt"
	"time"

	"github.com/gloss-ml/gloss/nn"
)

// TimeBudget ends a training, without an error, at the first look at the losses past d from its begin, and says so in
// Progress. An epoch whose steps are all done by then is evaluated first, so that it counts. Keras: none; Lightning: Timer,
// which looks after each batch: set ReadEvery to 1 for that. A training
// that goes on from a checkpoint has what is left of the budget.
func TimeBudget(d time.Duration) Callback {
	var used time.Duration // by what a training goes on from
	var start time.Time
	over := func() error {
		if time.Since(start) < d {
			return nil
		}
		return Stop(fmt.Sprintf("the time budget of %v is used up", d))
	}
	return Callback{
		Check: func() error {
			if d <= 0 {
				return fmt.Errorf("a time budget of %v: more than nothing is needed", d)
			}
			used, start = 0, time.Now()
			return nil
		},
		Begin: func(*Training) error {
			start, used = time.Now().Add(-used), 0
			return over()
		},
		Batch: func(b Batch) error {
			if b.Epoch.Rows < b.Rows {
				return over()
			}
			return nil
		},
		Epoch: func(Epoch) error { return over() },
		Key:   "time budget",
		Save:  func() (nn.Extra, error) { return remembered(budgetMemory{time.Since(start)}) },
		Load: func(x nn.Extra) error {
			m, err := recalled[budgetMemory](x)
			if err != nil {
				return err
			}
			used, start = m.Used, time.Now().Add(-m.Used)
			return nil
		},
	}
}

// budgetMemory is how much of a budget is gone.
type budgetMemory struct{ Used time.Duration }
