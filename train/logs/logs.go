// Package logs writes how a training goes to files, as callbacks of train.Fit: [CSV] and [JSONL], a row for each epoch,
// and [TensorBoard]. Rows are written whole and at once, so that a reader sees no half of one while the training runs.
package logs

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// An Option is a setting of a log.
type Option func(*log)

// Append goes on with a file that is there, as a training that is resumed does; a last row that was cut off is dropped, and
// where a training goes on from a checkpoint, the rows that were written after it: they will be written again. A file of other
// columns is an error. Without it the file starts anew with the first row. TensorBoard knows no other way: each training has an
// event file of its own in the folder, and one that goes on from a checkpoint says which steps of older files do not count.
func Append() Option { return func(l *log) { l.append = true } }

// EveryLook adds a row after each look of the host at the losses, every train.Config.ReadEvery steps. Its loss and its
// accuracy are those of the epoch so far. Rows get a column more, "kind", which tells "look" from "epoch".
func EveryLook() Option { return func(l *log) { l.looks = true } }

// Number adds a number of the user's own to each epoch's row.
func Number(name string, of func(train.Epoch) float64) Option {
	return func(l *log) { l.numbers = append(l.numbers, number{name, of}) }
}

// GoOn has the training go on when a row could not be written; failed is told each time why, unless it is nil. Without it
// the training ends with that error. What is wrong before the first step ends it anyway.
func GoOn(failed func(error)) Option {
	return func(l *log) { l.goOn, l.failed = true, failed }
}

// Histograms adds histograms of each parameter and of its gradient at the epoch's last step to [TensorBoard], after the
// first epoch and then every so many epochs. Both are read from the device.
func Histograms(every int) Option {
	return func(l *log) { l.histograms, l.every = true, every }
}

type number struct {
	name string
	of   func(train.Epoch) float64
}

// A sink is where rows go.
type sink interface {
	// ready makes what is written to, before the first step, or says what is wrong with it.
	ready(l *log) error
	write(l *log, r row) error
}

// A keeper is a sink that knows how much of it a checkpoint has seen.
type keeper interface {
	key() string
	save() (nn.Extra, error)
	load(nn.Extra) error
}

// A log hands the rows of a training to a sink.
type log struct {
	sink
	append, looks, goOn, histograms bool
	every                           int // epochs between histograms
	numbers                         []number
	failed                          func(error)

	training *train.Training
	metrics  []string // of the validation set
	rate     float64  // at the last look, for callbacks may have changed it by the epoch's end; NaN where there is none
}

// A row is what is known after an epoch, or at a look in it.
type row struct {
	train.Epoch
	look, labels bool  // labels: there is an accuracy
	step         int64 // of the training, those done
	rate         float64
}

func callback(s sink, opts []Option) train.Callback {
	l := &log{sink: s}
	for _, o := range opts {
		if o != nil {
			o(l)
		}
	}
	c := train.Callback{Check: l.check, Begin: l.begin, Batch: l.batch, Epoch: l.epoch}
	if k, ok := s.(keeper); ok && l.append {
		c.Key, c.Save, c.Load = k.key(), k.save, k.load
	}
	return c
}

func (l *log) check() error {
	names := slices.Clone(columns)
	for _, n := range l.numbers {
		switch {
		case n.of == nil:
			return fmt.Errorf("logs: Number(%q): no function that tells it", n.name)
		case n.name == "" || strings.ContainsFunc(n.name, unicode.IsControl):
			return fmt.Errorf("logs: Number(%q): a name of printable characters is needed", n.name)
		case slices.Contains(names, n.name):
			return fmt.Errorf("logs: Number(%q): there is a number of that name", n.name)
		}
		names = append(names, n.name)
	}
	_, board := l.sink.(*board)
	switch {
	case l.histograms && !board:
		return errors.New("logs: Histograms are for TensorBoard")
	case l.histograms && l.every < 1:
		return fmt.Errorf("logs: Histograms every %d epochs: at least 1 is needed", l.every)
	}
	return nil
}

func (l *log) begin(t *train.Training) error {
	l.training, l.metrics, l.rate = t, nil, math.NaN()
	for _, m := range t.Metrics {
		l.metrics = append(l.metrics, m.String())
	}
	for _, n := range l.numbers {
		if name, is := strings.CutPrefix(n.name, metric); is && slices.Contains(l.metrics, name) {
			return fmt.Errorf("logs: Number(%q): there is a metric of that name", n.name)
		}
	}
	if l.histograms && t.Trainer == nil {
		return errors.New("logs: Histograms are for Fit: Minimize has no gradients of a step")
	}
	if err := l.ready(l); err != nil {
		return fmt.Errorf("logs: %w", err)
	}
	return nil
}

func (l *log) batch(b train.Batch) error {
	if l.training == nil {
		return nil // a Trainer without Fit tells no callback of its epochs, either
	}
	if t := l.training.Trainer; t != nil {
		l.rate = t.Rate()
	}
	if l.looks {
		return l.row(row{Epoch: b.Epoch, look: true})
	}
	return nil
}

func (l *log) epoch(e train.Epoch) error { return l.row(row{Epoch: e}) }

func (l *log) row(r row) error {
	labels, _ := l.training.Set.Target()
	r.step, r.rate, r.labels = int64(r.Number), l.rate, labels > 0
	if t := l.training.Trainer; t != nil { // else it is Minimize, whose epochs are steps
		r.step = t.Step()
	}
	err := l.write(l, r)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("logs: epoch %d: %w", r.Number, err)
	if !l.goOn {
		return err
	}
	if l.failed != nil {
		l.failed(err)
	}
	return nil
}

// A field is a named number of a row.
type field struct {
	name  string
	value float64
	known bool
}

// columns are the names of fields.
var columns = []string{"kind", "epoch", "step", "rows", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate", "seconds", "samples_per_second"}

// metric is what the names of metrics have in front.
const metric = "metric_"

// fields are a row's numbers, always as many and in this order.
func (l *log) fields(r row) []field {
	v, scored := r.Validation, r.Validation.Rows > 0
	out := []field{
		{"epoch", float64(r.Number), true}, {"step", float64(r.step), true}, {"rows", float64(r.Rows), true},
		{"loss", r.Loss, true}, {"accuracy", r.Accuracy, r.labels},
		{"validation_loss", v.Loss, scored}, {"validation_accuracy", v.Accuracy, scored && r.labels},
		{"learning_rate", r.rate, !math.IsNaN(r.rate)},
		{"seconds", r.Time.Seconds(), true}, {"samples_per_second", r.SamplesPerSecond(), true},
	}
	for _, name := range l.metrics {
		value, known := r.Metrics.Get(name)
		out = append(out, field{metric + name, value, known})
	}
	for _, n := range l.numbers {
		f := field{name: n.name, known: !r.look}
		if f.known {
			f.value = n.of(r.Epoch)
		}
		out = append(out, f)
	}
	return out
}

// kind is a row's, where rows have more than one.
func (r row) kind() string {
	if r.look {
		return "look"
	}
	return "epoch"
}
