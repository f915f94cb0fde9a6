package metrics

import (
	"fmt"
	"math"
)

// LogLoss is the mean of −log p, p the probability that the model gave to what is so: cross-entropy, computed from the logits, so
// that nothing is clipped. In a multi-label task it is the mean over the labels too.
func LogLoss() Metric {
	return Metric{name: "log_loss", less: true, part: losses, fits: classified, from: func(s *sums) float64 { return s.loss / s.weight }}
}

// Brier is the mean squared error of probabilities: with one logit (p − t)², as scikit-learn's brier_score_loss, in a multi-label
// task the mean of that over the labels, and for classes Brier's own sum over them (1950), which is twice as large for two.
func Brier() Metric {
	return Metric{name: "brier", less: true, fits: classified, of: func(p *Predictions) (float64, error) {
		sum, prob := 0.0, make([]float64, p.Cols)
		p.rows(func(i int, w float64) {
			if p.Task == Classes {
				softmax(prob, p.row(i))
				prob[p.Labels[i]]--
				sum += w * dot(prob)
				return
			}
			for j, y := range p.row(i) {
				prob[j] = sigmoid(float64(y)) - float64(p.Values[i*p.Cols+j])
			}
			sum += w * dot(prob) / float64(p.Cols)
		})
		return sum / p.total(), nil
	}}
}

func dot(v []float64) (sum float64) {
	for _, x := range v {
		sum += x * x
	}
	return sum
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// ECE is the expected calibration error of Guo, Pleiss, Sun and Weinberger (2017): rows go by the probability of the class that
// they are predicted as into bins ((b−1)/bins, b/bins], and Σ |accuracy − mean probability| over the bins, by their weights, is the
// error. The paper has 15 bins; the name is then ece, else ece_10.
func ECE(bins int) Metric {
	m := Metric{name: "ece", less: true, fits: exclusive}
	if bins != 15 {
		m.name = fmt.Sprintf("ece_%d", bins)
	}
	if bins < 1 {
		m.err = fmt.Errorf("%d bins: at least 1 is needed", bins)
	}
	m.of = func(p *Predictions) (float64, error) {
		gap, prob := make([]float64, bins), make([]float64, p.Cols)
		p.rows(func(i int, w float64) {
			confidence, right := confidence(p, i, prob)
			b := max(0, int(math.Ceil(confidence*float64(bins)))-1)
			gap[b] -= w * confidence
			if right {
				gap[b] += w
			}
		})
		sum := 0.0
		for _, g := range gap {
			sum += math.Abs(g)
		}
		return sum / p.total(), nil
	}
	return m
}

// confidence is the probability of the class that row i is predicted as, and whether it is its own.
func confidence(p *Predictions, i int, prob []float64) (float64, bool) {
	row := p.row(i)
	if p.Task == Binary {
		said := row[0] > 0
		return sigmoid(math.Abs(float64(row[0]))), said == (p.Values[i] == 1)
	}
	softmax(prob, row)
	class := argmax(row)
	return prob[class], p.Labels[i] == uint32(class)
}
