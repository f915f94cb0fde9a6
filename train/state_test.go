package train

import (
	"cmp"
	"context"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
)

// TestStateResumes: a training of two processes, the second with what the state of the first had after an epoch, judges as
// that of one, and has the best weights of the first where they are the best of all.
func TestStateResumes(t *testing.T) {
	values := []float64{5, 3, 4, 3.5, 2.5, 6, 2, 7, 7, 1, 9, 9, 9, 0}
	judge := func(values []float64, callback func(*EarlyStopping) Callback, resume *memory) (*EarlyStopping, *nn.Model, int) {
		dev := ref.Open()
		set, err := data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1))
		if err != nil {
			t.Fatal(err)
		}
		model, err := nn.New(dev, 1, nn.Linear(2), nn.BatchNorm(), nn.Linear(1))
		if err != nil {
			t.Fatal(err)
		}
		stop := NewEarlyStopping()
		stop.Patience = 3
		stop.Monitor = Monitor{Value: func(e Epoch) float64 { return values[e.Number-1] }}
		callbacks := []Callback{stop.Callback(), callback(stop)}
		if resume != nil {
			if err := callbacks[0].state.resume(*resume); err != nil {
				t.Fatal(err)
			}
		}
		h, err := Fit(context.Background(), model, set, Config{Loss: nn.MSE(), Optimizer: nn.SGD(0.01), Epochs: len(values), Batch: 2, Callbacks: callbacks})
		if err != nil {
			t.Fatal(err)
		}
		return stop, model, len(h)
	}
	none := func(*EarlyStopping) Callback { return Callback{} }
	whole, _, epochs := judge(values, none, nil)
	if epochs != 13 {
		t.Fatalf("%d epochs, want 13", epochs)
	}
	for cut := 1; cut < epochs; cut++ {
		var saved memory
		first, model, _ := judge(values, func(s *EarlyStopping) Callback {
			return Callback{Epoch: func(e Epoch) (err error) {
				if e.Number == cut {
					saved, err = s.state()
					return cmp.Or(err, Stop("cut"))
				}
				return nil
			}}
		}, nil)
		if w, _ := model.Weights(); !slices.Equal(w, saved.weights) {
			t.Errorf("cut after %d: the saved weights are not the best", cut)
		}
		second, model2, n := judge(values[cut:], none, &saved)
		got := second.State
		if got.Best != first.State.Best { // of the second, whose epochs count from 1
			got.BestEpoch += cut
		}
		if got != whole.State || cut+n != epochs {
			t.Errorf("cut after %d: %+v after %d epochs, uncut %+v after %d", cut, got, cut+n, whole.State, epochs)
		}
		if cut >= whole.State.BestEpoch {
			if w, _ := model2.Weights(); !slices.Equal(w, saved.weights) {
				t.Errorf("cut after %d: the weights are not the first training's best", cut)
			}
			if stats, _ := model2.RunningStats(); !reflect.DeepEqual(stats, saved.stats) {
				t.Errorf("cut after %d: the statistics are not the first training's best", cut)
			}
		}
	}
}

// TestPlateauResumes: a plateau's memory has the rate with it, and infinities.
func TestPlateauResumes(t *testing.T) {
	lr, p := 0.5, NewPlateau()
	p.State = PlateauState{Best: math.Inf(-1), Seen: true, Bad: 3, Cooling: 2}
	m, err := p.Callback(&lr, nil).state.state()
	if err != nil {
		t.Fatal(err)
	}
	other, q := 0.0, NewPlateau()
	if err := q.Callback(&other, nil).state.resume(m); err != nil || q.State != p.State || other != lr {
		t.Errorf("%+v, rate %v, error %v", q.State, other, err)
	}
}

// TestResumeErrors: a memory that lacks something is refused, and changes nothing.
func TestResumeErrors(t *testing.T) {
	lr := 0.5
	stop, p := NewEarlyStopping(), NewPlateau()
	for _, s := range []stateful{stop.Callback().state, p.Callback(&lr, nil).state} {
		m, err := s.state()
		if err != nil {
			t.Fatal(err)
		}
		for name := range m.numbers {
			lacks := memory{numbers: maps.Clone(m.numbers)}
			delete(lacks.numbers, name)
			if err := s.resume(lacks); err == nil {
				t.Errorf("%s: no error without %q", s.name(), name)
			}
		}
		if m.numbers["seen"] = 1; s.name() == "early stopping" {
			if err := s.resume(m); err == nil {
				t.Error("no error without the best weights")
			}
		}
	}
	if stop.resumed != nil || p.State != (PlateauState{}) || lr != 0.5 {
		t.Errorf("%+v, %+v, rate %v", stop.resumed, p.State, lr)
	}
}
