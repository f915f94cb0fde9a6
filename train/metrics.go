package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train/metrics"
)

// A Report is a score with the metrics that were asked for.
type Report struct {
	Score
	Metrics metrics.Results
}

// Measure returns the model's score on a set with metrics of it, each over the whole set. How the outputs are to be read the
// loss says: labels make classes, BCEWithLogits and its like yes or no, and other values a regression.
func Measure(m *nn.Model, set *data.Set, loss nn.Loss, ms ...metrics.Metric) (Report, error) {
	e, err := NewEvaluator(m, set, loss, ms...)
	if err != nil {
		return Report{}, err
	}
	defer e.Release()
	return e.Report()
}

// Predict returns the model's outputs for a set beside its targets, in the host's memory: for a confusion matrix, or metrics
// without a model.
func Predict(m *nn.Model, set *data.Set, loss nn.Loss) (*metrics.Predictions, error) {
	e, err := newEvaluator(m, set, loss, nil, true)
	if err != nil {
		return nil, err
	}
	defer e.Release()
	if _, err := e.Score(); err != nil {
		return nil, err
	}
	return e.meter.Predictions()
}

// Report evaluates the model as it is now, with the evaluator's metrics.
func (e *Evaluator) Report() (Report, error) { return e.report(context.Background()) }

func (e *Evaluator) report(ctx context.Context) (Report, error) {
	score, err := e.score(ctx)
	if err != nil {
		return Report{}, err
	}
	return e.with(score)
}

// with adds the metrics to a score.
func (e *Evaluator) with(score Score) (Report, error) {
	if e.meter == nil {
		return Report{Score: score}, nil
	}
	results, err := e.meter.Results()
	if err != nil {
		return Report{}, fmt.Errorf("train: evaluation: %w", err)
	}
	return Report{score, results}, nil
}

// validated reports metrics without a set to compute them of.
func validated(ms []metrics.Metric, set *data.Set) error {
	if len(ms) > 0 && set == nil {
		return fmt.Errorf("%v is a metric of the validation set, and none is given", ms[0])
	}
	return nil
}

// newMeter makes a meter of a set for a model that is trained with a loss.
func newMeter(m *nn.Model, set *data.Set, loss nn.Loss, ms []metrics.Metric, outputs bool) (*metrics.Meter, error) {
	truth := metrics.Predictions{Cols: m.Outputs()}
	var err error
	if truth.Task, err = taskOf(loss, m.Outputs()); err != nil {
		return nil, err
	}
	if err := metrics.CheckAll(ms, truth.Task, truth.Cols); err != nil {
		return nil, err
	}
	label, value, weight, err := set.ReadTarget()
	if err != nil {
		return nil, err
	}
	truth.Weights = weight
	if truth.Task == metrics.Classes {
		truth.Labels = label
	} else {
		truth.Values = value
	}
	if ignored := nn.Describe(loss).Ignored; truth.Task == metrics.Classes && ignored >= 0 && ignored < truth.Cols {
		outputs = true // on the device it is a label like others
		for i, l := range truth.Labels {
			if l == uint32(ignored) {
				truth.Labels[i] = math.MaxUint32
			}
		}
	}
	return metrics.NewMeter(ms, truth, outputs)
}

// taskOf says how metrics are to read the outputs that a loss is for.
func taskOf(loss nn.Loss, outputs int) (metrics.Task, error) {
	want, err := loss.Targets(outputs)
	info := nn.Describe(loss)
	switch {
	case err != nil:
		return 0, err
	case info.Heads > 1:
		return 0, fmt.Errorf("metrics are of models with one head, and %v has %d", loss, info.Heads)
	case info.Probabilities:
		return 0, errors.New("metrics of classes want labels, and the targets are probabilities")
	case want.Labels == 1 && want.Values == 0:
		return metrics.Classes, nil
	case want.Labels > 0 || want.Values != outputs:
		return 0, fmt.Errorf("metrics want a label a row or a value for each output, and %v has %d labels and %d values for %d outputs", loss, want.Labels, want.Values, outputs)
	case info.Logits:
		return metrics.Binary, nil
	}
	return metrics.Regression, nil
}
