// Package metrics says how good a model's outputs are over a whole set: never as an average over batches, which for F1, ROC-AUC,
// R² and most others is another number (keras#5794). Values are scikit-learn's, in float64, and tests hold each against it.
//
// A [Metric] is computed from [Predictions] in the host's memory, by Of; package train has it computed for a validation set after
// each epoch. What is a count or a sum over the rows it then adds up on the device, by a [Meter]; for ranks and calibration it
// reads the outputs once.
package metrics

import (
	"errors"
	"fmt"
	"strings"
)

// A Metric is a number that says how good predictions are. The metrics of this package are made by its functions, others by [New].
type Metric struct {
	name  string
	part  part // what device sums it is made of; 0 where it needs the outputs
	early bool // what makes it an error is in the targets
	less  bool // is better
	k     int  // of TopK
	err   error
	fits  func(Task, int) error // of rows of so many outputs

	from func(s *sums) float64                 // with a part
	of   func(p *Predictions) (float64, error) // without
}

// part is a set of sums over the rows.
type part uint8

const (
	counts  part = 1 << iota // of rows by class and predicted class
	ranks                    // of rows whose label is among the k largest outputs
	losses                   // Σ w·cross-entropy
	squares                  // Σ w·e², Σ w·|e|
)

// New is a metric of one's own: f gets predictions that have been checked.
func New(name string, f func(p *Predictions) (float64, error)) Metric {
	m := Metric{name: name, of: f, fits: func(Task, int) error { return nil }}
	if f == nil {
		m.err = errors.New("no function to compute it")
	}
	return m
}

// String is the metric's name, as results have it: "f1_macro".
func (m Metric) String() string { return m.name }

// Maximize reports whether larger is better: not for losses and errors. Of one's own it is taken to be.
func (m Metric) Maximize() bool { return !m.less }

// Check says what keeps the metric from being computed of rows of so many outputs: its settings, or a task that is not its own.
func (m Metric) Check(task Task, outputs int) error {
	err := m.err
	switch {
	case m.name == "":
		return errors.New("metrics: a Metric without a name: make one by a function of this package")
	case err == nil && task > Regression:
		err = fmt.Errorf("unknown task %d", task)
	case err == nil && outputs < 1:
		err = fmt.Errorf("rows of %d outputs", outputs)
	case err == nil:
		err = m.fits(task, outputs)
	}
	if err != nil {
		return fmt.Errorf("metrics: %s: %w", m.name, err)
	}
	return nil
}

// CheckAll is Check for each of ms, whose names have to be different.
func CheckAll(ms []Metric, task Task, outputs int) error {
	seen := map[string]bool{}
	for _, m := range ms {
		if err := m.Check(task, outputs); err != nil {
			return err
		}
		if seen[m.name] {
			return fmt.Errorf("metrics: %s is there twice", m.name)
		}
		seen[m.name] = true
	}
	return nil
}

// Of computes the metric. The error names what is wrong with the predictions, and what the metric is not defined for: no rows
// that count, outputs that are NaN or Inf, and for ROCAUC a class without rows.
func (m Metric) Of(p *Predictions) (float64, error) {
	r, err := All(p, m)
	if err != nil {
		return 0, err
	}
	return r[0].Value, nil
}

// All computes several metrics of the same predictions.
func All(p *Predictions, ms ...Metric) (Results, error) {
	if err := CheckAll(ms, p.Task, p.Cols); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	s := newSums(p, ms)
	s.addAll(p)
	out := make(Results, 0, len(ms))
	for _, m := range ms {
		if m.from != nil {
			out = append(out, Result{m.name, m.from(s.of(m))})
			continue
		}
		v, err := m.of(p)
		if err != nil {
			return nil, fmt.Errorf("metrics: %s: %w", m.name, err)
		}
		out = append(out, Result{m.name, v})
	}
	return out, nil
}

// A Result is a metric's value.
type Result struct {
	Name  string
	Value float64
}

// Results are those of several metrics, in the order in which they were asked for.
type Results []Result

// Get is the value of that name.
func (r Results) Get(name string) (value float64, ok bool) {
	for _, x := range r {
		if x.Name == name {
			return x.Value, true
		}
	}
	return 0, false
}

// String is "accuracy 0.9812  f1_macro 0.9806".
func (r Results) String() string {
	var s []string
	for _, x := range r {
		s = append(s, fmt.Sprintf("%s %.4g", x.Name, x.Value))
	}
	return strings.Join(s, "  ")
}
