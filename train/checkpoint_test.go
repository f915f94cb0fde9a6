package train_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestCheckpointDevice: what auto chose is in the folder, for the next process to choose it again.
func TestCheckpointDevice(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	dir := t.TempDir()
	if d, err := train.CheckpointDevice(dir); d != "" || err != nil {
		t.Errorf("an empty folder was begun on %q, %v", d, err)
	}
	cfg := config()
	cfg.Epochs, cfg.Checkpoint = 1, train.Checkpoint{Dir: dir}
	must(train.Fit(context.Background(), ringModel(dev), ringSet(dev, 64), cfg))
	if d, err := train.CheckpointDevice(dir); !strings.HasPrefix(d, "ref, ") || err != nil {
		t.Errorf("a training on ref was begun on %q, %v", d, err)
	}
	if d, err := train.CheckpointDevice(filepath.Join(dir, "none")); d != "" || err != nil {
		t.Errorf("no folder was begun on %q, %v", d, err)
	}
}

// TestResume stops a training behind every look at the losses, goes on with it in what could be another process, and ends in
// the bits of one that was not stopped.
func TestResume(t *testing.T) {
	for name, open := range resumeDevices {
		t.Run(name, func(t *testing.T) {
			whole, dir := t.TempDir(), t.TempDir()
			r := newRun(open(t), whole)
			defer r.release()
			want, err := r.fit(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			stops, history := 0, train.History(nil)
			for range 100 {
				part := newRun(open(t), dir)
				history, err = part.fit(part.after(1 + stops%3))
				part.release()
				if err == nil {
					break
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				stops++
			}
			if err != nil || stops < 6 {
				t.Fatalf("%d stops, then %v", stops, err)
			}
			if !reflect.DeepEqual(timeless(history), timeless(want)) {
				t.Errorf("a history of %v, want %v", timeless(history), timeless(want))
			}
			sameEnd(t, last(t, dir), last(t, whole))
			if a, b := numbers(t, filepath.Join(dir, "best.safetensors")), numbers(t, filepath.Join(whole, "best.safetensors")); !maps.EqualFunc(a, b, slices.Equal[[]float64]) {
				t.Error("the best epoch's model differs")
			}
		})
	}
}

// TestGoOn: a training that is done goes on when it is given more epochs, and does nothing when it is not.
func TestGoOn(t *testing.T) {
	whole, dir := t.TempDir(), t.TempDir()
	long := newRun(cpu.Open(), whole)
	must(long.fit(context.Background()))
	for _, epochs := range []int{2, 2, 6} {
		r := newRun(cpu.Open(), dir)
		r.cfg.Epochs = epochs
		if h := must(r.fit(context.Background())); len(h) != epochs {
			t.Errorf("%d epochs, want %d", len(h), epochs)
		}
		r.release()
	}
	sameEnd(t, last(t, dir), last(t, whole))
}

// TestKeep: the last ones are kept, and those at multiples of EverySteps are among what was written.
func TestKeep(t *testing.T) {
	dir := t.TempDir()
	r := newRun(cpu.Open(), dir)
	r.cfg.Checkpoint.Keep = 2
	must(r.fit(context.Background()))
	if all := steps(t, dir); len(all) != 2 || filepath.Base(all[1]) != "step-000000000048.safetensors" || filepath.Base(all[0]) != "step-000000000045.safetensors" {
		t.Errorf("%v", all)
	}
	entries := must(os.ReadDir(dir))
	if len(entries) != 4 { // two, the best, the lock
		t.Errorf("%v", entries)
	}
	info := must(train.ReadCheckpoint(last(t, dir)))
	if info.Step != 48 || len(info.History) != 6 || !strings.HasPrefix(info.Device, "cpu, ") || !strings.Contains(info.Build, "go1.") || info.Settings["batch"] != "32" {
		t.Errorf("%+v", info)
	}
}

// TestCheckpointIsModel: a checkpoint is a model file, and so is the best epoch's.
func TestCheckpointIsModel(t *testing.T) {
	dir := t.TempDir()
	r := newRun(cpu.Open(), dir)
	r.stop.KeepLast = true // else the model ends with the best weights, and its checkpoint with the last
	must(r.fit(context.Background()))
	x, _ := rings(10)
	want := must(r.model.Predict(x))
	m, _, err := nn.Load(r.dev, last(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if got := must(m.Predict(x)); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if _, _, err := nn.Load(r.dev, filepath.Join(dir, "best.safetensors")); err != nil {
		t.Error(err)
	}
}

// TestOtherSettings: a checkpoint of another training is told by what differs, and changes nothing.
func TestOtherSettings(t *testing.T) {
	dir := t.TempDir()
	first := newRun(cpu.Open(), dir)
	must(first.fit(context.Background()))
	cases := []struct {
		want string
		edit func(*run)
	}{
		{"batch 32, this one has 64", func(r *run) { r.cfg.Batch = 64 }},
		{"micro-batch 0, this one has 16", func(r *run) { r.cfg.MicroBatch = 16 }},
		{"seed 5, this one has 6", func(r *run) { r.cfg.Seed = 6 }},
		{"rows 250, this one has 260", func(r *run) { r.set = ringSet(r.dev, 260) }},
		{"loss CrossEntropy ", func(r *run) { r.cfg.Loss = &nn.CrossEntropyLoss{Smoothing: 0.1} }},
		{"optimizer Adam ", func(r *run) { r.cfg.Optimizer = nn.SGD(0.1) }},
		{"optimizer Adam ", func(r *run) { r.cfg.Optimizer.(*nn.AdamOptimizer).Beta2 = 0.99 }},
		{"optimizer Adam ", func(r *run) { r.cfg.Optimizer.(*nn.AdamOptimizer).Schedule = nn.CosineDecay(100, 0) }},
		{"clip norm 1, this one has 2", func(r *run) { r.cfg.Update[0] = nn.ClipNorm(2) }},
		{"average EMA(0.9), this one has EMA(0.8)", func(r *run) { r.cfg.Update[1] = nn.Averaged(nn.EMA(0.8)) }},
		{"groups ", func(r *run) { r.cfg.Update = append(r.cfg.Update, nn.NoDecayOnBiasAndNorm()) }},
		{"model [Linear(16) BatchNorm", func(r *run) { r.model = must(nn.New(r.dev, 2, nn.Linear(16), nn.Linear(2))) }},
	}
	for _, c := range cases {
		r := newRun(cpu.Open(), dir)
		c.edit(r)
		before := must(r.model.Weights())
		_, err := r.fit(context.Background())
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), last(t, dir)) {
			t.Errorf("error %v, want one that says %q and names the file", err, c.want)
		}
		if !slices.Equal(must(r.model.Weights()), before) {
			t.Errorf("%s: the model has changed", c.want)
		}
		r.release()
	}
}

// TestCheckpointErrors: settings that make no sense, and folders that are not what they should be.
func TestCheckpointErrors(t *testing.T) {
	used := t.TempDir()
	first := newRun(cpu.Open(), used)
	must(first.fit(context.Background()))
	memory := train.Callback{Key: "a", Save: func() (nn.Extra, error) { return nn.Extra{}, nil }, Load: func(nn.Extra) error { return nil }}
	file := filepath.Join(used, "best.safetensors")
	cases := []struct {
		want string
		edit func(*train.Config)
	}{
		{"every -1 steps", func(c *train.Config) { c.Checkpoint.EverySteps = -1 }},
		{"-1 kept", func(c *train.Config) { c.Checkpoint.Keep = -1 }},
		{"no Dir", func(c *train.Config) { c.Checkpoint.Dir = "" }},
		{"set Resume to go on", func(c *train.Config) { c.Checkpoint.Dir, c.Checkpoint.Resume = used, false }},
		{"not a directory", func(c *train.Config) { c.Checkpoint.Dir = file }},
		{`two callbacks have the Key "a"`, func(c *train.Config) { c.Callbacks = []train.Callback{memory, memory} }},
		{"Key, without a /, Save and Load go together", func(c *train.Config) { memory.Key = ""; c.Callbacks = []train.Callback{memory} }},
	}
	for _, c := range cases {
		r := newRun(cpu.Open(), t.TempDir())
		c.edit(&r.cfg)
		if _, err := r.fit(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
		r.release()
	}
}

// TestDamaged: a damaged last checkpoint is an error that names the one before, or is passed over and told of.
func TestDamaged(t *testing.T) {
	whole, dir := t.TempDir(), t.TempDir()
	must(newRun(cpu.Open(), whole).fit(context.Background()))
	part := newRun(cpu.Open(), dir)
	if _, err := part.fit(part.after(10)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	all := steps(t, dir)
	file := must(os.ReadFile(all[len(all)-1]))
	file[len(file)-1] ^= 1
	if err := os.WriteFile(all[len(all)-1], file, 0o666); err != nil {
		t.Fatal(err)
	}
	r := newRun(cpu.Open(), dir)
	_, err := r.fit(context.Background())
	for _, want := range []string{all[len(all)-1] + ": damaged", "SkipDamaged", all[len(all)-2]} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
	var told []string
	r = newRun(cpu.Open(), dir)
	r.cfg.Checkpoint.SkipDamaged = true
	r.cfg.Checkpoint.Log = func(s string) { told = append(told, s) }
	must(r.fit(context.Background()))
	sameEnd(t, last(t, dir), last(t, whole))
	if text := fmt.Sprint(told); len(told) != 2 || !strings.Contains(text, "passed over: ") || !strings.Contains(text, all[len(all)-2]) {
		t.Errorf("%q", told)
	}
	for _, path := range steps(t, dir) {
		if err := os.Truncate(path, 100); err != nil {
			t.Fatal(err)
		}
	}
	r = newRun(cpu.Open(), dir)
	r.cfg.Checkpoint.SkipDamaged = true
	if _, err := r.fit(context.Background()); err == nil || !strings.Contains(err.Error(), "none is whole") {
		t.Errorf("%v", err)
	}
}

// TestForeignCheckpoint: a model's file is no training.
func TestForeignCheckpoint(t *testing.T) {
	dir := t.TempDir()
	r := newRun(cpu.Open(), dir)
	if err := r.model.Save(filepath.Join(dir, "step-000000000001.safetensors"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := r.fit(context.Background()); err == nil || !strings.Contains(err.Error(), "a file without a training in it") {
		t.Errorf("%v", err)
	}
}

// TestOtherDevice: a training goes on on another device, and says so.
func TestOtherDevice(t *testing.T) {
	dir := t.TempDir()
	r := newRun(ref.Open(), dir)
	r.cfg.Epochs = 3
	must(r.fit(context.Background()))
	var told []string
	next := newRun(cpu.Open(), dir)
	next.cfg.Checkpoint.Log = func(s string) { told = append(told, s) }
	h := must(next.fit(context.Background()))
	if !strings.Contains(fmt.Sprint(told), "it was begun on ref") || h.Last().Loss > h[0].Loss {
		t.Errorf("%q, %v", told, h)
	}
}

// TestStopAtTheLastLookResumes: a callback that ends a training after all steps of an epoch leaves its evaluation to the
// training that goes on.
func TestStopAtTheLastLookResumes(t *testing.T) {
	for _, epoch := range []int{1, 4, 6} {
		whole, dir := t.TempDir(), t.TempDir()
		want := must(newRun(cpu.Open(), whole).fit(context.Background()))
		part := newRun(cpu.Open(), dir)
		part.cfg.Callbacks = append(part.cfg.Callbacks, train.Callback{Batch: func(b train.Batch) error {
			if b.Epoch.Number == epoch && b.Epoch.Rows == b.Rows {
				return train.ErrStop
			}
			return nil
		}})
		if h := must(part.fit(context.Background())); len(h) != epoch-1 {
			t.Errorf("%d epochs before epoch %d", len(h), epoch)
		}
		got := must(newRun(cpu.Open(), dir).fit(context.Background()))
		if !reflect.DeepEqual(timeless(got), timeless(want)) {
			t.Errorf("stopped in epoch %d: a history of %v, want %v", epoch, timeless(got), timeless(want))
		}
		sameEnd(t, last(t, dir), last(t, whole))
	}
}

// TestBestOfTheLast: the epoch that ends a training is among those that best.safetensors is the best of.
func TestBestOfTheLast(t *testing.T) {
	dir := t.TempDir()
	r := newRun(cpu.Open(), dir)
	r.cfg.Checkpoint.Best = func(e train.Epoch) float64 { return -float64(e.Number) }
	r.stop.Target = new(0.0) // the third epoch's
	if h := must(r.fit(context.Background())); len(h) != 3 {
		t.Fatalf("%d epochs, want 3", len(h))
	}
	best, _, err := nn.Load(r.dev, filepath.Join(dir, "best.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(must(best.Weights()), must(r.model.Weights())) {
		t.Error("the best epoch's model is another's")
	}
}

// TestNoCheckpointBeforeBegin: a callback that refuses to begin leaves an empty folder, which needs no Resume.
func TestNoCheckpointBeforeBegin(t *testing.T) {
	dir := t.TempDir()
	r := newRun(cpu.Open(), dir)
	r.stop.StartFrom = 7
	if _, err := r.fit(context.Background()); err == nil || !strings.Contains(err.Error(), "StartFrom 7") {
		t.Errorf("%v", err)
	}
	if all := steps(t, dir); len(all) > 0 {
		t.Errorf("%v", all)
	}
}
