package train_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/train"
)

// same compares epochs, whose metrics are a slice.
func same(a, b train.Epoch) bool { return reflect.DeepEqual(a, b) }

// TestInterrupt: a cancel is noticed at the next look, its error says where and why, and a Trainer goes on from any batch
// to the epoch and the weights of one that was left alone.
func TestInterrupt(t *testing.T) {
	dev := ref.Open()
	set := ringSet(dev, 250)
	cfg := config()
	cfg.ReadEvery, cfg.Validation = 1, set
	model := ringModel(dev)
	alone := must(train.New(model, set, cfg))
	defer alone.Release()
	must(alone.Epoch(context.Background()))
	want := must(alone.Epoch(context.Background()))
	weights := must(model.Weights())
	why := errors.New("the user has gone home")
	for at := range 8 {
		ctx, cancel := context.WithCancelCause(context.Background())
		cfg.Callbacks = []train.Callback{{Batch: func(b train.Batch) error {
			if b.Epoch.Number == 2 && b.Epoch.Steps == at {
				cancel(why)
			}
			return nil
		}}}
		model := ringModel(dev)
		trainer := must(train.New(model, set, cfg))
		must(trainer.Epoch(ctx))
		if at == 0 {
			cancel(why)
		}
		e, err := trainer.Epoch(ctx)
		var stop *train.InterruptedError
		if !errors.As(err, &stop) || !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
			t.Fatalf("after %d steps: %v", at, err)
		}
		if text := fmt.Sprintf("train: epoch 2, after %d steps: context canceled: the user has gone home", at); err.Error() != text {
			t.Errorf("%v, want %s", err, text)
		}
		if !same(stop.Epoch, e) || e.Number != 2 || e.Steps != at || e.Rows != 32*at || at > 0 && !same(trainer.Partial(), e) || at > 0 && e.Loss == 0 || trainer.Step() != int64(8+at) {
			t.Errorf("after %d steps: %+v, Partial %+v, Step %d", at, e, trainer.Partial(), trainer.Step())
		}
		got := must(trainer.Epoch(context.Background()))
		if got.Time = want.Time; !same(got, want) || !same(trainer.Partial(), train.Epoch{}) {
			t.Errorf("interrupted after %d steps the epoch is %+v, want %+v; Partial %+v", at, got, want, trainer.Partial())
		}
		if !slices.Equal(must(model.Weights()), weights) {
			t.Errorf("interrupted after %d steps the weights are others", at)
		}
		trainer.Release()
	}
}

