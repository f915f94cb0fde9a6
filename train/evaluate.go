package train

import (
	"fmt"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
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
}

const (
	evalRows  = 500 // of a batch
	evalSteps = 64  // of a Run
)

// NewEvaluator builds the calls.
func NewEvaluator(m *nn.Model, set *data.Set, loss nn.Loss) (*Evaluator, error) {
	if err := fits(m, set, loss, "evaluation"); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	e := &Evaluator{set: set}
	rows := min(evalRows, set.Len())
	var err error
	e.full, err = newLane(m, set, data.FeedConfig{Rows: rows, Steps: min(evalSteps, set.Len()/rows)}, nn.PlanConfig{Loss: loss})
	if rest := set.Len() % rows; err == nil && rest > 0 {
		e.rest, err = newLane(m, set, data.FeedConfig{Rows: rest, Steps: 1}, nn.PlanConfig{Loss: loss})
	}
	if err != nil {
		e.Release()
		return nil, err
	}
	return e, nil
}

// Score evaluates the model as it is now.
func (e *Evaluator) Score() (Score, error) {
	var sum tally
	rows, n := e.full.plan.Rows, e.set.Len()
	for at := 0; at < n; {
		l, steps := e.full, min(evalSteps, (n-at)/rows)
		if steps == 0 {
			l, steps = e.rest, 1
		}
		results, err := l.run(0, at, 0, steps)
		if err != nil {
			return Score{}, fmt.Errorf("train: evaluation: %w", err)
		}
		for _, r := range results {
			sum.add(r, l.plan.Rows)
		}
		at += steps * l.plan.Rows
	}
	return sum.score(), nil
}

// Release gives back the evaluator's memory; model and set stay.
func (e *Evaluator) Release() {
	e.full.release()
	e.rest.release()
}
