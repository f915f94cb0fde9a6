package metrics

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// random are predictions with ties, rows that do not count, and weights for every other seed.
func random(seed uint64, task Task, rows, cols int) *Predictions {
	rng := rand.New(rand.NewPCG(seed, 1))
	p := &Predictions{Task: task, Cols: cols}
	for range rows {
		for range cols {
			p.Outputs = append(p.Outputs, float32(math.Round(4*rng.NormFloat64())/4))
			v := float32(rng.IntN(2))
			if task == Regression {
				v = float32(3 + rng.NormFloat64())
			}
			if task != Classes {
				p.Values = append(p.Values, v)
			}
		}
		if task == Classes {
			p.Labels = append(p.Labels, uint32(rng.IntN(cols+1)))
		}
		if seed%2 == 1 {
			p.Weights = append(p.Weights, float32(rng.IntN(4))/2)
		}
	}
	return p
}

// fitting are all metrics that go with a task.
func fitting(task Task, cols int) (out []Metric) {
	all := []Metric{Accuracy(), TopK(1), TopK(2), TopK(7), BalancedAccuracy(), MCC(), LogLoss(), Brier(), ECE(15), MSE(), RMSE(), MAE(), R2()}
	for a := Positive; a <= Weighted; a++ {
		all = append(all, Precision(a), Recall(a), F1(a), ROCAUC(a), AveragePrecision(a))
	}
	for _, m := range all {
		if m.Check(task, cols) == nil {
			out = append(out, m)
		}
	}
	return out
}

// TestBatches: metrics of batches of any size are those of the whole set, on every device; a mean of the batches' would not be.
func TestBatches(t *testing.T) {
	onDevices(t, func(t *testing.T, dev backend.Backend) {
		seed := uint64(0)
		for task := Classes; task <= Regression; task++ {
			for _, cols := range []int{1, 2, 5} {
				if task == Classes && cols == 1 {
					continue
				}
				for _, rows := range []int{1, 8, 23, 64, 100} {
					seed++
					p := random(seed, task, 101, cols)
					same(t, dev, p, rows)
				}
			}
		}
	})
}

func same(t *testing.T, dev backend.Backend, p *Predictions, rows int) {
	t.Helper()
	var sums []Metric
	all := fitting(p.Task, p.Cols)
	for _, m := range all {
		if m.part != 0 {
			sums = append(sums, m)
		}
	}
	want, err := All(p, all...)
	if err != nil {
		t.Fatal(err)
	}
	exact, err := measure(t, dev, p, all, rows, true)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if exact[i] != want[i] {
			t.Errorf("%v of %d in batches of %d: %v from outputs, want %v", p.Task, p.Cols, rows, exact[i], want[i])
		}
	}
	added, err := measure(t, dev, p, sums, rows, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range added {
		if v, ok := want.Get(r.Name); !ok || !(math.Abs(r.Value-v) <= 1e-6*math.Max(1, math.Abs(v))) {
			t.Errorf("%v of %d in batches of %d: %v from sums, want %v", p.Task, p.Cols, rows, r, v)
		}
	}
}

// TestManyClasses: where the table of counts is larger than what it is made of, the outputs are read; results are the same.
func TestManyClasses(t *testing.T) {
	onDevices(t, func(t *testing.T, dev backend.Backend) {
		p := random(3, Classes, 70, 65)
		for _, m := range []Metric{Accuracy(), F1(Macro), TopK(5)} {
			truth := *p
			truth.Outputs = nil
			meter, err := NewMeter([]Metric{m}, truth, false)
			if err != nil {
				t.Fatal(err)
			}
			if read := meter.sums == nil; read != (m.part == counts) {
				t.Errorf("%v: outputs read: %v", m, read)
			}
			want, err := m.Of(p)
			got, err2 := measure(t, dev, p, []Metric{m}, 20, false)
			if err != nil || err2 != nil || !(math.Abs(got[0].Value-want) <= 1e-6) {
				t.Errorf("%v: %v, want %v; %v, %v", m, got, want, err, err2)
			}
		}
	})
}
