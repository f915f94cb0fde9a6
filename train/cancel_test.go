package train_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// A gate is a layer that changes nothing, and does something when so many elements have come through.
type gate struct {
	seen atomic.Int64
	at   int64
	do   func()
}

func (*gate) String() string                                 { return "gate" }
func (g *gate) Bind(_ *nn.Scope, width int) (nn.Node, error) { return gateNode{g, width}, nil }

type gateNode struct {
	*gate
	width int
}

func (n gateNode) Width() int { return n.width }

func (n gateNode) Forward(p *nn.Plan, x nn.Value) (nn.Value, nn.Backward) {
	op := &backend.Op{Name: "gate", F: func(*backend.El) {
		if n.seen.Add(1) == n.at {
			n.do()
		}
	}}
	return p.Apply(x, backend.Fn{Op: op}), func(dy nn.Value) nn.Value { return dy }
}

const (
	gateWidth = 4
	gateBatch = 10
	gateRows  = 1000
)

// gated is a training whose context is done when so many elements have come through its gate; 0 for never.
func gated(dev backend.Backend, dir string, at int64, validation *data.Set) (context.Context, *nn.Model, *data.Set, train.Config) {
	ctx, cancel := context.WithCancel(context.Background())
	g := &gate{at: at, do: func() {
		cancel()
		time.Sleep(50 * time.Millisecond) // others hear of it
	}}
	cfg := train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.02), Epochs: 2, Batch: gateBatch, Seed: 5, Validation: validation,
		Checkpoint: train.Checkpoint{Dir: dir, Resume: true},
	}
	return ctx, must(nn.New(dev, 2, nn.Linear(gateWidth), g, nn.Linear(2))), ringSet(dev, gateRows), cfg
}

// TestCancelBetweenLooks: a context ends a training after the step that runs, not at the next look at the losses, and the
// checkpoint is of that step.
func TestCancelBetweenLooks(t *testing.T) {
	for name, dev := range map[string]backend.Backend{"cpu": cpu.Open(), "ref": ref.Open()} {
		t.Run(name, func(t *testing.T) {
			defer dev.Close()
			_, whole, set, cfg := gated(dev, t.TempDir(), 0, nil)
			want := must(train.Fit(context.Background(), whole, set, cfg))

			const steps = 38
			dir := t.TempDir()
			ctx, model, set, cfg := gated(dev, dir, (steps-1)*gateBatch*gateWidth+1, nil)
			_, err := train.Fit(ctx, model, set, cfg)
			var stop *train.InterruptedError
			if !errors.As(err, &stop) || stop.Epoch.Steps < steps || stop.Epoch.Steps >= 64 {
				t.Fatalf("%v, want an interruption after %d steps", err, steps)
			}
			if info := must(train.ReadCheckpoint(last(t, dir))); info.Step != int64(stop.Epoch.Steps) {
				t.Errorf("a checkpoint of step %d after %v", info.Step, err)
			}

			_, model, set, cfg = gated(dev, dir, 0, nil)
			got := must(train.Fit(context.Background(), model, set, cfg))
			if !reflect.DeepEqual(timeless(got), timeless(want)) || !slices.Equal(must(model.Weights()), must(whole.Weights())) {
				t.Errorf("history %v, want %v; or other weights", timeless(got), timeless(want))
			}
		})
	}
}

// TestCancelWithinEvaluation: an epoch whose evaluation was interrupted is evaluated when the training goes on.
func TestCancelWithinEvaluation(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	validation := ringSet(dev, 70000) // more than a Run evaluates
	_, whole, set, cfg := gated(dev, t.TempDir(), 0, validation)
	want := must(train.Fit(context.Background(), whole, set, cfg))

	const within = gateRows*gateWidth + 100
	interrupted := func(e train.Epoch, err error) {
		t.Helper()
		var stop *train.InterruptedError
		if !errors.As(err, &stop) || !same(stop.Epoch, e) || e.Steps != gateRows/gateBatch || e.Validation.Rows != 0 {
			t.Fatalf("%+v, %v; want an interruption after all steps", e, err)
		}
	}
	dir := t.TempDir()
	ctx, model, set, cfg := gated(dev, dir, within, validation)
	_, err := train.Fit(ctx, model, set, cfg)
	var stop *train.InterruptedError
	errors.As(err, &stop)
	interrupted(stop.Epoch, err)
	_, model, set, cfg = gated(dev, dir, 0, validation)
	got := must(train.Fit(context.Background(), model, set, cfg))
	if !reflect.DeepEqual(timeless(got), timeless(want)) || !slices.Equal(must(model.Weights()), must(whole.Weights())) {
		t.Errorf("history %v, want %v; or other weights", timeless(got), timeless(want))
	}

	ctx, model, set, cfg = gated(dev, "", within, validation)
	cfg.Checkpoint = train.Checkpoint{}
	trainer := must(train.New(model, set, cfg))
	defer trainer.Release()
	interrupted(trainer.Epoch(ctx))
	for i := range want {
		if e := must(trainer.Epoch(context.Background())); !reflect.DeepEqual(timeless(train.History{e}), timeless(want[i:i+1])) {
			t.Errorf("epoch %d goes on to %+v, want %+v", i+1, e, want[i])
		}
	}
}
