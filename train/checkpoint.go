package train

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/internal/atomicfile"
	"github.com/gloss-ml/gloss/nn"
)

// Checkpoint says where [Fit] keeps all that a training is, so that one that was interrupted, by an error, a cancelled
// context, a kill or a power failure, goes on as if nothing had been. A training of N steps, a kill, and the rest end in the
// same bits as one without the kill, on the same kind of device and build; on others it goes on within their tolerance.
//
// Each checkpoint is one file in the safetensors format, written whole or not at all, with a checksum, and a model file too:
// nn.Load reads it. One training at a time uses a folder.
type Checkpoint struct {
	Dir         string // the folder; "" for no checkpoints
	EverySteps  int    // 0: none between the ends of epochs
	EveryEpochs int    // 0 stands for 1, and with EverySteps for none
	Keep        int    // how many are kept, the last ones; 0 stands for 3
	Resume      bool   // go on from the last one, if there is one; without, a folder with checkpoints is an error

	// SkipDamaged has Resume go on from the last checkpoint that is whole, where later ones are not; without, a damaged one
	// is an error.
	SkipDamaged bool

	// Best, if not nil, is an epoch's score, the smaller the better, as [ByLoss]: the model of the best epoch is kept as
	// best.safetensors, a model file.
	Best func(Epoch) float64

	// OnError is told why a checkpoint could not be written. The training goes on if it returns nil, else it ends with what
	// it returns. Where it is nil the training ends. The checkpoints before are whole in any case.
	OnError func(error) error

	// Log, if not nil, is told from where a training goes on, which damaged files were passed over, and that it was begun on
	// another device or by another build.
	Log func(text string)
}

// ByLoss is the epoch's validation loss, or its training loss where there is no validation: a Best for [Checkpoint].
func ByLoss(e Epoch) float64 { return lossOf(e) }

const (
	checkpointPrefix = "step-"
	fileEnding       = ".safetensors"
	bestFile         = "best" + fileEnding
	lockFile         = "lock"
)

func (c *Config) checkCheckpoint() error {
	p := &c.Checkpoint
	if p.Dir == "" {
		if p.EverySteps != 0 || p.EveryEpochs != 0 || p.Keep != 0 || p.Resume || p.Best != nil {
			return errors.New("checkpoints: no Dir to keep them in")
		}
		return nil
	}
	if p.EverySteps < 0 || p.EveryEpochs < 0 || p.Keep < 0 {
		return fmt.Errorf("checkpoints: every %d steps, every %d epochs, %d kept: none can be negative", p.EverySteps, p.EveryEpochs, p.Keep)
	}
	met := map[string]bool{}
	for i, f := range c.Callbacks {
		if (f.Save == nil) != (f.Load == nil) || f.Save != nil && (f.Key == "" || strings.Contains(f.Key, "/")) {
			return fmt.Errorf("checkpoints: callback %d: Key, without a /, Save and Load go together", i)
		}
		if f.Save != nil && met[f.Key] {
			return fmt.Errorf("checkpoints: two callbacks have the Key %q", f.Key)
		}
		met[f.Key] = true
	}
	return nil
}

// A keeper writes a training's checkpoints. A nil one has none to write.
type keeper struct {
	Checkpoint
	t      *Trainer
	unlock func()
	saved  int64   // step of the last one; −1 for none
	best   float64 // score, if there is one
	scored bool
}

