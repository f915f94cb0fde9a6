package train_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// small is a training whose checkpoint is short enough to damage each byte of.
func small(dir string) *run {
	r := &run{dev: cpu.Open()}
	r.set = must(data.FromFloats(r.dev, []float32{1, 2, 3, 4}, 1, data.Labels([]uint32{0, 1, 0, 1})))
	r.model = must(nn.New(r.dev, 1, nn.Linear(2), nn.BatchNorm()))
	r.cfg = train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.1), Epochs: 1, Batch: 2,
		Checkpoint: train.Checkpoint{Dir: dir, Resume: true},
	}
	return r
}

// TestEveryByte flips a bit of every byte of a checkpoint, each of them with GLOSS_LONG, and cuts it off at every length (some of them with -short): each is told,
// and changes nothing.
func TestEveryByte(t *testing.T) {
	dir := t.TempDir()
	r := small(dir)
	must(r.fit(context.Background()))
	good := must(os.ReadFile(last(t, dir)))
	path := filepath.Join(t.TempDir(), "damaged")
	trainer := must(train.New(r.model, r.set, r.cfg))
	defer trainer.Release()
	before := must(r.model.Weights())
	try := func(what string, at int, file []byte) {
		t.Helper()
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := trainer.Load(path); err == nil {
			t.Errorf("%s %d of %d: loaded", what, at, len(good))
		}
		if m, _, err := nn.Load(r.dev, path); err == nil {
			m.Release()
			t.Errorf("%s %d of %d: loaded as a model", what, at, len(good))
		}
		if at%16 != 0 { // what reads the file is the same
			return
		}
		if _, err := r.model.LoadWeights(path, nil); err == nil {
			t.Errorf("%s %d of %d: loaded as weights", what, at, len(good))
		}
	}
	bits := []byte{1}
	if os.Getenv("GLOSS_LONG") != "" {
		bits = []byte{1, 2, 4, 8, 16, 32, 64, 128}
	}
	every := 1
	if testing.Short() {
		every = 8
	}
	for i := 0; i < len(good); i += every {
		for _, bit := range bits {
			file := slices.Clone(good)
			file[i] ^= bit
			try("byte", i, file)
		}
		try("length", i, good[:i])
	}
	try("length", len(good)+1, append(slices.Clone(good), ' '))
	if !slices.Equal(must(r.model.Weights()), before) {
		t.Error("the model has changed")
	}
	t.Logf("%d bytes", len(good))
}

// FuzzCheckpoint loads anything as a training, and a good one with another record of what it is, whose checksum holds: an
// error or a training, never a panic, and no memory beyond four times the file's size and a constant.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	r := small(dir)
	must(r.fit(context.Background()))
	good := must(os.ReadFile(last(f, dir)))
	strings := must(nn.ReadExtra(last(f, dir)))
	record, history := strings["train.record"], strings["train.history"]
	f.Add(good, record, history)
	f.Add(good[:len(good)-1], record, history+history)
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"), `{"Step":1,"Part":{"Loss":"NaN"}}`, "{}\n")
	trainer := must(train.New(r.model, r.set, r.cfg))
	state := must(nn.NewState(r.model, r.cfg.Optimizer))
	path := filepath.Join(f.TempDir(), "fuzz")
	f.Fuzz(func(t *testing.T, file []byte, record, history string) {
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		bounded(t, trainer, path, len(file))
		if err := state.Save(path, nn.Extra{Strings: map[string]string{"train.record": record, "train.history": history}}); err != nil {
			t.Fatal(err)
		}
		bounded(t, trainer, path, len(file))
	})
}

// bounded loads a file and measures what memory that takes.
func bounded(t *testing.T, trainer *train.Trainer, path string, size int) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	trainer.Load(path)
	runtime.ReadMemStats(&after)
	if took, most := after.TotalAlloc-before.TotalAlloc, uint64(4*size+4<<20); took > most {
		t.Errorf("%d bytes taken for a file of %d", took, size)
	}
}
