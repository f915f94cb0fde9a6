package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ROCAUC is the area under the receiver operating characteristic: the probability that a row of the class scores higher than one
// that is not, equal scores counting one half. Several classes are each set against the rest by their probabilities
// (scikit-learn's multi_class="ovr"); with one logit the averages are all the same. A class with no rows, or with all, is an error.
func ROCAUC(a Average) Metric { return ranked("roc_auc", a, rocAUC) }

// AveragePrecision is Σ (Rₙ − Rₙ₋₁)·Pₙ over the thresholds, P and R being precision and recall: the area under their curve without
// interpolation. Classes are set against the rest as for ROCAUC; one without rows has 0.
func AveragePrecision(a Average) Metric { return ranked("average_precision", a, averagePrecision) }

// ranked is an average over the columns, as scikit-learn's _average_binary_score.
func ranked(name string, a Average, f func(column) (float64, error)) Metric {
	m := a.named(name)
	m.fits, m.early = a.fits, true
	m.of = func(p *Predictions) (float64, error) {
		columns := p.columns()
		switch {
		case p.Task == Binary && p.Cols == 1:
			return f(columns[0])
		case a == Positive:
			return f(columns[1])
		case a == Micro:
			return f(slices.Concat(columns...))
		}
		var sum, weight float64
		for j, c := range columns {
			v, err := f(c)
			if err != nil {
				return 0, fmt.Errorf("class %d: %w", j, err)
			}
			w := 1.0
			if a == Weighted {
				w, _ = c.weights()
			}
			sum += w * v
			weight += w
		}
		return ratio(sum, weight), nil
	}
	return m
}

// weights are those of the rows where it is so and of those where it is not.
func (c column) weights() (yes, no float64) {
	for _, d := range c {
		yes += d.yes
		no += d.no
	}
	return yes, no
}

// descend sorts the column and visits groups of rows with the same score, the highest first, with their weights.
func (c column) descend(visit func(yes, no float64)) {
	slices.SortFunc(c, func(a, b decision) int { return cmp.Compare(b.score, a.score) })
	for at := 0; at < len(c); {
		var yes, no float64
		score := c[at].score
		for ; at < len(c) && c[at].score == score; at++ {
			yes += c[at].yes
			no += c[at].no
		}
		visit(yes, no)
	}
}

func rocAUC(c column) (float64, error) {
	yes, no := c.weights()
	if yes == 0 || no == 0 {
		return 0, errors.New("all rows or none are of the class: the area is not defined")
	}
	area, above := 0.0, 0.0
	c.descend(func(y, n float64) {
		area += n * (above + y/2)
		above += y
	})
	return area / (yes * no), nil
}

func averagePrecision(c column) (float64, error) {
	yes, _ := c.weights()
	if yes == 0 {
		return 0, nil
	}
	sum, hit, said := 0.0, 0.0, 0.0
	c.descend(func(y, n float64) {
		hit += y
		said += y + n
		sum += y * hit / said
	})
	return sum / yes, nil
}