// TestStopAtTheLastLook: an epoch that a callback ends after all its steps is not evaluated, and training goes on with the
// next one.
func TestStopAtTheLastLook(t *testing.T) {
	dev := ref.Open()
	cfg := config()
	cfg.Callbacks = []train.Callback{{Batch: func(b train.Batch) error {
		if b.Epoch.Number == 1 && b.Epoch.Rows == b.Rows {
			return train.ErrStop
		}
		return nil
	}}}
	trainer := must(train.New(ringModel(dev), ringSet(dev, 250), cfg))
	defer trainer.Release()
	if e, err := trainer.Epoch(context.Background()); !errors.Is(err, train.ErrStop) || e.Rows != 250 || !same(trainer.Partial(), e) {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := trainer.Epoch(context.Background()); err != nil || e.Number != 2 || e.Rows != 250 || e.Steps != 8 {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestFitGoesOn: a second Fit starts from the weights that the first has left.
func TestFitGoesOn(t *testing.T) {
	dev := ref.Open()
	set, model, cfg := ringSet(dev, 250), ringModel(dev), config()
	first := must(train.Fit(context.Background(), model, set, cfg))
	second := must(train.Fit(context.Background(), model, set, cfg))
	if second[0].Number != 1 || !(second[0].Loss < first[5].Loss) {
		t.Errorf("the second Fit starts with %+v, the first ended with %+v", second[0], first.Last())
	}
}

// TestCallbackOrder: every event reaches all callbacks in order, also behind one with an error, and End has what Fit returns.
func TestCallbackOrder(t *testing.T) {
	dev := ref.Open()
	broken := errors.New("broken")
	for _, c := range []struct {
		fail string // the event of the first callback that returns err, "batch 2" for the second epoch's
		err  error
		want string
	}{
		{"", nil, "check check begin begin epoch-begin 1 epoch-begin 1 batch 1 batch 1 batch 1 batch 1 epoch 1 epoch 1 " +
			"epoch-begin 2 epoch-begin 2 batch 2 batch 2 batch 2 batch 2 epoch 2 epoch 2 end 2 <nil> end 2 <nil>"},
		{"check", broken, "check check"},
		{"begin", broken, "check check begin begin end 0 broken end 0 broken"},
		{"epoch-begin 1", train.ErrStop, "check check begin begin epoch-begin 1 epoch-begin 1 end 0 <nil> end 0 <nil>"},
		{"batch 1", broken, "check check begin begin epoch-begin 1 epoch-begin 1 batch 1 batch 1 end 0 broken end 0 broken"},
		{"epoch 1", train.ErrStop, "check check begin begin epoch-begin 1 epoch-begin 1 batch 1 batch 1 batch 1 batch 1 epoch 1 epoch 1 end 1 <nil> end 1 <nil>"},
	} {
		var log []string
		event := func(first bool, format string, args ...any) error {
			text := fmt.Sprintf(format, args...)
			log = append(log, text)
			if first && text == c.fail {
				return c.err
			}
			return nil
		}
		var cfg = config()
		for i := range 2 {
			first := i == 0
			cfg.Callbacks = append(cfg.Callbacks, train.Callback{
				Check: func() error { return event(first, "check") },
				Begin: func(r *train.Training) error {
					if r.Model == nil || r.Set.Len() != 60 || r.Epochs != 2 || r.Trainer == nil || r.Optimizer.String() != "Adam" {
						t.Errorf("%+v", r)
					}
					return event(first, "begin")
				},
				EpochBegin: func(e train.Epoch) error { return event(first, "epoch-begin %d", e.Number) },
				Batch: func(b train.Batch) error {
					if b.Training.Trainer.Step() == 0 {
						t.Error("no steps were done")
					}
					return event(first, "batch %d", b.Epoch.Number)
				},
				Epoch: func(e train.Epoch) error { return event(first, "epoch %d", e.Number) },
				End:   func(h train.History, err error) { event(false, "end %d %v", len(h), err) },
			})
		}
		cfg.Epochs, cfg.ReadEvery = 2, 2
		_, err := train.Fit(context.Background(), ringModel(dev), ringSet(dev, 60), cfg)
		if got := strings.Join(log, " "); got != c.want || errors.Is(err, broken) != (c.err == broken) || (err != nil) != (c.err == broken) {
			t.Errorf("%q: error %v\n got %s\nwant %s", c.fail, err, got, c.want)
		}
	}
}

// TestErrorBeforeStop: of several callbacks' errors the first counts, and one that is an error before one that is none.
func TestErrorBeforeStop(t *testing.T) {
	dev := ref.Open()
	one, two := errors.New("one"), errors.New("two")
	for _, c := range []struct {
		returned []error
		want     error
	}{
		{[]error{train.ErrStop, nil}, nil}, {[]error{train.Stop("enough"), one}, one}, {[]error{one, train.ErrStop}, one}, {[]error{nil, one, two}, one},
	} {
		cfg := config()
		for _, err := range c.returned {
			cfg.Callbacks = append(cfg.Callbacks, train.Callback{Epoch: func(train.Epoch) error { return err }})
		}
		if h, err := train.Fit(context.Background(), ringModel(dev), ringSet(dev, 60), cfg); err != c.want || len(h) != 1 {
			t.Errorf("%v: %d epochs, %v", c.returned, len(h), err)
		}
	}
}
