package train_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// ringStream is ringSet with its rows in the host's memory.
func ringStream(dev backend.Backend, n int) *data.Set {
	x, labels := rings(n)
	return must(data.Stream(dev, must(data.FloatRows(x, 2)), data.Labels(labels)))
}

// TestStreamSameBits: what is streamed trains to the bits of what lies on the device: through epochs, evaluation and
// checkpoints, whether or not the steps of a look divide an epoch.
func TestStreamSameBits(t *testing.T) {
	for name, open := range devices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			for _, every := range []int{1, 3, 64} {
				fit := func(r *run) (train.History, []float32) {
					r.cfg.ReadEvery, r.cfg.Checkpoint = every, train.Checkpoint{}
					h := must(r.fit(context.Background()))
					for i := range h {
						h[i].Time = 0
					}
					return h, must(r.model.Weights())
				}
				want, weights := fit(newRun(dev, t.TempDir()))
				streamed := newRun(dev, t.TempDir())
				streamed.set = ringStream(dev, 250)
				streamed.cfg.Validation = streamed.set
				got, w := fit(streamed)
				if !reflect.DeepEqual(got, want) {
					t.Errorf("looking every %d steps, streamed:\n%+v\nresident:\n%+v", every, got, want)
				}
				if !slices.Equal(w, weights) {
					t.Errorf("looking every %d steps, the weights differ", every)
				}
			}
		})
	}
}

// rowsFunc has another way to read.
type rowsFunc struct {
	data.Rows
	read func(dst []byte, rows []uint32) error
}

func (r rowsFunc) ReadRows(dst []byte, rows []uint32) error { return r.read(dst, rows) }

// TestStreamReadsAhead: while the host looks at the results of some steps the rows of the next have been read already.
func TestStreamReadsAhead(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	x, labels := rings(256)
	rows := must(data.FloatRows(x, 2))
	var reads atomic.Int64
	set := must(data.Stream(dev, rowsFunc{rows, func(dst []byte, at []uint32) error {
		defer reads.Add(1)
		return rows.ReadRows(dst, at)
	}}, data.Labels(labels)))
	cfg := config()
	cfg.Epochs, cfg.ReadEvery = 3, 2
	looks := int64(0)
	cfg.Callbacks = []train.Callback{{Batch: func(train.Batch) error {
		looks++
		for wait := time.Now(); reads.Load() < looks+1; time.Sleep(time.Millisecond) {
			if time.Since(wait) > 10*time.Second {
				return fmt.Errorf("at look %d: %d chunks were read", looks, reads.Load())
			}
		}
		return nil
	}}}
	must(train.Fit(context.Background(), ringModel(dev), set, cfg))
	if looks != 12 || reads.Load() != 13 {
		t.Errorf("%d looks, %d chunks read; want 12, and one more that was read ahead", looks, reads.Load())
	}
}

// TestStreamErrors: what cannot be read ends the training with that error, and the steps before it stand.
func TestStreamErrors(t *testing.T) {
	for name, open := range devices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			x, labels := rings(256)
			rows := must(data.FloatRows(x, 2))
			gone := errors.New("the file is gone")
			var reads atomic.Int64
			set := must(data.Stream(dev, rowsFunc{rows, func(dst []byte, at []uint32) error {
				if reads.Add(1) > 6 {
					return gone
				}
				return rows.ReadRows(dst, at)
			}}, data.Labels(labels)))
			cfg := config()
			cfg.ReadEvery, cfg.Checkpoint = 2, train.Checkpoint{Dir: t.TempDir(), EverySteps: 2}
			model := ringModel(dev)
			h, err := train.Fit(context.Background(), model, set, cfg)
			if !errors.Is(err, gone) || !strings.Contains(err.Error(), "step 12") || len(h) != 1 {
				t.Errorf("%d epochs, %v", len(h), err)
			}
			if err := dev.Sync(); err != nil {
				t.Errorf("the device has failed: %v", err)
			}
			// From the checkpoint it goes on with a set that can be read, to the bits of one that always could.
			cfg.Checkpoint.Resume, cfg.Epochs = true, 3
			again := ringModel(dev)
			must(train.Fit(context.Background(), again, ringStream(dev, 256), cfg))
			whole := ringModel(dev)
			cfg.Checkpoint = train.Checkpoint{}
			must(train.Fit(context.Background(), whole, ringSet(dev, 256), cfg))
			if !slices.Equal(must(again.Weights()), must(whole.Weights())) {
				t.Error("resumed from a set that broke off, the weights differ")
			}
		})
	}
}

// TestStreamMemory: the device's memory does not grow with a streamed set, and is what Memory says of it.
func TestStreamMemory(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	most := func(n int) int64 {
		cfg := train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.SGD(0.1), Epochs: 1, Batch: 32, ReadEvery: 4}
		peak, before := int64(0), dev.Stats().LiveBytes
		cfg.Callbacks = []train.Callback{{Batch: func(train.Batch) error { peak = max(peak, dev.Stats().LiveBytes); return nil }}}
		model, set := must(nn.New(dev, 2, nn.Linear(2))), ringStream(dev, n)
		defer model.Release()
		defer set.Release()
		must(train.Fit(context.Background(), model, set, cfg))
		want := must(train.Memory(model, set, cfg))
		if got := peak - before; got > want.Total() || got < want.Total()*9/10 {
			t.Errorf("%d rows: %d bytes on the device, Memory says %d", n, got, want.Total())
		}
		return peak - before
	}
	if small, large := most(1024), most(8192); large != small {
		t.Errorf("%d bytes for 1024 rows, %d for 8192", small, large)
	}
}
