package train

import (
	"errors"

	"github.com/gloss-ml/gloss/nn"
)

// ErrStop is what a callback returns to end the training without an error.
var ErrStop = errors.New("train: stopped by a callback")

// A Callback is told how a training goes on. Every field may be nil. All are called on the goroutine of Fit; an error
// ends the training with it, [ErrStop] without one.
type Callback struct {
	Check func() error               // before anything is built; its error says which setting of the callback makes no sense
	Batch func(Batch) error          // after each look of the host at the losses, once every ReadEvery steps
	Epoch func(Epoch) error          // after each epoch, evaluation included
	End   func(h History, err error) // at the end, whatever the reason; err is what Fit returns

	// What a callback remembers is in every checkpoint under its Key, where there is one: Save says what that is, and Load
	// is given it when a training goes on, before anything else is called.
	Key  string
	Save func() (nn.Extra, error)
	Load func(nn.Extra) error
}

// Batch is how far an epoch has come.
type Batch struct {
	Epoch   Epoch // so far, Validation not yet among it
	Epochs  int   // that Fit was asked for
	Batches int   // of the whole epoch; Epoch.Steps of them are done
	Rows    int   // of the whole epoch; Epoch.Rows of them are done
}

func (c *Config) checkCallbacks() error {
	for i := range c.Callbacks {
		if f := c.Callbacks[i].Check; f != nil {
			if err := f(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Config) batchEnd(b Batch) error {
	for i := range c.Callbacks {
		if f := c.Callbacks[i].Batch; f != nil {
			if err := f(b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Config) epochEnd(e Epoch) error {
	for i := range c.Callbacks {
		if f := c.Callbacks[i].Epoch; f != nil {
			if err := f(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Config) end(h History, err error) {
	for i := range c.Callbacks {
		if f := c.Callbacks[i].End; f != nil {
			f(h, err)
		}
	}
}
