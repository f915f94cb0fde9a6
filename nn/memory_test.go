package nn

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

// memories are configurations of each kind.
func memories() map[string]MemoryConfig {
	adam := AdamW(0.01)
	return map[string]MemoryConfig{
		"predict":     {Batch: 7},
		"evaluate":    {Batch: 500, Loss: CrossEntropy(), Steps: 64},
		"gradients":   {Batch: 7, Loss: CrossEntropy(), Train: true},
		"sgd":         {Batch: 33, Loss: CrossEntropy(), Train: true, Optimizer: SGD(0.1), Steps: 5},
		"weighed":     {Batch: 33, Loss: CrossEntropy(), Train: true, Weighted: true, Optimizer: Adagrad(0.1), Data: 1000},
		"values":      {Batch: 2, Loss: MSE(), Train: true, Optimizer: adam},
		"groups":      {Batch: 3000, Loss: MSE(), Train: true, Optimizer: adam, Update: []StateOption{NoDecayOnBiasAndNorm(), ClipNorm(1), MaxNorm(3), Averaged(EMA(0.9))}},
		"micro":       {Batch: 100, MicroBatch: 32, Loss: CrossEntropy(), Train: true, Optimizer: adam, Steps: 3},
		"micro alone": {Batch: 100, MicroBatch: 32},
	}
}

// TestMemory: what is told is what a model, a state and a plan take, to the byte.
func TestMemory(t *testing.T) {
	for _, open := range []func() backend.Backend{ref.Open, func() backend.Backend { return cpu.Open() }} {
		for name, cfg := range memories() {
			dev := open()
			m := tower(t, dev)
			before := dev.Stats()
			b, err := m.Memory(cfg)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if dev.Stats() != before {
				t.Errorf("%s: it used the device", name)
			}
			takeAll(t, m, cfg)
			if got := dev.Stats().LiveBytes; got != b.Total()-cfg.Data {
				t.Errorf("%s, %s: %d bytes are taken, told were\n%v", name, dev.Info().Device, got, b)
			}
			if err := dev.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// takeAll makes what the configuration says.
func takeAll(t *testing.T, m *Model, cfg MemoryConfig) {
	t.Helper()
	plan := PlanConfig{Rows: cfg.Batch, MicroBatch: cfg.MicroBatch, Steps: cfg.Steps, Train: cfg.Train, Loss: cfg.Loss}
	var err error
	if cfg.Optimizer != nil {
		if plan.State, err = NewState(m, cfg.Optimizer, cfg.Update...); err != nil {
			t.Fatal(err)
		}
	}
	part := func(kind backend.Kind, cols, steps int) (to backend.Tensor) {
		if cols == 0 {
			return to
		}
		buf, err := backend.Alloc(m.dev, kind, steps*cfg.Batch*cols)
		if err != nil {
			t.Fatal(err)
		}
		return backend.Mat(buf, 0, cfg.Batch, cols)
	}
	steps := max(cfg.Steps, 1)
	plan.X, plan.Codes = part(backend.F32, m.Inputs(), 1), part(backend.U32, m.Codes(), steps)
	if cfg.Loss != nil {
		want, err := cfg.Loss.Targets(m.Outputs())
		if err != nil {
			t.Fatal(err)
		}
		plan.Labels, plan.Values = part(backend.U32, want.Labels, steps), part(backend.F32, want.Values, steps)
	}
	if cfg.Weighted {
		plan.Weights = part(backend.F32, 1, steps)
	}
	if _, err := m.Plan(plan); err != nil {
		t.Fatal(err)
	}
}

// TestMemoryByPurpose: each share is where it belongs.
func TestMemoryByPurpose(t *testing.T) {
	m, err := New(ref.Open(), 64, Linear(64, NoBias()), BatchNorm(NoAffine()))
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Memory(MemoryConfig{Batch: 64, Loss: MSE(), Train: true, Optimizer: Adam(0.1), Update: []StateOption{Averaged(EMA(0.9))}, Data: 5})
	if err != nil {
		t.Fatal(err)
	}
	const w = 64 * 64 * 4
	b.Activations, b.Tables = b.Activations/1e5, 0
	if want := (Memory{Parameters: w, Statistics: 512, Gradients: w, Optimizer: 2 * w, Averages: w, Batch: 2 * w, Activations: 2, Data: 5}); b != want {
		t.Errorf("got\n%vwant\n%v", b, want)
	}
}

func TestLargestBatch(t *testing.T) {
	m := tower(t, ref.Open())
	budgets := []int64{1 << 20, 3333333, 100 << 20}
	if testing.Short() {
		budgets = budgets[:2]
	}
	for name, cfg := range memories() {
		for _, budget := range budgets {
			if cfg.MicroBatch > 0 {
				budget = min(budget, 3333333)
			}
			n, err := m.LargestBatch(cfg, budget)
			if err != nil || n < 1 {
				t.Fatalf("%s: %d rows, error %v", name, n, err)
			}
			at := func(rows int) int64 {
				cfg.Batch = rows
				b, err := m.Memory(cfg)
				if err != nil {
					t.Fatal(err)
				}
				return b.Total()
			}
			if here, more := at(n), at(n+max(1, cfg.MicroBatch)); here > budget || more <= budget && n < mostParts*cfg.MicroBatch {
				t.Errorf("%s: %d rows take %d bytes of %d, one more %d", name, n, here, budget, more)
			}
		}
		if n, err := m.LargestBatch(cfg, 1000); n != 0 || err != nil {
			t.Errorf("%s: %d rows in 1000 bytes, error %v", name, n, err)
		}
	}
	if n, err := m.LargestBatch(MemoryConfig{}, 1<<62); err != nil || n != backend.MaxElements/m.widest {
		t.Errorf("%d rows in all the memory of the world, error %v", n, err)
	}
}

func TestMemoryErrors(t *testing.T) {
	m := tower(t, ref.Open())
	for want, cfg := range map[string]MemoryConfig{
		"0 rows":                       {},
		"goes with Train":              {Batch: 1, Loss: MSE(), Optimizer: SGD(1)},
		"training needs a loss":        {Batch: 2, Train: true},
		"learning rate":                {Batch: 2, Train: true, Loss: MSE(), Optimizer: SGD(-1)},
		"has no variance":              {Batch: 1, Train: true, Loss: MSE()},
		"micro-batches of -1":          {Batch: 1, MicroBatch: -1},
		"-1 steps":                     {Batch: 1, Steps: -1, Loss: MSE()},
		"sets of -5 bytes":             {Batch: 1, Data: -5},
		"more than a device can index": {Batch: 1 << 30},
	} {
		if b, err := m.Memory(cfg); err == nil || !strings.Contains(err.Error(), want) || b != (Memory{}) {
			t.Errorf("%+v: error %v, want %q", cfg, err, want)
		}
	}
	if _, err := m.LargestBatch(MemoryConfig{Train: true}, 1<<20); err == nil {
		t.Error("a training without a loss has a largest batch")
	}
}
