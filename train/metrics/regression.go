package metrics

import "math"

// MSE is the mean squared error, with several outputs the mean over them.
func MSE() Metric {
	return errorMetric("mse", func(s *sums) float64 { return mean(s.square) / s.weight })
}

// RMSE is the root of the mean squared error, with several outputs the mean of their roots, as scikit-learn's
// mean_squared_error(squared=False).
func RMSE() Metric {
	return errorMetric("rmse", func(s *sums) float64 {
		sum := 0.0
		for _, x := range s.square {
			sum += math.Sqrt(x / s.weight)
		}
		return sum / float64(s.cols)
	})
}

// MAE is the mean absolute error, with several outputs the mean over them.
func MAE() Metric {
	return errorMetric("mae", func(s *sums) float64 { return mean(s.abs) / s.weight })
}

// R2 is the coefficient of determination, 1 − Σ(t − y)²/Σ(t − t̄)², with several outputs the mean over them. Targets that are all the
// same have 1 if they are predicted exactly and else 0, as in scikit-learn.
func R2() Metric {
	return errorMetric("r2", func(s *sums) float64 {
		sum := 0.0
		for j, e := range s.square {
			switch {
			case s.spread[j] > 0:
				sum += 1 - e/s.spread[j]
			case e == 0:
				sum++
			}
		}
		return sum / float64(s.cols)
	})
}

func errorMetric(name string, from func(*sums) float64) Metric {
	return Metric{name: name, less: name != "r2", part: squares, fits: continuous, from: from}
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
