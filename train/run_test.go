package train_test

import (
	"context"
	"maps"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/internal/safetensors"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/metrics"
)

// resumeDevices are where a training that goes on ends in the bits of one that was not stopped.
var resumeDevices = map[string]func(t testing.TB) backend.Backend{
	"cpu":   func(testing.TB) backend.Backend { return cpu.Open() },
	"gonum": func(testing.TB) backend.Backend { return cpu.Open(cpu.Gonum) },
	"ref":   func(testing.TB) backend.Backend { return ref.Open() },
}

// A run is a training with everything in it that a step changes: dropout, running statistics, Adam's vectors, an average, a
// plateau, early stopping with its best weights, a time budget, a best epoch, metrics, a ragged last batch.
type run struct {
	dev   backend.Backend
	model *nn.Model
	set   *data.Set
	cfg   train.Config
	stop  *train.EarlyStopping
}

func newRun(dev backend.Backend, dir string) *run {
	r := &run{dev: dev, set: ringSet(dev, 250)}
	r.model = must(nn.New(dev, 2, nn.Linear(16), nn.BatchNorm(), nn.Tanh(), nn.Dropout(0.1), nn.Linear(2)))
	opt := nn.Adam(0.02)
	opt.Schedule = nn.Warmup(20, nn.CosineDecay(100, 0.1))
	plateau := train.NewPlateau()
	plateau.Patience = 1
	r.stop = train.NewEarlyStopping()
	r.stop.Monitor = train.Monitor{Name: "made-up", Value: func(e train.Epoch) float64 { return math.Abs(float64(e.Number) - 3) }} // the third is the best
	r.cfg = train.Config{
		Loss: nn.CrossEntropy(), Optimizer: opt, Epochs: 6, Batch: 32, Seed: 5, Validation: r.set, ReadEvery: 3, Metrics: []metrics.Metric{metrics.F1(metrics.Macro)},
		Update:     []nn.StateOption{nn.ClipNorm(1), nn.Averaged(nn.EMA(0.9))},
		Callbacks:  []train.Callback{plateau.Callback(&opt.LR, nil), r.stop.Callback(), train.TimeBudget(time.Hour)},
		Checkpoint: train.Checkpoint{Dir: dir, EverySteps: 5, Resume: true, Best: train.ByLoss},
	}
	return r
}

func (r *run) fit(ctx context.Context) (train.History, error) {
	return train.Fit(ctx, r.model, r.set, r.cfg)
}

func (r *run) release() {
	r.model.Release()
	r.set.Release()
	r.dev.Close()
}

// after ends a context behind a number of looks at the losses.
func (r *run) after(looks int) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	r.cfg.Callbacks = append(r.cfg.Callbacks, train.Callback{Batch: func(train.Batch) error {
		if looks--; looks <= 0 {
			cancel()
		}
		return nil
	}})
	return ctx
}

// steps are the folder's checkpoints, oldest first.
func steps(t testing.TB, dir string) []string {
	t.Helper()
	return must(filepath.Glob(filepath.Join(dir, "step-*.safetensors")))
}

func last(t testing.TB, dir string) string {
	t.Helper()
	all := steps(t, dir)
	if len(all) == 0 {
		t.Fatalf("no checkpoint in %s", dir)
	}
	return all[len(all)-1]
}

// numbers are all tensors of a file.
func numbers(t testing.TB, path string) map[string][]float64 {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Verify(); err != nil {
		t.Fatal(err)
	}
	all := map[string][]float64{}
	for _, info := range f.Tensors() {
		x := make([]float64, info.Elements())
		if err := f.Float64s(info.Name, x); err != nil {
			t.Fatal(err)
		}
		all[info.Name] = x
	}
	return all
}

// timeless is a history without what a clock said.
func timeless(h train.History) (out train.History) {
	for _, e := range h {
		e.Time = 0
		out = append(out, e)
	}
	return out
}

// sameEnd compares the ends of two trainings.
func sameEnd(t testing.TB, got, want string) {
	t.Helper()
	a, b := numbers(t, got), numbers(t, want)
	if !maps.EqualFunc(a, b, slices.Equal[[]float64]) {
		for name := range b {
			if !slices.Equal(a[name], b[name]) {
				t.Errorf("%s differs from the training that was not stopped: %v, want %v", name, head(a[name]), head(b[name]))
			}
		}
	}
	h, g := must(train.ReadCheckpoint(got)), must(train.ReadCheckpoint(want))
	if !reflect.DeepEqual(timeless(h.History), timeless(g.History)) || h.Step != g.Step {
		t.Errorf("step %d, history %v; want %d, %v", h.Step, timeless(h.History), g.Step, timeless(g.History))
	}
}

func head(x []float64) []float64 { return x[:min(len(x), 3)] }
