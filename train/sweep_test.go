package train_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/metrics"
)

// sine is rows of a curve, with noise that is the same every time.
func sine(t testing.TB, dev backend.Backend, rows int) *data.Set {
	t.Helper()
	x, y := make([]float32, rows), make([]float32, rows)
	for i := range x {
		x[i] = 2*float32(i)/float32(rows) - 1
		y[i] = float32(math.Sin(3*float64(x[i])) + 0.1*math.Sin(float64(997*i)))
	}
	set, err := data.FromFloats(dev, x, 1, data.Values(y, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(set.Release)
	return set
}

// curve is a small network for it and how model i is trained.
func curve(i int, dev backend.Backend, validation *data.Set) (*nn.Model, train.Config, error) {
	m, err := nn.New(dev, 1, nn.Linear(8), nn.Tanh(), nn.Dropout(0.1), nn.Linear(8), nn.ReLU(), nn.Linear(1))
	if err != nil {
		return nil, train.Config{}, err
	}
	m.Init(uint64(i))
	return m, train.Config{Loss: nn.MSE(), Optimizer: nn.Adam(1e-3 * float64(i+1)), Epochs: 3, Batch: 16, Seed: uint64(7 * i), ReadEvery: 4,
		Validation: validation, Metrics: []metrics.Metric{metrics.R2()}}, nil
}

func testSweep(t *testing.T, dev backend.Backend, n int) {
	set, validation := sine(t, dev, 100), sine(t, dev, 37)
	s, err := train.NewSweep(set, n, func(i int, dev backend.Backend) (*nn.Model, train.Config, error) { return curve(i, dev, validation) })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	before := dev.Stats()
	if err := s.Fit(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d models: %v", n, dev.Stats().Sub(before))
	for i := range n {
		m, cfg, err := curve(i, dev, validation)
		if err != nil {
			t.Fatal(err)
		}
		history, err := train.Fit(context.Background(), m, set, cfg)
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.Weights()
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Model(i).Weights()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("model %d has not the weights that it gets alone", i)
		}
		for k, e := range s.History(i) {
			a, b := e, history[k]
			a.Time, b.Time = 0, 0
			if fmt.Sprint(a) != fmt.Sprint(b) {
				t.Errorf("model %d: epoch %+v, alone %+v", i, a, b)
			}
		}
		if len(s.History(i)) != len(history) || s.Err(i) != nil {
			t.Errorf("model %d: %d epochs, %v", i, len(s.History(i)), s.Err(i))
		}
		m.Release()
	}
}

// TestSweep: each model of a sweep is what it is alone, to the bit, with its history.
func TestSweep(t *testing.T) {
	open := maps.Clone(resumeDevices)
	open["three workers"] = func(testing.TB) backend.Backend { return cpu.Open(cpu.Workers(3)) }
	for name, open := range open {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			n := 5
			if os.Getenv("GLOSS_LONG") != "" {
				n = 17 // from 16 on a software renderer carries them out in another way, which takes long to compile
			}
			testSweep(t, dev, n)
		})
	}
}