// keep opens the folder, and goes on from a checkpoint if that is wanted.
func (t *Trainer) keep() error {
	c := t.cfg.Checkpoint
	if c.Dir == "" {
		return nil
	}
	if c.EveryEpochs == 0 && c.EverySteps == 0 {
		c.EveryEpochs = 1
	}
	if c.Keep == 0 {
		c.Keep = 3
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	unlock, err := atomicfile.Lock(filepath.Join(c.Dir, lockFile))
	if err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	t.keeper = &keeper{Checkpoint: c, t: t, unlock: unlock, saved: -1}
	atomicfile.Clean(c.Dir, "")
	if err := t.keeper.resume(); err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	return nil
}

func (k *keeper) close() {
	if k != nil {
		k.unlock()
	}
}

// steps is how many to take at most, so that one ends where a checkpoint is due.
func (k *keeper) steps(most int) int {
	if k == nil || k.EverySteps == 0 {
		return most
	}
	return min(most, k.EverySteps-int(k.t.step%int64(k.EverySteps)))
}

// batch is called within epochs. An epoch's end is epoch's.
func (k *keeper) batch() error {
	if k == nil || k.t.batch == 0 || !k.stepDue() {
		return nil
	}
	return k.save()
}

func (k *keeper) stepDue() bool {
	every := int64(k.EverySteps)
	return every > 0 && k.t.step/every > max(k.saved, 0)/every
}

// epoch is called when an epoch has ended, its callbacks' work among it, which returned ended.
func (k *keeper) epoch(e Epoch, ended error) error {
	if k == nil {
		return ended
	}
	if k.Best != nil {
		if score := k.Best(e); !k.scored && score == score || score < k.best {
			if err := k.failed(k.saveBest()); err != nil {
				return worse(ended, err)
			}
			k.best, k.scored = score, true
		}
	}
	if ended != nil {
		return ended // last saves
	}
	if k.EveryEpochs > 0 && e.Number%k.EveryEpochs == 0 || k.stepDue() {
		return k.save()
	}
	return nil
}

// last is called at the end with the reason for it. After a failure of the device, and after a loss that is not finite, the
// model is not that of the step that is counted: the checkpoint before is what to go on from.
func (k *keeper) last(reason error) error {
	if k == nil || k.t.failed != nil || k.saved == k.t.step {
		return reason
	}
	if err := k.save(); err != nil {
		return worse(reason, err)
	}
	return reason
}

// worse adds an error to the reason that a training ends with, if there is one.
func worse(reason, err error) error {
	if reason == nil || errors.Is(reason, ErrStop) {
		return err
	}
	return errors.Join(reason, err)
}

func (k *keeper) save() error {
	path := filepath.Join(k.Dir, fmt.Sprintf("%s%012d%s", checkpointPrefix, k.t.step, fileEnding))
	if err := k.t.Save(path); err != nil {
		return k.failed(err)
	}
	k.saved = k.t.step
	return k.failed(k.prune())
}

// failed asks OnError whether the training goes on without what could not be written.
func (k *keeper) failed(err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("train: checkpoint of step %d: %w", k.t.step, err)
	if k.OnError != nil {
		return k.OnError(err)
	}
	return err
}

func (k *keeper) saveBest() error {
	path, meta := filepath.Join(k.Dir, bestFile), map[string]string{"train.step": fmt.Sprint(k.t.step)}
	if _, err := k.t.model.Architecture(); err != nil {
		return k.t.model.SaveWeights(path, meta)
	}
	return k.t.model.Save(path, meta)
}

// list are the folder's checkpoints, oldest first.
func (k *keeper) list() ([]string, error) {
	all, err := filepath.Glob(filepath.Join(globQuoted(k.Dir), checkpointPrefix+"????????????"+fileEnding))
	slices.Sort(all)
	return all, err
}

// globQuoted takes what is special in a pattern as it is.
func globQuoted(dir string) string {
	if filepath.Separator != '/' { // where a backslash cannot quote
		return dir
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

func (k *keeper) prune() error {
	all, err := k.list()
	if err != nil {
		return err
	}
	for _, old := range all[:max(0, len(all)-k.Keep)] {
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// extras is what the callbacks keep.
func (t *Trainer) extras(all nn.Extra) error {
	for _, c := range t.cfg.Callbacks {
		if c.Save == nil {
			continue
		}
		x, err := c.Save()
		if err != nil {
			return fmt.Errorf("callback %q: %w", c.Key, err)
		}
		prefix := callbackPrefix + c.Key + "/"
		all.Strings[prefix] = ""
		for name, s := range x.Strings {
			all.Strings[prefix+name] = s
		}
		for name, v := range x.Numbers {
			all.Numbers[prefix+name] = v
		}
	}
	return nil
}

// recall gives the callbacks what they kept.
func (t *Trainer) recall(all nn.Extra) error {
	for _, c := range t.cfg.Callbacks {
		prefix := callbackPrefix + c.Key + "/"
		if _, ok := all.Strings[prefix]; !ok || c.Load == nil {
			continue
		}
		x := nn.Extra{Strings: within(all.Strings, prefix), Numbers: within(all.Numbers, prefix)}
		if err := c.Load(x); err != nil {
			return fmt.Errorf("callback %q: %w", c.Key, err)
		}
	}
	return nil
}

const callbackPrefix = "callback/"

func within[V any](all map[string]V, prefix string) map[string]V {
	part := map[string]V{}
	for name := range maps.Keys(all) {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			part[rest] = all[name]
		}
	}
	return part
}
