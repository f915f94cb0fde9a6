package metrics

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// goldenCase is a line of testdata/metrics.json, which testdata/metrics.py wrote with scikit-learn.
type goldenCase struct {
	Name    string
	Task    Task
	Cols    int
	Outputs []float32
	Labels  []uint32
	Values  []float32
	Weights []float32
	Want    map[string]*float64 // nil: not defined
	Report  string
}

func (c *goldenCase) predictions() *Predictions {
	return &Predictions{Task: c.Task, Outputs: c.Outputs, Cols: c.Cols, Labels: c.Labels, Values: c.Values, Weights: c.Weights}
}

func readGoldens(t *testing.T) (cases []goldenCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/metrics.json")
	if err == nil {
		err = json.Unmarshal(text, &cases)
	}
	if err != nil || len(cases) == 0 {
		t.Fatal(len(cases), err)
	}
	return cases
}

// byName is the metric of that name.
func byName(t *testing.T, name string) Metric {
	t.Helper()
	for _, m := range []Metric{Accuracy(), BalancedAccuracy(), MCC(), LogLoss(), Brier(), ECE(15), MSE(), RMSE(), MAE(), R2()} {
		if m.String() == name {
			return m
		}
	}
	if k, ok := strings.CutPrefix(name, "top_"); ok {
		n, _ := strconv.Atoi(k)
		return TopK(n)
	}
	if name == "ece_4" {
		return ECE(4)
	}
	for _, f := range []func(Average) Metric{Precision, Recall, F1, ROCAUC, AveragePrecision} {
		for a := Positive; a <= Weighted; a++ {
			if m := f(a); m.String() == name {
				return m
			}
		}
	}
	t.Fatalf("no metric %q", name)
	return Metric{}
}

func TestGoldens(t *testing.T) {
	compared := 0
	for _, c := range readGoldens(t) {
		t.Run(c.Task.String()+"/"+c.Name, func(t *testing.T) {
			for name, want := range c.Want {
				got, err := byName(t, name).Of(c.predictions())
				switch {
				case want == nil && err == nil:
					t.Errorf("%s is %v, scikit-learn has an error", name, got)
				case want != nil && err != nil:
					t.Errorf("%s: %v; scikit-learn has %v", name, err, *want)
				case want != nil && !(math.Abs(got-*want) <= 1e-9*math.Max(1, math.Abs(*want))):
					t.Errorf("%s is %v, scikit-learn has %v", name, got, *want)
				}
				compared++
			}
		})
	}
	if compared < 500 {
		t.Errorf("%d values compared", compared)
	}
}

// TestReportGoldens: the table of classes is scikit-learn's, to the letter.
func TestReportGoldens(t *testing.T) {
	compared := 0
	for _, c := range readGoldens(t) {
		if c.Report == "" {
			continue
		}
		compared++
		if got, err := c.predictions().Confusion(); err != nil || got.String() != c.Report {
			t.Errorf("%s, error %v, has\n%vscikit-learn\n%s", c.Name, err, got, c.Report)
		}
	}
	if compared != 2 {
		t.Errorf("%d reports compared", compared)
	}
}

// TestMCCOfMany: one row among ten million that is not of the class of all others counts.
func TestMCCOfMany(t *testing.T) {
	c := Confusion{2, []float64{1e7, 0, 0, 1}}
	if got := c.MCC(); got != 1 {
		t.Errorf("%v, want 1", got)
	}
	c.Cells = []float64{0.1 + 0.2, 0, 0.3, 0}
	if got := c.MCC(); got != 0 {
		t.Errorf("%v, want 0", got)
	}
}
