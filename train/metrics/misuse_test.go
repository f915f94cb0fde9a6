package metrics

import (
	"math"
	"strings"
	"testing"
)

func nan() float32 { return float32(math.NaN()) }

func value(*Predictions) (float64, error) { return 0.5, nil }

// TestMisuse: what makes no sense is an error that names it.
func TestMisuse(t *testing.T) {
	two := func(labels ...uint32) *Predictions {
		return &Predictions{Outputs: make([]float32, 2*len(labels)), Cols: 2, Labels: labels}
	}
	weighed := func(w ...float32) *Predictions { p := two(0, 1); p.Weights = w; return p }
	binary := func(v ...float32) *Predictions {
		return &Predictions{Task: Binary, Outputs: make([]float32, len(v)), Cols: 1, Values: v}
	}
	labels := &Predictions{Task: Binary, Outputs: make([]float32, 4), Cols: 2, Values: []float32{0, 1, 1, 0}}
	values := &Predictions{Task: Regression, Outputs: make([]float32, 2), Cols: 2, Values: []float32{1, 2}}
	for _, c := range []struct {
		m    Metric
		p    *Predictions
		want string
	}{
		{Accuracy(), two(), "no row counts"},
		{Accuracy(), two(2, 1<<31), "no row counts"},
		{Accuracy(), weighed(0, 0), "no row counts"},
		{Accuracy(), weighed(1), "1 weights for 2 rows"},
		{Accuracy(), weighed(1, -1), "row 1 has weight -1"},
		{Accuracy(), weighed(1, nan()), "row 1 has weight NaN"},
		{Accuracy(), &Predictions{Outputs: make([]float32, 3), Cols: 2, Labels: []uint32{0}}, "3 outputs are no whole number of rows of 2"},
		{Accuracy(), &Predictions{Outputs: make([]float32, 4), Cols: 2, Labels: []uint32{0}}, "1 labels and 0 values for 2 rows of 2 outputs: classes wants 2 and 0"},
		{Accuracy(), &Predictions{}, "accuracy: rows of 0 outputs"},
		{Accuracy(), &Predictions{Task: 7, Cols: 1}, "accuracy: unknown task 7"},
		{Accuracy(), &Predictions{Outputs: []float32{0, nan()}, Cols: 2, Labels: []uint32{0}}, "row 0 has output NaN in column 1"},
		{Accuracy(), binary(0, 0.5), "row 1 has value 0.5 in column 0, binary wants 0 or 1"},
		{MSE(), &Predictions{Task: Regression, Outputs: []float32{0}, Cols: 1, Values: []float32{nan()}}, "row 0 has value NaN in column 0, regression wants finite ones"},
		{Accuracy(), values, "accuracy: it wants labels, or a loss of logits as BCEWithLogits, and the task is a regression"},
		{MSE(), two(0, 1), "mse: it wants a regression, and the task is classes"},
		{R2(), binary(0, 1), "r2: it wants a regression, and the task is binary"},
		{TopK(0), two(0, 1), "top_0: k has to be 1 at least"},
		{TopK(2), binary(0, 1), "top_2: it wants a label a row, and the task is binary"},
		{MCC(), labels, "mcc: it wants classes that exclude each other, and the 2 outputs are labels of their own"},
		{ECE(15), labels, "ece: it wants classes that exclude each other"},
		{ECE(0), two(0, 1), "ece_0: 0 bins"},
		{F1(Positive), labels, "f1: 2 outputs have no positive class: Macro, Micro or Weighted is needed"},
		{F1(9), two(0, 1), "f1_Average(9): unknown average 9"},
		{ROCAUC(Macro), two(1, 1), "roc_auc_macro: class 0: all rows or none are of the class"},
		{ROCAUC(Positive), binary(0, 0), "roc_auc: all rows or none"},
		{Metric{}, two(0, 1), "a Metric without a name"},
		{New("", value), two(0, 1), "a Metric without a name"},
		{New("mine", nil), two(0, 1), "mine: no function"},
	} {
		if got, err := c.m.Of(c.p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want %q", c.m, got, err, c.want)
		}
	}
	if _, err := All(two(0, 1), Accuracy(), MCC(), Accuracy()); err == nil || !strings.Contains(err.Error(), "accuracy is there twice") {
		t.Error(err)
	}
	if got, err := New("half", value).Of(two(0, 1)); got != 0.5 || err != nil {
		t.Error(got, err)
	}
	if r, err := All(two(0, 1), Accuracy()); r.String() != "accuracy 0.5" || err != nil {
		t.Error(r, err)
	}
	if _, err := values.Confusion(); err == nil || !strings.Contains(err.Error(), "metrics: confusion: it wants labels") {
		t.Error(err)
	}
}

