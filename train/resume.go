package train

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/nn"
)

// record is what a checkpoint holds beside the numbers on the device.
type record struct {
	Step     int64 // done, of all
	Epoch    int   // finished
	Batch    int   // of the epoch's, done
	Part     Epoch // that has begun, or has no evaluation yet; else the zero Epoch
	Loss     float64
	Weight   float64
	Correct  float64
	Rows     int
	Settings map[string]string
	Device   string
	Build    string
	Best     float64
	Scored   bool

	history History // a line of its own for each epoch
}

const (
	recordKey  = "train.record"
	historyKey = "train.history"
	maxRecord  = 1 << 16 // bytes of a record: a file cannot ask for much memory by one
	leastEpoch = 64      // bytes of an epoch's line, which has the names of all fields: nor by many epochs
)

// CheckpointInfo is what a checkpoint says of its training.
type CheckpointInfo struct {
	Step     int64             // done
	History  History           // of the epochs that were finished
	Settings map[string]string // that a training which goes on must have too
	Device   string            // that it ran on
	Build    string            // of the program
}

// ReadCheckpoint checks a file of [Fit]'s and says what it is.
func ReadCheckpoint(path string) (CheckpointInfo, error) {
	r, err := readRecord(path)
	if err != nil {
		return CheckpointInfo{}, fmt.Errorf("train: %w", err)
	}
	return CheckpointInfo{r.Step, r.history, r.Settings, r.Device, r.Build}, nil
}

// CheckpointDevice is what the training whose checkpoints are in a folder ran on last, for the device that it goes on on to be
// chosen by; "" for a folder without checkpoints, or none.
func CheckpointDevice(dir string) (string, error) {
	k := keeper{Checkpoint: Checkpoint{Dir: dir}}
	all, err := k.list()
	if err != nil || len(all) == 0 {
		return "", err
	}
	info, err := ReadCheckpoint(all[len(all)-1])
	return info.Device, err
}

func readRecord(path string) (r record, err error) {
	all, err := nn.ReadExtra(path)
	if err != nil {
		return r, err
	}
	text, ok := all[recordKey]
	if !ok || len(text) > maxRecord {
		return r, fmt.Errorf("%s: a file without a training in it", path)
	}
	if err := unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %s: %w", path, recordKey, err)
	}
	for line := range strings.Lines(all[historyKey]) {
		var e Epoch
		err := fmt.Errorf("%d bytes, too short", len(line))
		if len(line) >= leastEpoch {
			err = unmarshal(line, &e)
		}
		if err != nil {
			return r, fmt.Errorf("%s: history of epoch %d: %w", path, len(r.history)+1, err)
		}
		r.history = append(r.history, e)
	}
	return r, nil
}

// lines are a history as readRecord reads it.
func (h History) lines() (string, error) {
	var b strings.Builder
	for _, e := range h {
		line, err := marshal(e)
		if err != nil {
			return "", err
		}
		b.WriteString(line + "\n")
	}
	return b.String(), nil
}

// Save writes a checkpoint: all that the training is.
func (t *Trainer) Save(path string) error {
	if t.failed != nil {
		return t.failed
	}
	r := record{
		Step: t.step, Epoch: t.epoch, Batch: t.batch, Part: t.Partial(), Settings: t.settings,
		Loss: t.sum.loss, Weight: t.sum.weight, Correct: t.sum.correct, Rows: t.sum.rows, Device: t.device(), Build: build(),
	}
	if t.keeper != nil {
		r.Best, r.Scored = t.keeper.best, t.keeper.scored
	}
	text, err := marshal(r)
	if err != nil {
		return err
	}
	history, err := t.history.lines()
	if err != nil {
		return err
	}
	extra := nn.Extra{Strings: map[string]string{recordKey: text, historyKey: history}, Numbers: map[string][]float32{}}
	if err := t.extras(extra); err != nil {
		return err
	}
	return t.state.Save(path, extra)
}

