package metrics

import (
	"math"
	"slices"
)

// sums are what counts and sums over the rows come from, whether the host or a device added them up.
type sums struct {
	task   Task
	cols   int
	part   part
	ks     []int   // of the TopK metrics
	weight float64 // of the rows that count

	confusion []float64 // Classes: by label and predicted class, K×K
	said      []float64 // Binary, by output: predicted
	hit       []float64 // predicted, and so it is
	is        []float64 // so it is: of the targets alone
	exact     float64   // Binary: rows with every output right
	top       []float64 // rows whose label is among the k largest, for each of ks
	loss      float64
	square    []float64 // Regression, by output: Σ w·e²
	abs       []float64 // Σ w·|e|
	spread    []float64 // Σ w·(t − t̄)²: of the targets alone
}

// newSums are those that ms need, without rows. What depends on the targets alone is there already.
func newSums(p *Predictions, ms []Metric) *sums {
	s := &sums{task: p.Task, cols: p.Cols, weight: p.total()}
	for _, m := range ms {
		s.part |= m.part
		if m.part == ranks && !slices.Contains(s.ks, m.k) {
			s.ks = append(s.ks, m.k)
		}
	}
	switch {
	case s.part&counts != 0 && p.Task == Classes:
		s.confusion = make([]float64, p.Cols*p.Cols)
	case s.part&counts != 0:
		s.said, s.hit, s.is = make([]float64, p.Cols), make([]float64, p.Cols), make([]float64, p.Cols)
		p.rows(func(i int, w float64) {
			for j := range s.is {
				s.is[j] += w * float64(p.Values[i*p.Cols+j])
			}
		})
	}
	s.top = make([]float64, len(s.ks))
	if s.part&squares != 0 {
		s.square, s.abs, s.spread = make([]float64, p.Cols), make([]float64, p.Cols), spread(p, s.weight)
	}
	return s
}

// spread is Σ w·(t − t̄)² of each output, in two passes: the difference of two large sums would leave nothing of it. Where all
// targets are the same it is 0, whatever rounding made of their mean.
func spread(p *Predictions, weight float64) []float64 {
	out := make([]float64, p.Cols)
	for j := range out {
		mean, lo, hi := 0.0, math.Inf(1), math.Inf(-1)
		p.rows(func(i int, w float64) {
			t := float64(p.Values[i*p.Cols+j])
			mean += w * t / weight
			lo, hi = min(lo, t), max(hi, t)
		})
		if lo == hi {
			continue
		}
		p.rows(func(i int, w float64) {
			d := float64(p.Values[i*p.Cols+j]) - mean
			out[j] += w * d * d
		})
	}
	return out
}

// reset has the sums start again.
func (s *sums) reset() {
	for _, v := range [][]float64{s.confusion, s.said, s.hit, s.top, s.square, s.abs} {
		clear(v)
	}
	s.exact, s.loss = 0, 0
}

// of is s as a metric sees it: top holds the hits for its own k.
func (s *sums) of(m Metric) *sums {
	if m.part != ranks {
		return s
	}
	own := *s
	own.top = s.top[slices.Index(s.ks, m.k):][:1]
	return &own
}

// addAll adds rows up on the host.
func (s *sums) addAll(p *Predictions) {
	prob := make([]float64, p.Cols)
	p.rows(func(i int, w float64) {
		row := p.row(i)
		if s.part&counts != 0 {
			s.count(p, i, w)
		}
		for at, k := range s.ks {
			if rank(row, int(p.Labels[i])) < k {
				s.top[at] += w
			}
		}
		if s.part&losses != 0 {
			s.loss += w * logLoss(p, i, prob)
		}
		if s.part&squares != 0 {
			for j, y := range row {
				e := float64(y) - float64(p.Values[i*p.Cols+j])
				s.square[j] += w * e * e
				s.abs[j] += w * math.Abs(e)
			}
		}
	})
}

func (s *sums) count(p *Predictions, i int, w float64) {
	row := p.row(i)
	if s.task == Classes {
		s.confusion[int(p.Labels[i])*s.cols+argmax(row)] += w
		return
	}
	right := true
	for j, y := range row {
		said, is := y > 0, p.Values[i*s.cols+j] == 1
		if said {
			s.said[j] += w
		}
		if said && is {
			s.hit[j] += w
		}
		right = right && said == is
	}
	if right {
		s.exact += w
	}
}

// argmax is the first of the largest.
func argmax(row []float32) int {
	best := 0
	for j, y := range row {
		if y > row[best] {
			best = j
		}
	}
	return best
}

// rank is the number of outputs before the label's when they are sorted as scikit-learn's top_k_accuracy_score does: the largest
// first, and of equals the last first.
func rank(row []float32, label int) (before int) {
	for j, y := range row {
		if y > row[label] || y == row[label] && j > label {
			before++
		}
	}
	return before
}

// logLoss is the cross-entropy of row i, for Binary the mean over its outputs, from logits, so that nothing is clipped.
func logLoss(p *Predictions, i int, prob []float64) float64 {
	row := p.row(i)
	if p.Task == Classes {
		return softmax(prob, row) - float64(row[p.Labels[i]])
	}
	sum := 0.0
	for j, y := range row {
		x, t := float64(y), float64(p.Values[i*p.Cols+j])
		sum += max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) - t*x
	}
	return sum / float64(p.Cols)
}
