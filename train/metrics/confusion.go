package metrics

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Confusion counts rows by class and by predicted class, by their weights. Where there is nothing to divide by, as in the
// precision of a class that is never predicted, a value is 0: scikit-learn's zero_division=0.
type Confusion struct {
	Classes int
	Cells   []float64 // row by row: the weight of the rows of class i predicted as j, at i·Classes+j
}

// Confusion counts the predictions: the class of a row is that of its first largest output, or with one logit 1 above 0.
func (p *Predictions) Confusion() (*Confusion, error) {
	if err := exclusive(p.Task, p.Cols); err != nil {
		return nil, fmt.Errorf("metrics: confusion: %w", err)
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	s := newSums(p, []Metric{Accuracy()})
	s.addAll(p)
	return s.matrix(), nil
}

// NewConfusion counts rows whose classes, 0 ≤ class < classes, have been decided elsewhere. Rows whose label is no class do not
// count; weights may be nil.
func NewConfusion(classes int, predicted, labels []uint32, weights []float32) (*Confusion, error) {
	switch {
	case classes < 1:
		return nil, fmt.Errorf("metrics: a confusion of %d classes", classes)
	case len(predicted) != len(labels) || weights != nil && len(weights) != len(labels):
		return nil, fmt.Errorf("metrics: %d predicted classes and %d weights for %d labels", len(predicted), len(weights), len(labels))
	}
	c := &Confusion{classes, make([]float64, classes*classes)}
	for i, label := range labels {
		w := 1.0
		if weights != nil {
			w = float64(weights[i])
		}
		switch {
		case uint64(label) >= uint64(classes):
		case uint64(predicted[i]) >= uint64(classes):
			return nil, fmt.Errorf("metrics: row %d is predicted as class %d of %d", i, predicted[i], classes)
		case !(w >= 0) || math.IsInf(w, 0):
			return nil, fmt.Errorf("metrics: row %d has weight %v: it has to be finite and not negative", i, w)
		default:
			c.Cells[int(label)*classes+int(predicted[i])] += w
		}
	}
	if !(c.total() > 0) {
		return nil, errNothing
	}
	return c, nil
}

// matrix is the confusion of classes, or of the one output of a Binary task.
func (s *sums) matrix() *Confusion {
	if s.task == Classes {
		return &Confusion{s.cols, slices.Clone(s.confusion)}
	}
	is, said, hit := s.is[0], s.said[0], s.hit[0]
	return &Confusion{2, []float64{s.weight - is - said + hit, said - hit, is - hit, hit}}
}

// At is the weight of the rows of a class that were predicted as another.
func (c *Confusion) At(class, predicted int) float64 { return c.Cells[class*c.Classes+predicted] }

func (c *Confusion) total() (sum float64) {
	for _, x := range c.Cells {
		sum += x
	}
	return sum
}

func (c *Confusion) tallies() []tally {
	out := make([]tally, c.Classes)
	for i := range out {
		for j := range out {
			out[i].is += c.At(i, j)
			out[j].said += c.At(i, j)
		}
		out[i].hit = c.At(i, i)
	}
	return out
}

// Accuracy is the share of the rows that are right.
func (c *Confusion) Accuracy() float64 {
	hit := 0.0
	for i := range c.Classes {
		hit += c.At(i, i)
	}
	return ratio(hit, c.total())
}

// Precision is the share of what was predicted as a class that is of it.
func (c *Confusion) Precision(a Average) (float64, error) { return c.mean(a, tally.precision) }

// Recall is the share of a class that was predicted as it.
func (c *Confusion) Recall(a Average) (float64, error) { return c.mean(a, tally.recall) }

// F1 is the harmonic mean of precision and recall, of each class before the average.
func (c *Confusion) F1(a Average) (float64, error) { return c.mean(a, tally.f1) }

func (c *Confusion) mean(a Average, f func(tally) float64) (float64, error) {
	err := a.fits(Classes, c.Classes)
	if a > Weighted {
		err = errors.New("unknown " + a.String())
	}
	if err != nil {
		return 0, fmt.Errorf("metrics: %w", err)
	}
	return a.mean(c.tallies(), f), nil
}

// BalancedAccuracy is the mean recall of the classes that occur.
func (c *Confusion) BalancedAccuracy() float64 {
	sum, n := 0.0, 0.0
	for _, t := range c.tallies() {
		if t.is > 0 {
			sum += t.recall()
			n++
		}
	}
	return ratio(sum, n)
}

// MCC is Matthews' correlation coefficient, for several classes as Gorodkin has it (2004): 1 where all is right, and 0 for
// guesses, and where all rows are of one class or all predictions one.
func (c *Confusion) MCC() float64 {
	n, hit, both, is, said := c.total(), 0.0, 0.0, 0.0, 0.0
	for _, t := range c.tallies() {
		hit += t.hit
		both += t.is * t.said
		is += t.is * (n - t.is)
		said += t.said * (n - t.said)
	}
	if rest := 1e-14 * n * n; !(is > rest && said > rest) { // less is what the rounding of weights leaves of nothing
		return 0
	}
	return (n*hit - both) / math.Sqrt(is*said)
}
