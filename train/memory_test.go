package train_test

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestMemory: what is told is what a training takes, to the byte.
func TestMemory(t *testing.T) {
	for _, open := range []func() backend.Backend{ref.Open, f32Device} {
		for _, c := range []struct{ rows, batch, validation int }{{250, 32, 0}, {256, 32, 1100}, {20, 32, 20}, {70, 70, 500}} {
			dev := open()
			x, labels := rings(c.rows)
			set := must(data.FromFloats(dev, x, 2, data.Labels(labels).Weighted(make([]float32, c.rows))))
			m := must(nn.New(dev, 2, nn.Linear(16), nn.BatchNorm(), nn.Tanh(), nn.Linear(2)))
			cfg := config()
			cfg.Batch, cfg.Update = c.batch, []nn.StateOption{nn.NoDecayOnBiasAndNorm(), nn.Averaged(nn.EMA(0.9))}
			if c.validation > 0 {
				cfg.Validation, cfg.MicroBatch = ringSet(dev, c.validation), 16
			}
			before := dev.Stats()
			b, err := train.Memory(m, set, cfg)
			if err != nil || dev.Stats() != before {
				t.Fatalf("%+v: error %v, or it used the device", c, err)
			}
			tr := must(train.New(m, set, cfg))
			if got := dev.Stats().LiveBytes - before.LiveBytes; got != b.Total()-b.Parameters-b.Statistics {
				t.Errorf("%+v: %d bytes are taken beside the model, told were\n%v", c, got, b)
			}
			tr.Release()
			if got := dev.Stats().LiveBytes; got != before.LiveBytes {
				t.Errorf("%+v: %d bytes are left", c, got-before.LiveBytes)
			}
		}
	}
}

func TestMemoryErrors(t *testing.T) {
	dev := ref.Open()
	cfg := config()
	cfg.Batch = 0
	if _, err := train.Memory(ringModel(dev), ringSet(dev, 10), cfg); err == nil || !strings.Contains(err.Error(), "batches of 0 rows") {
		t.Error(err)
	}
	cfg = config()
	cfg.Optimizer = nn.SGD(-1)
	if _, err := train.Memory(ringModel(dev), ringSet(dev, 10), cfg); err == nil || !strings.Contains(err.Error(), "learning rate") {
		t.Error(err)
	}
}