// Load goes on from a checkpoint: the model, and all that the training is, are as they were there. The error names the first
// setting that is not that of the training that was saved; then nothing has changed.
func (t *Trainer) Load(path string) error {
	if err := t.load(path); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

func (t *Trainer) load(path string) error {
	r, err := readRecord(path)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(t.settings))
	for _, name := range slices.Insert(names, 0, "model") { // first, for others follow from it
		if was, is := r.Settings[name], t.settings[name]; was != is {
			return fmt.Errorf("%s was made by a training with %s %s, this one has %s", path, name, was, is)
		}
	}
	if full := t.batches(); r.Step < 0 || r.Epoch < 0 || r.Batch < 0 || r.Batch >= full || int64(r.Epoch)*int64(full)+int64(r.Batch) != r.Step || len(r.history) > r.Epoch || !r.partFits() {
		return fmt.Errorf("%s: step %d, epoch %d, batch %d of %d, of epoch %d, a history of %d epochs: they contradict each other", path, r.Step, r.Epoch, r.Batch, full, r.Part.Number, len(r.history))
	}
	extra, err := t.state.Load(path)
	if err != nil {
		return err
	}
	t.step, t.epoch, t.batch, t.history, t.failed = r.Step, r.Epoch, r.Batch, r.history, nil
	t.so, t.sum, t.open = r.Part, tally{r.Loss, r.Weight, r.Correct, r.Rows}, r.Part.Number > 0
	if t.keeper != nil {
		t.keeper.best, t.keeper.scored, t.keeper.saved = r.Best, r.Scored, r.Step
		if t.unevaluated() {
			t.keeper.saved-- // the evaluation is new to it
		}
	}
	if err := t.recall(extra); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// partFits reports whether the epoch that has begun is the one of the batches that were done, or has all of them.
func (r *record) partFits() bool {
	if r.Batch > 0 {
		return r.Part.Number == r.Epoch+1
	}
	return r.Part.Number == 0 || r.Part.Number == r.Epoch
}

// resume goes on from the last checkpoint, or from the last that is whole.
func (k *keeper) resume() error {
	all, err := k.list()
	if err != nil || len(all) == 0 {
		return err
	}
	if !k.Resume {
		return fmt.Errorf("%s holds one of another training, %s: set Resume to go on from it, or choose another folder", k.Dir, all[len(all)-1])
	}
	var damaged []error
	for i, path := range slices.Backward(all) {
		r, err := readRecord(path)
		if err == nil {
			if err := k.t.load(path); err != nil {
				return err
			}
			k.tell(path, r)
			return nil
		}
		if !k.SkipDamaged {
			before := "there is none before it"
			if i > 0 {
				before = "set SkipDamaged to go on from the one before it, " + all[i-1]
			}
			return fmt.Errorf("%w; %s", err, before)
		}
		k.log("passed over: %v", err)
		damaged = append(damaged, err)
	}
	return fmt.Errorf("none is whole: %w", errors.Join(damaged...))
}

func (k *keeper) tell(path string, r record) {
	k.log("goes on from step %d, %s", r.Step, path)
	if now := k.t.device(); now != r.Device {
		k.log("it was begun on %s and goes on on %s: not bit for bit", r.Device, now)
	}
	if now := build(); now != r.Build {
		k.log("it was begun by %s and goes on with %s", r.Build, now)
	}
}

func (k *keeper) log(format string, args ...any) {
	if k.Log != nil {
		k.Log(fmt.Sprintf("train: "+format, args...))
	}
}

// comparable are the settings that decide what the training computes.
func (t *Trainer) comparable() map[string]string {
	set := t.state.Settings()
	architecture, err := t.model.Architecture()
	if err != nil { // a layer of one's own: by its name
		architecture = fmt.Sprint(t.model.Inputs(), t.model.Layers())
	}
	set["model"] = fmt.Sprint(t.model.Layers()) + " of " + fmt.Sprint(t.model.Inputs()) + " inputs: " + digest(architecture)
	set["loss"] = nn.LossSettings(t.cfg.Loss)
	numLabels, numValues := t.set.Target()
	for name, n := range map[string]int{
		"batch": t.cfg.Batch, "micro-batch": t.cfg.MicroBatch, "rows": t.set.Len(), "columns": t.set.Cols(), "codes": t.set.Codes(),
		"labels": numLabels, "values": numValues,
	} {
		set[name] = fmt.Sprint(n)
	}
	set["row weights"] = fmt.Sprint(t.set.Weighted())
	set["seed"] = fmt.Sprint(t.cfg.Seed)
	for name, text := range set {
		if len(text) > 500 { // weights of many classes, say
			set[name] = strings.ToValidUTF8(text[:400], "") + "…: " + digest(text)
		}
	}
	return set
}

// digest stands for a text that is too long to be read.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// device is what was opened, which is what "auto" chose.
func (t *Trainer) device() string {
	info := t.model.Device().Info()
	return strings.Join([]string{info.Device, info.Name, info.Driver}, ", ")
}

// build is which program this is.
func build() string {
	text := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return text
	}
	text += " " + info.Main.Path + " " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
			text += " " + s.Value
		}
	}
	return text
}
