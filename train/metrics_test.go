package train_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/metrics"
)

// measured compares what sums on the device and what outputs that were read make of a set with the host's metrics of Predict.
func measured(t *testing.T, m *nn.Model, set *data.Set, loss nn.Loss, sums, others []metrics.Metric) *metrics.Predictions {
	t.Helper()
	p := must(train.Predict(m, set, loss))
	for _, ms := range [][]metrics.Metric{sums, slices.Concat(sums, others)} {
		want := must(metrics.All(p, ms...))
		report, err := train.Measure(m, set, loss, ms...)
		if err != nil || len(report.Metrics) != len(want) {
			t.Fatal(report, err)
		}
		if plain := must(train.Evaluate(m, set, loss)); report.Score != plain {
			t.Errorf("the score is %+v with metrics, %+v without", report.Score, plain)
		}
		for i, r := range report.Metrics {
			if r.Name != want[i].Name || !(math.Abs(r.Value-want[i].Value) <= 1e-6*math.Max(1, math.Abs(r.Value))) {
				t.Errorf("%v: %v, want %v", loss, r, want[i])
			}
		}
	}
	return p
}

// TestMeasure: for each task, over a set with a ragged end, with and without weights.
func TestMeasure(t *testing.T) {
	for name, open := range devices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			x, labels := rings(1203)
			weights := make([]float32, len(labels))
			for i := range weights {
				weights[i] = float32(i%4) / 2
			}
			var one, two []float32
			for i, l := range labels {
				one = append(one, float32(l))
				two = append(two, float32(l), float32(i%2))
			}
			macro := []metrics.Metric{metrics.F1(metrics.Macro), metrics.Precision(metrics.Weighted), metrics.Recall(metrics.Micro), metrics.Accuracy(), metrics.LogLoss()}
			rank := []metrics.Metric{metrics.ROCAUC(metrics.Macro), metrics.AveragePrecision(metrics.Weighted), metrics.Brier()}
			regression := []metrics.Metric{metrics.MSE(), metrics.RMSE(), metrics.MAE(), metrics.R2()}
			for _, c := range []struct {
				y            data.Target
				outputs      int
				loss         nn.Loss
				sums, others []metrics.Metric
			}{
				{data.Labels(labels), 2, nn.CrossEntropy(), append(macro, metrics.TopK(1), metrics.MCC()), append(rank, metrics.ECE(15))},
				{data.Values(one, 1), 1, nn.BCEWithLogits(), append(macro, metrics.F1(metrics.Positive)), rank},
				{data.Values(two, 2), 2, nn.Sum(nn.Focal(0.25, 2)), macro, rank},
				{data.Values(two, 2), 2, nn.MSE(), regression, []metrics.Metric{metrics.New("rows", func(p *metrics.Predictions) (float64, error) { return float64(p.Rows()), nil })}},
			} {
				model := must(nn.New(dev, 2, nn.Linear(8), nn.Tanh(), nn.Linear(c.outputs)))
				for _, y := range []data.Target{c.y, c.y.Weighted(weights)} {
					set := must(data.FromFloats(dev, x, 2, y))
					p := measured(t, model, set, c.loss, c.sums, c.others)
					if want := must(model.Predict(x)); p.Rows() != 1203 || !near(p.Outputs, want) {
						t.Errorf("%v: Predict of a set has other outputs than of its rows", c.loss)
					}
					set.Release()
				}
				model.Release()
			}
			if n := dev.Stats().LiveBuffers; n != 0 {
				t.Errorf("%d buffers alive at the end", n)
			}
		})
	}
}

func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) <= 1e-5 })
}

// TestFitMetrics: a training's epochs have the metrics of the validation set, and so have the iterations of L-BFGS.
func TestFitMetrics(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	set, model := ringSet(dev, 250), ringModel(dev)
	cfg := config()
	cfg.Epochs, cfg.Validation = 3, ringSet(dev, 700)
	cfg.Metrics = []metrics.Metric{metrics.F1(metrics.Macro), metrics.ROCAUC(metrics.Positive)}
	var out strings.Builder
	cfg.Progress = &out
	history := must(train.Fit(context.Background(), model, set, cfg))
	last := history.Last()
	report := must(train.Measure(model, cfg.Validation, cfg.Loss, cfg.Metrics...))
	if f1, ok := last.Metrics.Get("f1_macro"); !ok || f1 < 0.5 || !slices.Equal(last.Metrics, report.Metrics) || last.Validation != report.Score {
		t.Errorf("%+v, want %+v", last, report)
	}
	if _, ok := last.Metrics.Get("f1"); ok {
		t.Error("f1 has a value, and nobody asked for it")
	}
	if !strings.Contains(out.String(), last.Metrics.String()) {
		t.Errorf("the metrics are not in %q", out.String())
	}
	history, err := train.Minimize(context.Background(), model, set, train.MinimizeConfig{Loss: cfg.Loss, Validation: cfg.Validation, Metrics: cfg.Metrics})
	if err != nil || len(history.Last().Metrics) != 2 {
		t.Errorf("%+v, %v", history.Last(), err)
	}
}