func TestConfusionMisuse(t *testing.T) {
	one := []uint32{1}
	for _, c := range []struct {
		classes       int
		predicted, is []uint32
		weights       []float32
		want          string
	}{
		{0, one, one, nil, "a confusion of 0 classes"},
		{2, one, nil, nil, "1 predicted classes and 0 weights for 0 labels"},
		{2, one, one, []float32{1, 2}, "2 weights for 1 labels"},
		{2, []uint32{2}, one, nil, "row 0 is predicted as class 2 of 2"},
		{2, one, one, []float32{-1}, "row 0 has weight -1"},
		{2, one, []uint32{2}, nil, "no row counts"},
		{2, nil, nil, nil, "no row counts"},
	} {
		if _, err := NewConfusion(c.classes, c.predicted, c.is, c.weights); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	c, err := NewConfusion(3, one, one, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []func(Average) (float64, error){c.Precision, c.Recall, c.F1} {
		if _, err := f(Positive); err == nil || !strings.Contains(err.Error(), "no positive class") {
			t.Error(err)
		}
		if _, err := f(8); err == nil || !strings.Contains(err.Error(), "unknown Average(8)") {
			t.Error(err)
		}
		if v, err := f(Macro); v != 1 || err != nil {
			t.Error(v, err)
		}
	}
	if c.At(1, 1) != 1 || c.At(0, 1) != 0 || c.Accuracy() != 1 || c.BalancedAccuracy() != 1 || c.MCC() != 0 {
		t.Errorf("%+v", c)
	}
}

// TestMeterMisuse: a meter says early what the set cannot have, and gives no results before all rows were seen.
func TestMeterMisuse(t *testing.T) {
	truth := Predictions{Cols: 3, Labels: []uint32{0, 1, 1}}
	if _, err := NewMeter([]Metric{Accuracy(), ROCAUC(Weighted)}, truth, false); err == nil || !strings.Contains(err.Error(), "roc_auc_weighted: class 2: all rows or none") {
		t.Error(err)
	}
	if _, err := NewMeter([]Metric{MAE()}, truth, false); err == nil || !strings.Contains(err.Error(), "mae: it wants a regression") {
		t.Error(err)
	}
	for _, outputs := range []bool{false, true} {
		m, err := NewMeter([]Metric{Accuracy()}, truth, outputs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Results(); err == nil || !strings.Contains(err.Error(), "0 rows of 3 were read") {
			t.Error(err)
		}
		if _, err := m.Predictions(); err == nil {
			t.Error("predictions before they were read")
		}
		if _, err := m.Tap(nil, Batch{}); err == nil || !strings.Contains(err.Error(), "want rows of 3") {
			t.Error(err)
		}
	}
}

func TestMaximize(t *testing.T) {
	for name, want := range map[string]bool{"accuracy": true, "f1_macro": true, "roc_auc": true, "r2": true, "log_loss": false, "brier": false, "ece": false, "mse": false, "rmse": false, "mae": false} {
		if got := byName(t, name).Maximize(); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
