package train

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"strconv"
)

// LRCurve is what [FindLR] has measured: for each step its learning rate, its loss, and the running mean of the losses.
type LRCurve struct {
	Rates, Losses, Smoothed []float64
	Diverged                bool // the sweep has ended before its last rate

	skip int // points at the start that suggestions leave out
}

// LRSuggestion is what a curve says about a learning rate.
type LRSuggestion struct {
	Steepest float64 // where the smoothed loss falls fastest over the logarithm of the rate
	Minimum  float64 // a tenth of the rate where it is least
}

// skipEnd is the number of points at the end that suggestions leave out, where the loss is about to diverge: fastai's 5.
const skipEnd = 5

// Suggest finds fastai's suggestions "steep" and "minimum", which leave out a sweep's first tenth and last five points. They
// are where to start from: look at the curve. A loss that nowhere falls is an error.
func (c LRCurve) Suggest() (LRSuggestion, error) {
	lo, hi := c.skip, len(c.Smoothed)-skipEnd
	if hi-lo < 2 {
		return LRSuggestion{}, errors.New("train: learning rate finder: too few points before the loss diverged; start from a lower rate, or take more steps")
	}
	steepest, slope, least := -1, 0.0, lo
	for i := lo; i < hi; i++ {
		if c.Smoothed[i] < c.Smoothed[least] {
			least = i
		}
		if i+1 == hi {
			break
		}
		if s := (c.Smoothed[i+1] - c.Smoothed[i]) / math.Log(c.Rates[i+1]/c.Rates[i]); s < slope {
			steepest, slope = i, s
		}
	}
	if steepest < 0 {
		return LRSuggestion{}, errors.New("train: learning rate finder: the loss falls at no rate")
	}
	return LRSuggestion{Steepest: c.Rates[steepest], Minimum: c.Rates[least] / 10}, nil
}

// WriteCSV writes the curve with a header, every number so that it reads back the same.
func (c LRCurve) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"rate", "loss", "smoothed"}}
	for i := range c.Rates {
		row := make([]string, 3)
		for j, x := range []float64{c.Rates[i], c.Losses[i], c.Smoothed[i]} {
			row[j] = strconv.FormatFloat(x, 'g', -1, 64)
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}
