package train

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train/metrics"
)

// judge trains with early stopping by made-up values and checkpoints in a folder, up to an epoch.
func judge(t *testing.T, dev backend.Backend, dir string, values []float64, patience, cut int) (*EarlyStopping, []float32, []nn.RunningStat, History) {
	t.Helper()
	set, err := data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1))
	if err != nil {
		t.Fatal(err)
	}
	model, err := nn.New(dev, 1, nn.Linear(2), nn.BatchNorm(), nn.Linear(1))
	if err != nil {
		t.Fatal(err)
	}
	stop := NewEarlyStopping()
	stop.Patience = patience
	stop.Monitor = Monitor{Value: func(e Epoch) float64 { return values[e.Number-1] }}
	h, err := Fit(context.Background(), model, set, Config{
		Loss: nn.MSE(), Optimizer: nn.SGD(0.01), Epochs: len(values), Batch: 2, Checkpoint: Checkpoint{Dir: dir, Resume: true},
		Callbacks: []Callback{stop.Callback(), {Epoch: func(e Epoch) error {
			if e.Number == cut {
				return Stop("cut")
			}
			return nil
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := model.Weights()
	if err != nil {
		t.Fatal(err)
	}
	stats, err := model.RunningStats()
	if err != nil {
		t.Fatal(err)
	}
	for i := range h {
		h[i].Time = 0
	}
	return stop, w, stats, h
}

// TestEarlyStoppingResumes: a training of two processes judges as that of one and ends with its best weights, wherever it
// was cut; one that has stopped stays stopped, unless it is given more patience.
func TestEarlyStoppingResumes(t *testing.T) {
	values := []float64{5, 3, 4, 3.5, 2.5, 6, 2, 7, 7, 1, 9, 9, 9, 0, 8}
	for _, dev := range []backend.Backend{ref.Open(), cpu.Open()} {
		whole, w, stats, h := judge(t, dev, t.TempDir(), values, 3, 0)
		if len(h) != 13 || whole.State.BestEpoch != 10 {
			t.Fatalf("%d epochs, want 13; %+v", len(h), whole.State)
		}
		patient, patientW, _, patientH := judge(t, dev, t.TempDir(), values, 4, 0)
		for cut := 1; cut <= len(h); cut++ {
			dir := t.TempDir()
			judge(t, dev, dir, values, 3, cut)
			for range 2 {
				s, gotW, gotStats, got := judge(t, dev, dir, values, 3, 0)
				if s.State != whole.State || !reflect.DeepEqual(got, h) {
					t.Errorf("cut after %d: %+v after %d epochs, uncut %+v after %d", cut, s.State, len(got), whole.State, len(h))
				}
				if !slices.Equal(gotW, w) || !reflect.DeepEqual(gotStats, stats) {
					t.Errorf("cut after %d: the weights are not the best of the training that was not cut", cut)
				}
			}
			s, gotW, _, got := judge(t, dev, dir, values, 4, 0)
			if s.State != patient.State || !slices.Equal(gotW, patientW) || !reflect.DeepEqual(got, patientH) {
				t.Errorf("cut after %d, then more patience: %+v after %d epochs, uncut %+v after %d", cut, s.State, len(got), patient.State, len(patientH))
			}
		}
		dev.Close()
	}
}

// TestPlateauResumes: a plateau's memory has the rate with it, and infinities.
func TestPlateauResumes(t *testing.T) {
	lr, p := 0.5, NewPlateau()
	p.State = PlateauState{Best: math.Inf(-1), Seen: true, Bad: 3, Cooling: 2}
	m, err := p.Callback(&lr, nil).Save()
	if err != nil {
		t.Fatal(err)
	}
	other, q := 0.0, NewPlateau()
	if err := q.Callback(&other, nil).Load(m); err != nil || q.State != p.State || other != lr {
		t.Errorf("%+v, rate %v, error %v", q.State, other, err)
	}
}

// TestBudgetResumes: what a training used before it was resumed counts, and one that has used all ends at once.
func TestBudgetResumes(t *testing.T) {
	for _, c := range []struct {
		used time.Duration
		over bool
	}{{time.Hour, false}, {2 * time.Hour, true}, {3 * time.Hour, true}} {
		m, err := remembered(budgetMemory{c.used})
		if err != nil {
			t.Fatal(err)
		}
		b := TimeBudget(2 * time.Hour)
		if err := b.Check(); err != nil {
			t.Fatal(err)
		}
		if err := b.Load(m); err != nil {
			t.Fatal(err)
		}
		if err := b.Begin(nil); (err != nil) != c.over {
			t.Errorf("%v used: %v", c.used, err)
		}
		saved, err := b.Save()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := recalled[budgetMemory](saved); err != nil || again.Used < c.used || again.Used > c.used+time.Minute {
			t.Errorf("%v used: %v are saved, error %v", c.used, again.Used, err)
		}
	}
}

// TestResumeErrors: a memory that lacks something is refused, and changes nothing.
func TestResumeErrors(t *testing.T) {
	lr := 0.5
	stop, p := NewEarlyStopping(), NewPlateau()
	for _, c := range []Callback{stop.Callback(), p.Callback(&lr, nil), TimeBudget(time.Hour)} {
		m, err := c.Save()
		if err != nil {
			t.Fatal(err)
		}
		text := m.Strings[memoryKey]
		for _, field := range []string{"Stopped", "Patient", "State", "LR", "Used"} {
			if !strings.Contains(text, `"`+field+`"`) {
				continue
			}
			lacks := strings.Replace(text, `"`+field+`"`, `"Other"`, 1)
			if err := c.Load(nn.Extra{Strings: map[string]string{memoryKey: lacks}}); err == nil || !strings.Contains(err.Error(), field) {
				t.Errorf("%s: %v without %q", c.Key, err, field)
			}
		}
		for _, bad := range []map[string]string{nil, {memoryKey: ""}, {memoryKey: "{"}, {memoryKey: "[]"}} {
			if err := c.Load(nn.Extra{Strings: bad}); err == nil {
				t.Errorf("%s: no error of %q", c.Key, bad)
			}
		}
	}
	m, err := remembered(stopMemory{State: EarlyStoppingState{Seen: true}})
	if err != nil {
		t.Fatal(err)
	}
	if err := stop.Callback().Load(m); err == nil || !strings.Contains(err.Error(), "no best weights") {
		t.Errorf("%v without the best weights", err)
	}
	if stop.resumed != nil || p.State != (PlateauState{}) || lr != 0.5 {
		t.Errorf("%+v, %+v, rate %v", stop.resumed, p.State, lr)
	}
}

// TestEpochText: an epoch keeps its metrics bit for bit, none and NaN among them.
func TestEpochText(t *testing.T) {
	for _, e := range []Epoch{
		{Number: 3, Loss: 1.0 / 3},
		{Number: 4, Metrics: metrics.Results{{Name: "auc", Value: math.NaN()}, {Name: "r2", Value: math.Inf(-1)}, {Name: "mcc", Value: math.Copysign(0, -1)}, {Name: "f1", Value: 0.1}}},
	} {
		text, err := marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var got Epoch
		if err := unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if got.Loss != e.Loss || len(got.Metrics) != len(e.Metrics) || (got.Metrics == nil) != (e.Metrics == nil) {
			t.Errorf("%+v, want %+v", got, e)
		}
		for i, r := range e.Metrics {
			g := got.Metrics[i]
			if g.Name != r.Name || math.Float64bits(g.Value) != math.Float64bits(r.Value) && !math.IsNaN(r.Value) || math.IsNaN(g.Value) != math.IsNaN(r.Value) {
				t.Errorf("%+v, want %+v", g, r)
			}
		}
	}
}