// TestMonitorMetric: early stopping watches a metric, and says so before anything is trained where it is not there.
func TestMonitorMetric(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	set, model := ringSet(dev, 250), ringModel(dev)
	cfg := config()
	cfg.Epochs, cfg.Validation = 5, ringSet(dev, 700)
	cfg.Metrics = []metrics.Metric{metrics.Accuracy(), metrics.Brier()}
	for _, m := range cfg.Metrics {
		stop := train.NewEarlyStopping()
		stop.Monitor = train.ValidationMetric(m)
		cfg.Callbacks = []train.Callback{stop.Callback()}
		history := must(train.Fit(context.Background(), model, set, cfg))
		best, _ := history[stop.State.BestEpoch-1].Metrics.Get(m.String())
		for _, e := range history {
			if v, _ := e.Metrics.Get(m.String()); m.Maximize() && v > best || !m.Maximize() && v < best || stop.State.Best != best {
				t.Errorf("%v: the best is %+v, and epoch %d has %v", m, stop.State, e.Number, v)
			}
		}
		if report := must(train.Measure(model, cfg.Validation, cfg.Loss, m)); report.Metrics[0].Value != best {
			t.Errorf("%v: the model has %v, the best epoch had %v", m, report, best)
		}
	}
	stop := train.NewEarlyStopping()
	stop.Monitor = train.ValidationMetric(metrics.MCC())
	cfg.Callbacks = []train.Callback{stop.Callback()}
	_, err := train.Fit(context.Background(), model, set, cfg)
	if err == nil || !strings.Contains(err.Error(), "validation mcc: it is not among the training's Metrics") {
		t.Error(err)
	}
	if v := stop.Monitor.Value(train.Epoch{}); v == v {
		t.Error(v)
	}
}

// TestMetricsIgnoreLabels: a label that the loss ignores counts in no metric, be it a class or none.
func TestMetricsIgnoreLabels(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	model := must(nn.New(dev, 1, nn.Linear(2)))
	none := -100
	for _, c := range []struct {
		loss   nn.Loss
		labels []uint32
	}{
		{&nn.CrossEntropyLoss{Ignore: true, IgnoreIndex: none}, []uint32{1, uint32(none), 1, uint32(none)}},
		{&nn.CrossEntropyLoss{Ignore: true, IgnoreIndex: 0}, []uint32{1, 0, 1, 0}},
		{&nn.NLLLoss{Ignore: true, IgnoreIndex: 0}, []uint32{1, 0, 1, 0}},
	} {
		set := must(data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Labels(c.labels)))
		p := must(train.Predict(model, set, c.loss))
		report := must(train.Measure(model, set, c.loss, metrics.Accuracy()))
		if confusion := must(p.Confusion()); confusion.At(1, 0)+confusion.At(1, 1) != 2 || confusion.At(0, 0)+confusion.At(0, 1) != 0 || confusion.Accuracy() != report.Metrics[0].Value {
			t.Errorf("%v: %v, and accuracy %v", c.loss, confusion.Cells, report)
		}
	}
}

