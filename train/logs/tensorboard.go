package logs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TensorBoard writes an event file to a folder, which it makes where it is not there: curves over the training's steps, of
// the tags loss/train, loss/validation, accuracy/train, accuracy/validation, learning_rate, samples_per_second, those of
// [Number] and, for train.Config's metrics, metrics/f1_macro and so on; with [EveryLook] also look/loss and look/accuracy; with [Histograms] weights/0.weight, gradients/0.weight and
// so on. TensorBoard shows the runs of all folders below the one that it is given:
//
//	tensorboard --logdir runs
func TensorBoard(dir string, opts ...Option) train.Callback {
	return callback(&board{dir: dir, now: time.Now}, opts)
}

type board struct {
	dir string
	now func() time.Time
	file
}

func (b *board) ready(l *log) error {
	if b.dir == "" {
		return errors.New("TensorBoard: no folder is named")
	}
	if err := os.MkdirAll(b.dir, 0o777); err != nil {
		return err
	}
	if err := b.create(); err != nil {
		return err
	}
	b.started = true
	first := record(event{time: b.now(), version: "brain.Event:2"}.encode())
	if t := l.training.Trainer; t != nil && t.Step() > 0 {
		first = append(first, record(event{time: b.now(), step: t.Step() + 1, restart: true}.encode())...)
	}
	return b.add(first)
}

// create makes a file of a name of its own: TensorBoard wants tfevents in it, and reads the files of a folder in the order
// of their names, so the time comes first.
func (b *board) create() error {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	name := fmt.Sprintf("events.out.tfevents.%010d.%s", b.now().Unix(), strings.ReplaceAll(host, string(filepath.Separator), "_"))
	for i := 0; ; i++ {
		if b.path = filepath.Join(b.dir, name); i > 0 {
			b.path += fmt.Sprintf(".%d", i)
		}
		h, err := os.OpenFile(b.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		switch {
		case err == nil:
			return h.Close()
		case !errors.Is(err, fs.ErrExist):
			return err
		}
	}
}

func (b *board) write(l *log, r row) error {
	e := event{time: b.now(), step: r.step}
	for _, f := range l.fields(r) {
		if tag := tagOf(f.name, r.look); f.known && tag != "" {
			e.scalars = append(e.scalars, scalar{tag, float32(f.value)})
		}
	}
	if l.histograms && !r.look && (r.Number-1)%l.every == 0 {
		var err error
		if e.histograms, err = histogramsOf(l.training); err != nil {
			return err
		}
	}
	return b.add(record(e.encode()))
}

// tagOf is the name of a curve, "" for what is none.
func tagOf(name string, look bool) string {
	switch name {
	case "epoch", "step", "rows", "seconds":
		return ""
	case "loss", "accuracy":
		if look {
			return "look/" + name
		}
		return name + "/train"
	case "validation_loss", "validation_accuracy":
		return strings.TrimPrefix(name, "validation_") + "/validation"
	}
	if look {
		return ""
	}
	if of, is := strings.CutPrefix(name, metric); is {
		return "metrics/" + of
	}
	return name
}

// histogramsOf reads the parameters and their gradients.
func histogramsOf(t *train.Training) (out []histogram, err error) {
	weights, err := t.Model.Weights()
	if err != nil {
		return nil, err
	}
	gradients, err := t.Trainer.Gradients()
	if err != nil {
		return nil, err
	}
	for _, of := range []struct {
		what   string
		values []float32
	}{{"weights", weights}, {"gradients", gradients}} {
		for _, p := range t.Model.Params() {
			out = append(out, histogram{of.what + "/" + p.Name, first(&of.values, p)})
		}
	}
	return out, nil
}

// first takes a parameter's values off the front of all.
func first(all *[]float32, p nn.Param) (values []float32) {
	n := p.Rows * p.Cols
	values, *all = (*all)[:n], (*all)[n:]
	return values
}
