package train_test

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/train"
)

func TestCallbacks(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name   string
		at     int // the batch or epoch to end at
		err    error
		want   error
		epochs int
	}{
		{"to the end", 99, nil, nil, 3},
		{"stop", 2, train.ErrStop, nil, 2},
		{"error", 1, broken, broken, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			dev := ref.Open()
			cfg := config()
			cfg.Epochs, cfg.ReadEvery = 3, 2
			var batches, rows, ends int
			cfg.Callbacks = []train.Callback{{}, {
				Batch: func(b train.Batch) error {
					batches++
					rows = b.Epoch.Rows
					if b.Batches != 8 || b.Rows != 250 || b.Epochs != 3 {
						t.Errorf("%+v", b)
					}
					return nil
				},
				Epoch: func(e train.Epoch) error {
					if rows != 250 {
						t.Errorf("an epoch ended after %d rows of 250", rows)
					}
					if e.Number == c.at {
						return c.err
					}
					return nil
				},
				End: func(h train.History, err error) {
					ends++
					if len(h) != c.epochs || !errors.Is(err, c.want) {
						t.Errorf("the end was told of %d epochs and %v", len(h), err)
					}
				},
			}}
			h, err := train.Fit(context.Background(), ringModel(dev), ringSet(dev, 250), cfg)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || len(h) != c.epochs || h.Last().Number != c.epochs {
				t.Errorf("%d epochs, error %v", len(h), err)
			}
			if ends != 1 || batches != 5*c.epochs { // 2+2+2+1 full batches, and the rest
				t.Errorf("%d ends, %d looks", ends, batches)
			}
		})
	}
}

func TestStopInABatch(t *testing.T) {
	dev := ref.Open()
	cfg := config()
	cfg.Callbacks = []train.Callback{{Batch: func(train.Batch) error { return train.ErrStop }}}
	if h, err := train.Fit(context.Background(), ringModel(dev), ringSet(dev, 250), cfg); err != nil || len(h) != 0 {
		t.Errorf("%d epochs, error %v", len(h), err)
	}
}

// TestProgress: anything but a terminal gets one plain line an epoch.
func TestProgress(t *testing.T) {
	dev := ref.Open()
	cfg := config()
	set := ringSet(dev, 250)
	cfg.Epochs, cfg.Validation = 10, set
	var out bytes.Buffer
	cfg.Progress = &out
	if _, err := train.Fit(context.Background(), ringModel(dev), set, cfg); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	want := regexp.MustCompile(`^epoch (( \d|10)/10)  loss [\d.]+  accuracy [\d.]+ %  [\d.]+[kM]? samples/s  validation loss [\d.]+  accuracy [\d.]+ %  [\d.]+(ms|s|µs)$`)
	if len(lines) != 10 || !want.MatchString(lines[0]) || !want.MatchString(lines[9]) {
		t.Errorf("progress:\n%s", out.String())
	}
}
