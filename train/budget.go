package train

import (
	"fmt"
	"time"
)

// TimeBudget ends a training, without an error, at the first look at the losses past d from its begin, and says so in
// Progress. An epoch whose steps are all done by then is evaluated first, so that it counts. Keras: none; Lightning: Timer,
// which looks after each batch: set ReadEvery to 1 for that. A resumed training has the whole budget again.
func TimeBudget(d time.Duration) Callback {
	var end time.Time
	over := func() error {
		if time.Now().Before(end) {
			return nil
		}
		return Stop(fmt.Sprintf("the time budget of %v is used up", d))
	}
	return Callback{
		Check: func() error {
			if d <= 0 {
				return fmt.Errorf("a time budget of %v: more than nothing is needed", d)
			}
			return nil
		},
		Begin: func(*Training) error {
			end = time.Now().Add(d)
			return nil
		},
		Batch: func(b Batch) error {
			if b.Epoch.Rows < b.Rows {
				return over()
			}
			return nil
		},
		Epoch: func(Epoch) error { return over() },
	}
}
