package train

import (
	"context"
	"fmt"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train/metrics"
)

// Score is how well a model does on a set.
type Score struct {
	Loss     float64 // mean over the rows, by their weights
	Accuracy float64 // share of rows whose largest output is at their label; 0 where targets are no labels
	Rows     int
}

// tally adds batches up.
type tally struct {
	loss, weight, correct float64
	rows                  int
}

func (s *tally) add(r nn.StepResult, rows int) {
	s.loss += r.Loss * r.Weight
	s.weight += r.Weight
	s.correct += r.Correct
	s.rows += rows
}

// score is the means: of the loss over the rows' weights, of what was right over the rows.
func (s *tally) score() Score {
	out := Score{Rows: s.rows}
	if s.weight > 0 {
		out.Loss = s.loss / s.weight
	}
	if s.rows > 0 {
		out.Accuracy = s.correct / float64(s.rows)
	}
	return out
}

// Evaluate returns the model's score on a set. Dropout is off, and nothing changes.
func Evaluate(m *nn.Model, set *data.Set, loss nn.Loss) (Score, error) {
	e, err := NewEvaluator(m, set, loss)
	if err != nil {
		return Score{}, err
	}
	defer e.Release()
	return e.Score()
}

// An Evaluator scores a model on one set again and again. It must not be used by two goroutines at once; evaluators
// of one model may.
type Evaluator struct {
	set        *data.Set
	full, rest *lane
	steps      int            // of a Run
	meter      *metrics.Meter // nil without metrics
}

const (
	evalRows   = 500     // of a batch
	evalSteps  = 64      // of a Run
	evalFloats = 1 << 22 // that a Run leaves behind for metrics
)

// NewEvaluator builds the calls, those of the metrics among them. The error names a metric that fits neither the loss nor the set.
func NewEvaluator(m *nn.Model, set *data.Set, loss nn.Loss, ms ...metrics.Metric) (*Evaluator, error) {
	return newEvaluator(m, set, loss, ms, false)
}

func newEvaluator(m *nn.Model, set *data.Set, loss nn.Loss, ms []metrics.Metric, outputs bool) (*Evaluator, error) {
	if err := fits(m, set, loss, "evaluation"); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	rows := min(evalRows, set.Len())
	e := &Evaluator{set: set, steps: min(evalSteps, set.Len()/rows)}
	var err error
	if len(ms) > 0 || outputs {
		if e.meter, err = newMeter(m, set, loss, ms, outputs); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		e.steps = max(1, min(e.steps, evalFloats/e.meter.StepFloats(rows)))
	}
	e.full, err = newLane(m, set, data.FeedConfig{Rows: rows, Steps: e.steps}, nn.PlanConfig{Loss: loss}, e.meter)
	if rest := set.Len() % rows; err == nil && rest > 0 {
		e.rest, err = newLane(m, set, data.FeedConfig{Rows: rest, Steps: 1}, nn.PlanConfig{Loss: loss}, e.meter)
	}
	if err != nil {
		e.Release()
		return nil, err
	}
	return e, nil
}

// Score evaluates the model as it is now.
func (e *Evaluator) Score() (Score, error) { return e.score(context.Background()) }

// score looks at ctx once every Run.
func (e *Evaluator) score(ctx context.Context) (Score, error) {
	var sum tally
	e.begin()
	err := e.batches(ctx, func(l *lane, at, steps int) error {
		results, err := l.run(0, at, 0, steps, nil)
		if err != nil {
			return err
		}
		return e.take(&sum, l, results)
	})
	if err != nil {
		return Score{}, err
	}
	return sum.score(), nil
}

func (e *Evaluator) begin() {
	if e.meter != nil {
		e.meter.Begin()
	}
}

// batches goes over the set, run by run.
func (e *Evaluator) batches(ctx context.Context, run func(l *lane, at, steps int) error) error {
	rows, n := e.full.plan.Rows, e.set.Len()
	for at := 0; at < n; {
		l, steps := e.full, min(e.steps, (n-at)/rows)
		if steps == 0 {
			l, steps = e.rest, 1
		}
		if err := contextError(ctx); err != nil {
			return err
		}
		if err := run(l, at, steps); err != nil {
			return fmt.Errorf("train: evaluation: %w", err)
		}
		at += steps * l.plan.Rows
	}
	return nil
}

// take adds what the steps of a run have left behind.
func (e *Evaluator) take(sum *tally, l *lane, results []nn.StepResult) error {
	for _, r := range results {
		sum.add(r, l.plan.Rows)
	}
	if e.meter == nil {
		return nil
	}
	return l.tap.Read(len(results))
}

// Release gives back the evaluator's memory; model and set stay.
func (e *Evaluator) Release() {
	e.full.release()
	e.rest.release()
}
