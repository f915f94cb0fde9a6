package metrics

import (
	"errors"
	"fmt"
	"math"
)

// A Task says how a row of outputs is to be read.
type Task uint8

const (
	// Classes: the outputs are logits of classes that exclude each other, and the target is one label a row, as for
	// nn.CrossEntropy. Logarithms of probabilities are logits too.
	Classes Task = iota
	// Binary: each output is the logit of a yes or no of its own, and the target a value of 0 or 1 for each, as for
	// nn.BCEWithLogits. One output is a binary task, more are a multi-label one.
	Binary
	// Regression: each output predicts a value.
	Regression
)

func (t Task) String() string {
	if t > Regression {
		return fmt.Sprintf("Task(%d)", uint8(t))
	}
	return [...]string{"classes", "binary", "regression"}[t]
}

// Predictions are a model's outputs for the rows of a whole set, beside the targets.
type Predictions struct {
	Task    Task
	Outputs []float32 // rows of Cols
	Cols    int
	Labels  []uint32  // Classes: one a row; a row whose label is Cols or more does not count
	Values  []float32 // Binary and Regression: one for each output
	Weights []float32 // of the rows; nil where all count 1. A row of weight 0 does not count
}

// Rows is the number of rows.
func (p *Predictions) Rows() int {
	if p.Cols < 1 {
		return 0
	}
	return len(p.Outputs) / p.Cols
}

// row is the outputs of row i.
func (p *Predictions) row(i int) []float32 { return p.Outputs[i*p.Cols : (i+1)*p.Cols] }

// weight is what row i counts.
func (p *Predictions) weight(i int) float64 {
	switch {
	case p.Task == Classes && uint64(p.Labels[i]) >= uint64(p.Cols):
		return 0
	case p.Weights == nil:
		return 1
	}
	return float64(p.Weights[i])
}

// rows visits those that count.
func (p *Predictions) rows(visit func(i int, w float64)) {
	for i := range p.Rows() {
		if w := p.weight(i); w > 0 {
			visit(i, w)
		}
	}
}

// total is the sum of the rows' weights.
func (p *Predictions) total() (sum float64) {
	p.rows(func(_ int, w float64) { sum += w })
	return sum
}

func (p *Predictions) check() error {
	n := p.Rows()
	labels, values := 0, n*p.Cols
	if p.Task == Classes {
		labels, values = n, 0
	}
	switch {
	case p.Task > Regression:
		return fmt.Errorf("metrics: unknown task %d", p.Task)
	case p.Cols < 1 || len(p.Outputs) != n*p.Cols:
		return fmt.Errorf("metrics: %d outputs are no whole number of rows of %d", len(p.Outputs), p.Cols)
	case len(p.Labels) != labels || len(p.Values) != values:
		return fmt.Errorf("metrics: %d labels and %d values for %d rows of %d outputs: %v wants %d and %d", len(p.Labels), len(p.Values), n, p.Cols, p.Task, labels, values)
	case p.Weights != nil && len(p.Weights) != n:
		return fmt.Errorf("metrics: %d weights for %d rows", len(p.Weights), n)
	}
	if err := p.checkNumbers(); err != nil {
		return err
	}
	if !(p.total() > 0) {
		return errNothing
	}
	return nil
}

var (
	errNothing   = errors.New("metrics: no row counts: there are none, or all are ignored or weigh 0")
	errNotFinite = errors.New("metrics: the model's outputs hold a NaN or an Inf")
)

func (p *Predictions) checkNumbers() error {
	for i, y := range p.Outputs {
		if !finite(y) {
			return fmt.Errorf("metrics: row %d has output %v in column %d", i/p.Cols, y, i%p.Cols)
		}
	}
	return p.checkTargets()
}

// checkTargets looks at the values and weights alone.
func (p *Predictions) checkTargets() error {
	for i, v := range p.Values {
		if !finite(v) || p.Task == Binary && v != 0 && v != 1 {
			return fmt.Errorf("metrics: row %d has value %v in column %d, %v wants %s", i/p.Cols, v, i%p.Cols, p.Task, [...]string{"none", "0 or 1", "finite ones"}[p.Task])
		}
	}
	for i, w := range p.Weights {
		if !(w >= 0 && finite(w)) {
			return fmt.Errorf("metrics: row %d has weight %v: it has to be finite and not negative", i, w)
		}
	}
	return nil
}

func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// column is a yes or no of each row that counts.
type column []decision

// decision is a row's score, and its weight under yes or no as it is.
type decision struct{ score, yes, no float64 }

func (c *column) add(score float64, is bool, weight float64) {
	d := decision{score: score}
	if is {
		d.yes = weight
	} else {
		d.no = weight
	}
	*c = append(*c, d)
}

// columns are one against the rest for each class, by its probability, or the labels of a Binary task, by their logits, which
// have the order of the probabilities and more digits.
func (p *Predictions) columns() []column {
	out := make([]column, p.Cols)
	prob := make([]float64, p.Cols)
	p.rows(func(i int, w float64) {
		row := p.row(i)
		if p.Task == Classes {
			softmax(prob, row)
		}
		for j := range out {
			if p.Task == Classes {
				out[j].add(prob[j], p.Labels[i] == uint32(j), w)
			} else {
				out[j].add(float64(row[j]), p.Values[i*p.Cols+j] == 1, w)
			}
		}
	})
	return out
}

// softmax leaves the probabilities of a row of logits in prob, and returns log Σ eʸ.
func softmax(prob []float64, row []float32) (logSum float64) {
	top := math.Inf(-1)
	for _, y := range row {
		top = max(top, float64(y))
	}
	sum := 0.0
	for j, y := range row {
		prob[j] = math.Exp(float64(y) - top)
		sum += prob[j]
	}
	for j := range prob {
		prob[j] /= sum
	}
	return top + math.Log(sum)
}