// TestSweepNonFinite: a model that leaves the numbers stays behind, and the others go on.
func TestSweepNonFinite(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	set := sine(t, dev, 64)
	s, err := train.NewSweep(set, 3, func(i int, dev backend.Backend) (*nn.Model, train.Config, error) {
		m, cfg, err := curve(i, dev, nil)
		cfg.Metrics = nil
		cfg.Optimizer = nn.SGD([]float64{0.01, 1e30, 0.02}[i])
		return m, cfg, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	if err := s.Fit(context.Background()); err != nil {
		t.Fatal(err)
	}
	var bad *train.NonFiniteError
	if !errors.As(s.Err(1), &bad) {
		t.Errorf("model 1: %v", s.Err(1))
	}
	w, err := s.Model(1).Weights()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range w {
		if math.IsNaN(float64(x)) {
			t.Fatal("its weights are no numbers")
		}
	}
	for _, i := range []int{0, 2} {
		if len(s.History(i)) != 3 || s.Err(i) != nil {
			t.Errorf("model %d: %d epochs, %v", i, len(s.History(i)), s.Err(i))
		}
	}
}

// TestSweepFailedStays: a model that has failed changes no more, also by batches that would do it no harm: the last of an epoch has
// tables, and a flag, of its own.
func TestSweepFailedStays(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	x := make([]float32, 70)
	x[33] = float32(math.NaN())
	set, err := data.FromFloats(dev, x, 1, data.Values(make([]float32, len(x)), 1))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Release()
	build := func(i int, dev backend.Backend) (*nn.Model, train.Config, error) {
		m, cfg, err := curve(i, dev, nil)
		cfg.Metrics = nil
		return m, cfg, err
	}
	s, err := train.NewSweep(set, 8, build)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	if err := s.Fit(context.Background()); err != nil {
		t.Fatal(err)
	}
	for i := range s.Len() {
		m, cfg, err := build(i, dev)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Release()
		var bad *train.NonFiniteError
		if _, err := train.Fit(context.Background(), m, set, cfg); !errors.As(err, &bad) || !errors.As(s.Err(i), &bad) {
			t.Fatalf("model %d: %v, alone %v", i, s.Err(i), err)
		}
		if got, want := must(s.Model(i).Weights()), must(m.Weights()); !slices.Equal(got, want) {
			t.Errorf("model %d went on after it had failed", i)
		}
	}
}

// TestSweepRefuses: what does not fit is told with the model's number.
func TestSweepRefuses(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	set := sine(t, dev, 64)
	with := func(layers ...nn.Layer) func(dev backend.Backend) (*nn.Model, train.Config, error) {
		return func(dev backend.Backend) (*nn.Model, train.Config, error) {
			m, err := nn.New(dev, 1, layers...)
			return m, train.Config{Loss: nn.MSE(), Optimizer: nn.Adam(1e-3), Epochs: 3, Batch: 16, ReadEvery: 4}, err
		}
	}
	but := func(change func(*train.Config)) func(dev backend.Backend) (*nn.Model, train.Config, error) {
		return func(dev backend.Backend) (*nn.Model, train.Config, error) {
			m, cfg, err := curve(1, dev, nil)
			cfg.Metrics = nil
			change(&cfg)
			return m, cfg, err
		}
	}
	for want, other := range map[string]func(dev backend.Backend) (*nn.Model, train.Config, error){
		"of one shape":            with(nn.Linear(900), nn.Linear(1)),
		"differs from model 0":    with(nn.Linear(8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8), nn.ReLU(), nn.Linear(1)),
		"model 0 has":             but(func(c *train.Config) { c.Batch = 8 }),
		"callbacks":               but(func(c *train.Config) { c.Callbacks = []train.Callback{{}} }),
		"at least 1":              but(func(c *train.Config) { c.Epochs = 0 }),
		"a loss and an optimizer": but(func(c *train.Config) { c.Optimizer = nil }),
	} {
		_, err := train.NewSweep(set, 3, func(i int, dev backend.Backend) (*nn.Model, train.Config, error) {
			if i == 1 {
				return other(dev)
			}
			m, cfg, err := curve(i, dev, nil)
			cfg.Metrics = nil
			return m, cfg, err
		})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "model 1 ") {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// BenchmarkSweep is steps of many models of 1-32-32-1, batch 16, Adam: at once, and one after the other, as a loop over Fit has them.
func BenchmarkSweep(b *testing.B) {
	const models, rows, batch = 1000, 256, 16
	build := func(i int, dev backend.Backend) (*nn.Model, train.Config, error) {
		m, err := nn.New(dev, 1, nn.Linear(32), nn.Tanh(), nn.Linear(32), nn.Tanh(), nn.Linear(1))
		return m, train.Config{Loss: nn.MSE(), Optimizer: nn.Adam(1e-3), Epochs: 1 << 30, Batch: batch, Seed: uint64(i)}, err
	}
	for name, open := range resumeDevices {
		if name == "ref" {
			continue
		}
		b.Run(name+"/at once", func(b *testing.B) {
			dev := open(b)
			defer dev.Close()
			s := must(train.NewSweep(sine(b, dev, rows), models, build))
			defer s.Release()
			epoch := func() {
				if err := s.FitTo(context.Background(), len(s.History(0))+1); err != nil {
					b.Fatal(err)
				}
			}
			epoch() // what is compiled
			b.ResetTimer()
			for range b.N {
				epoch()
			}
			b.ReportMetric(float64(models*rows/batch*b.N)/b.Elapsed().Seconds(), "model-steps/s")
		})
		b.Run(name+"/one by one", func(b *testing.B) {
			dev := open(b)
			defer dev.Close()
			m, cfg, err := build(0, dev)
			if err != nil {
				b.Fatal(err)
			}
			t := must(train.New(m, sine(b, dev, rows), cfg))
			defer t.Release()
			must(t.Epoch(context.Background()))
			b.ResetTimer()
			for range b.N {
				must(t.Epoch(context.Background()))
			}
			b.ReportMetric(float64(rows/batch*b.N)/b.Elapsed().Seconds(), "model-steps/s")
		})
	}
}
