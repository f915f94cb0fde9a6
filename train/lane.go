package train

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train/metrics"
)

// A lane is a step for one batch size: a feed, a plan that it fills, and both recorded as a program.
type lane struct {
	feed    *data.Feed
	plan    *nn.Plan
	program *backend.Program
	tap     *metrics.Tap // of the metrics, where there are any
}

// newLane makes the feed and the plan, and records them; the meter may be nil.
func newLane(m *nn.Model, set *data.Set, feed data.FeedConfig, plan nn.PlanConfig, meter *metrics.Meter) (*lane, error) {
	l, err := fed(m, set, feed, plan)
	if err != nil {
		return nil, err
	}
	step := backend.Step{Calls: slices.Concat(l.feed.Calls, l.plan.Calls), Steps: feed.Steps}
	if meter != nil {
		batch := metrics.Batch{Outputs: l.plan.Output, Labels: l.feed.Labels, Values: l.feed.Values, Weights: l.feed.Weights, Steps: feed.Steps}
		if l.tap, err = meter.Tap(m.Device(), batch); err != nil {
			l.release()
			return nil, fmt.Errorf("train: %w", err)
		}
		step.Calls = append(step.Calls, l.tap.Calls...)
	}
	if l.program, err = backend.Record(m.Device(), step); err != nil {
		l.release()
		return nil, fmt.Errorf("train: recording the step: %w", err)
	}
	return l, nil
}

// fed is a lane without a program. It completes the plan's configuration by what the feed decides.
func fed(m *nn.Model, set *data.Set, feed data.FeedConfig, plan nn.PlanConfig) (*lane, error) {
	l := &lane{}
	var err error
	if l.feed, err = set.Feed(feed); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	plan.Rows, plan.Steps, plan.X = feed.Rows, feed.Steps, l.feed.X
	plan.Labels, plan.Values, plan.Weights = l.feed.Labels, l.feed.Values, l.feed.Weights
	plan.Codes = l.feed.Codes
	if l.plan, err = m.Plan(plan); err != nil {
		l.release()
		return nil, fmt.Errorf("train: %w", err)
	}
	return l, nil
}

// run queues n steps over the rows from row on of an epoch, step being the first one's number in the training, and
// waits for what they leave behind. Once stop is set no more of them begin; nil is never set.
func (l *lane) run(epoch, row int, step int64, n int, stop *atomic.Bool) ([]nn.StepResult, error) {
	n, err := l.queue(epoch, row, step, n, stop)
	if err != nil {
		return nil, err
	}
	return l.plan.Results(n)
}

// queue is run that waits for nothing, and returns how many steps began.
func (l *lane) queue(epoch, row int, step int64, n int, stop *atomic.Bool) (int, error) {
	if err := l.plan.Begin(step, n); err != nil {
		return 0, err
	}
	if err := l.feed.Seek(epoch, row); err != nil {
		return 0, err
	}
	return l.program.RunUntil(stop, n), nil
}

func (l *lane) release() {
	if l == nil {
		return
	}
	l.program.Release()
	l.tap.Release()
	if l.plan != nil {
		l.plan.Release()
	}
	if l.feed != nil {
		l.feed.Release()
	}
}