// TestMetricsConfiguration: what does not go together is an error before anything is trained.
func TestMetricsConfiguration(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	model := must(nn.New(dev, 1, nn.Linear(3)))
	x := []float32{1, 2}
	labels, values := data.Labels([]uint32{0, 1}), data.Values([]float32{0, 1, 0, 1, 0, 1}, 3)
	set := func(y data.Target) *data.Set { return must(data.FromFloats(dev, x, 1, y)) }
	heads := nn.Losses(nn.Part{Outputs: 2, Loss: nn.CrossEntropy()}, nn.Part{Outputs: 1, Loss: nn.MSE()})
	for _, c := range []struct {
		y    data.Target
		loss nn.Loss
		m    metrics.Metric
		want string
	}{
		{labels, nn.CrossEntropy(), metrics.MSE(), "mse: it wants a regression, and the task is classes"},
		{values, nn.MSE(), metrics.Accuracy(), "accuracy: it wants labels"},
		{values, nn.BCEWithLogits(), metrics.F1(metrics.Positive), "f1: 3 outputs have no positive class"},
		{labels, nn.CrossEntropy(), metrics.ROCAUC(metrics.Macro), "roc_auc_macro: class 2: all rows or none are of the class"},
		{values, &nn.CrossEntropyLoss{Probabilities: true}, metrics.Accuracy(), "metrics of classes want labels, and the targets are probabilities"},
		{labels.And(data.Values(x, 1)), heads, metrics.Accuracy(), "metrics are of models with one head, and Losses(CrossEntropy of 2, MSE of 1) has 2"},
		{data.Values(x, 1), nn.Quantile(0.1, 0.5, 0.9), metrics.MAE(), "Quantile[0.1 0.5 0.9] has 0 labels and 1 values for 3 outputs"},
		{data.Values([]float32{0, 1, 0, 1, 0, 0.5}, 3), nn.BCEWithLogits(), metrics.Accuracy(), "row 1 has value 0.5 in column 2, binary wants 0 or 1"},
		{labels.Weighted([]float32{0, 0}), nn.CrossEntropy(), metrics.Accuracy(), "no row counts"},
	} {
		cfg := train.Config{Loss: c.loss, Optimizer: nn.SGD(0.1), Batch: 2, Validation: set(c.y), Metrics: []metrics.Metric{c.m}}
		if _, err := train.New(model, cfg.Validation, cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	want := "train: accuracy is a metric of the validation set, and none is given"
	ms := []metrics.Metric{metrics.Accuracy()}
	if _, err := train.New(model, set(labels), train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.SGD(0.1), Batch: 2, Metrics: ms}); err == nil || err.Error() != want {
		t.Error(err)
	}
	if _, err := train.Minimize(context.Background(), model, set(labels), train.MinimizeConfig{Loss: nn.CrossEntropy(), Metrics: ms}); err == nil || err.Error() != want {
		t.Error(err)
	}
	if err := model.SetWeights(slices.Repeat([]float32{float32(math.NaN())}, len(must(model.Weights())))); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Measure(model, set(labels), nn.CrossEntropy(), ms...); err == nil || err.Error() != "train: evaluation: metrics: the model's outputs hold a NaN or an Inf" {
		t.Error(err)
	}
	if _, err := train.Measure(model, set(labels), nn.CrossEntropy(), metrics.Brier()); err == nil || !strings.Contains(err.Error(), "row 0 has output NaN") {
		t.Error(err)
	}
}

// TestMetricsBudget: an evaluation with sums reads twice a Run, the losses and the sums, however many rows it has; with
// outputs they are read once.
func TestMetricsBudget(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	set, model := ringSet(dev, 32000), ringModel(dev)
	for _, c := range []struct {
		m     metrics.Metric
		bytes int64
	}{
		{metrics.F1(metrics.Macro), 64 * 4 * (4 + 5)},       // a step's results; Σ|y| and 2×2 counts
		{metrics.ROCAUC(metrics.Macro), 64*4*4 + 32000*2*4}, // the outputs
	} {
		e := must(train.NewEvaluator(model, set, nn.CrossEntropy(), c.m))
		must(e.Report())
		before := dev.Stats()
		must(e.Report())
		if s := dev.Stats().Sub(before); s.Reads != 2 || s.BytesRead != c.bytes || s.Allocs != 0 {
			t.Errorf("%v: %d reads, %d bytes, %d buffers; want 2, %d and 0", c.m, s.Reads, s.BytesRead, s.Allocs, c.bytes)
		}
		e.Release()
	}
}

// BenchmarkReport: what metrics cost beside an evaluation without any, of 10,000 rows.
func BenchmarkReport(b *testing.B) {
	dev := cpu.Open()
	defer dev.Close()
	x, labels := make([]float32, 10000*784), make([]uint32, 10000)
	for i := range labels {
		labels[i] = uint32(i % 10)
		x[784*i+i%784] = 1
	}
	set := must(data.FromFloats(dev, x, 784, data.Labels(labels)))
	model := must(nn.New(dev, 784, nn.Linear(128), nn.ReLU(), nn.Linear(10)))
	for name, ms := range map[string][]metrics.Metric{
		"none": nil, "accuracy": {metrics.Accuracy()}, "f1,top3,logloss": {metrics.F1(metrics.Macro), metrics.TopK(3), metrics.LogLoss()},
		"brier": {metrics.Brier()}, "roc_auc": {metrics.ROCAUC(metrics.Macro)},
	} {
		b.Run(name, func(b *testing.B) {
			e := must(train.NewEvaluator(model, set, nn.CrossEntropy(), ms...))
			defer e.Release()
			for b.Loop() {
				must(e.Report())
			}
		})
	}
}
