package train

import (
	"errors"
	"math"
	"slices"

	"github.com/gloss-ml/gloss/train/metrics"
)

// A Monitor is a number of an epoch by which it is judged, and which way is better: one of [ValidationLoss],
// [ValidationAccuracy], [ValidationMetric], [TrainingLoss] and [TrainingAccuracy], or your own, with Value set.
type Monitor struct {
	Name     string // in messages
	Value    func(Epoch) float64
	Maximize bool // larger is better

	validation, labels bool   // what it needs
	metric             string // and of Config.Metrics
}

// ValidationLoss is the loss on Config.Validation, the least is the best.
func ValidationLoss() Monitor {
	return Monitor{Name: "validation loss", Value: func(e Epoch) float64 { return e.Validation.Loss }, validation: true}
}

// ValidationAccuracy is the share of Config.Validation's rows that are right, the largest is the best.
func ValidationAccuracy() Monitor {
	return Monitor{Name: "validation accuracy", Value: func(e Epoch) float64 { return e.Validation.Accuracy }, Maximize: true, validation: true, labels: true}
}

// ValidationMetric is one of Config.Metrics; which way is better the metric says, and larger is for one of your own.
func ValidationMetric(m metrics.Metric) Monitor {
	name := m.String()
	return Monitor{Name: "validation " + name, Maximize: m.Maximize(), validation: true, metric: name, Value: func(e Epoch) float64 {
		if v, ok := e.Metrics.Get(name); ok {
			return v
		}
		return math.NaN()
	}}
}

// TrainingLoss is the mean loss of an epoch's rows, each at the time of its step, the least is the best.
func TrainingLoss() Monitor {
	return Monitor{Name: "training loss", Value: func(e Epoch) float64 { return e.Loss }}
}

// TrainingAccuracy is the share of an epoch's rows that were right, each at the time of its step, the largest is the best.
func TrainingAccuracy() Monitor {
	return Monitor{Name: "training accuracy", Value: func(e Epoch) float64 { return e.Accuracy }, Maximize: true, labels: true}
}

// check finds what the monitor needs and the training lacks.
func (m *Monitor) check(t *Training) error {
	if m.validation && t.Validation == nil {
		return errors.New(m.Name + ": there is no validation set; set Validation, or monitor train.TrainingLoss()")
	}
	if m.metric != "" && !slices.ContainsFunc(t.Metrics, func(x metrics.Metric) bool { return x.String() == m.metric }) {
		return errors.New(m.Name + ": it is not among the training's Metrics")
	}
	if want, err := t.Loss.Targets(t.Model.Outputs()); m.labels && err == nil && want.Labels == 0 {
		return errors.New(m.Name + ": the targets are no labels; monitor a loss")
	}
	return nil
}
