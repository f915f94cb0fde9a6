package metrics

import "fmt"

// Accuracy is the share of the rows that are right: whose first largest logit is at the label; with one logit whose sign is, and
// in a multi-label task all of whose signs are.
func Accuracy() Metric {
	return Metric{name: "accuracy", part: counts, fits: classified, from: func(s *sums) float64 {
		if s.task == Binary {
			return s.exact / s.weight
		}
		return s.matrix().Accuracy()
	}}
}

// TopK is the share of the rows whose label is among the k largest outputs. Of equal outputs the last counts as the largest, as in
// scikit-learn's top_k_accuracy_score; Accuracy takes the first.
func TopK(k int) Metric {
	m := Metric{name: fmt.Sprintf("top_%d", k), part: ranks, k: k, from: func(s *sums) float64 { return s.top[0] / s.weight }}
	if k < 1 {
		m.err = fmt.Errorf("k has to be 1 at least")
	}
	m.fits = func(t Task, outputs int) error {
		if t != Classes {
			return fmt.Errorf("it wants a label a row, and the task is %v", t)
		}
		return nil
	}
	return m
}

// Precision is the share of what was predicted as a class that is of it, averaged over the classes. A class that is never
// predicted has 0, as in scikit-learn with zero_division=0, and so have Recall and F1 where there is nothing to divide by.
func Precision(a Average) Metric { return averaged("precision", a, tally.precision) }

// Recall is the share of a class that was predicted as it, averaged over the classes.
func Recall(a Average) Metric { return averaged("recall", a, tally.recall) }

// F1 is the harmonic mean of precision and recall, of each class before the average.
func F1(a Average) Metric { return averaged("f1", a, tally.f1) }

func averaged(name string, a Average, f func(tally) float64) Metric {
	m := a.named(name)
	m.part, m.fits = counts, a.fits
	m.from = func(s *sums) float64 {
		if s.task == Classes || s.cols == 1 {
			return a.mean(s.matrix().tallies(), f)
		}
		labels := make([]tally, s.cols)
		for j := range labels {
			labels[j] = tally{s.is[j], s.said[j], s.hit[j]}
		}
		return a.meanOfLabels(labels, f)
	}
	return m
}

// meanOfLabels is mean for a multi-label task, where a label that never occurs is none the less asked about.
func (a Average) meanOfLabels(labels []tally, f func(tally) float64) float64 {
	if a != Macro {
		return a.mean(labels, f)
	}
	sum := 0.0
	for _, l := range labels {
		sum += f(l)
	}
	return sum / float64(len(labels))
}

// BalancedAccuracy is the mean recall of the classes that occur.
func BalancedAccuracy() Metric {
	return Metric{name: "balanced_accuracy", part: counts, fits: exclusive, from: func(s *sums) float64 { return s.matrix().BalancedAccuracy() }}
}

// MCC is Matthews' correlation coefficient: see [Confusion.MCC].
func MCC() Metric {
	return Metric{name: "mcc", part: counts, fits: exclusive, from: func(s *sums) float64 { return s.matrix().MCC() }}
}
