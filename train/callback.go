package train

import (
	"errors"

	"github.com/gloss-ml/gloss/nn"
)

// ErrStop is what a callback returns to end the training without an error: it, an error that wraps it, or [Stop] with a
// reason.
var ErrStop = errors.New("train: stopped by a callback")

// Stop is an [ErrStop] with its reason, which Progress prints and [Training.Stopped] returns.
func Stop(reason string) error { return stop(reason) }

type stop string

func (s stop) Error() string        { return string(s) }
func (s stop) Is(target error) bool { return target == ErrStop }

// A Callback is told how a training goes on. Every field may be nil. All are called on the goroutine of Fit, while no step
// runs: they may read and change the model, the optimizer's rate and schedule, and their own state.
//
// Fit calls Check; Begin; then for each epoch EpochBegin, Batch once or more, Epoch; and End once for each Begin. Each
// event reaches the callbacks in the order of Config.Callbacks, and all of them, also after one has returned an error, so
// that what watches the epochs sees each of those in the history. The training then ends with the first error; without one,
// and with what was finished, where all were [ErrStop].
type Callback struct {
	// Check is called before anything is built; its error says which setting of the callback makes no sense. There is no End.
	Check func() error
	// Begin is called when everything is built and nothing is trained yet, with what will be.
	Begin func(*Training) error
	// EpochBegin is called before an epoch, with its Number, and how far it had come where a training goes on in the middle of
	// one. Minimize does not call it.
	EpochBegin func(Epoch) error
	// Batch is called after each look of the host at the losses, once every ReadEvery steps. After its error at an epoch's last
	// look the epoch is neither evaluated nor part of the history; where Fit goes on from a checkpoint of it, it is both.
	Batch func(Batch) error
	// Epoch is called after each epoch, evaluation included, when it is part of the history.
	Epoch func(Epoch) error
	// End is called at the end, whatever the reason; err is what Fit returns.
	End func(h History, err error)

	// What a callback remembers is in every checkpoint under its Key, where there is one: Save says what that is, and Load is
	// given it when a training goes on, after Check and before Begin. Save is called between Begin and End, after the other
	// hooks of an epoch or a look; of a [Trainer] without Fit, also where there is no Begin.
	Key  string
	Save func() (nn.Extra, error)
	Load func(nn.Extra) error
}

// Batch is how far an epoch has come.
type Batch struct {
	Epoch    Epoch // so far, Validation not yet among it
	Epochs   int   // that Fit was asked for
	Batches  int   // of the whole epoch; Epoch.Steps of them are done
	Rows     int   // of the whole epoch; Epoch.Rows of them are done
	Training *Training
}

// all tells every callback, and returns the first error, ErrStop only where there is no other.
func (c *Config) all(tell func(*Callback) error) (first error) {
	for i := range c.Callbacks {
		err := tell(&c.Callbacks[i])
		if err != nil && (first == nil || errors.Is(first, ErrStop) && !errors.Is(err, ErrStop)) {
			first = err
		}
	}
	return first
}

// told calls a hook that may be nil.
func told[T any](hook func(T) error, with T) error {
	if hook == nil {
		return nil
	}
	return hook(with)
}

func (c *Config) checkCallbacks() error {
	return c.all(func(f *Callback) error {
		if f.Check == nil {
			return nil
		}
		return f.Check()
	})
}

func (c *Config) begin(t *Training) error {
	return c.all(func(f *Callback) error { return told(f.Begin, t) })
}

func (c *Config) epochBegin(e Epoch) error {
	return c.all(func(f *Callback) error { return told(f.EpochBegin, e) })
}

func (c *Config) batchEnd(b Batch) error {
	return c.all(func(f *Callback) error { return told(f.Batch, b) })
}

func (c *Config) epochEnd(e Epoch) error {
	return c.all(func(f *Callback) error { return told(f.Epoch, e) })
}

func (c *Config) end(h History, err error) {
	for i := range c.Callbacks {
		if f := c.Callbacks[i].End; f != nil {
			f(h, err)
		}
	}
}
