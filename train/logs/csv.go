package logs

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/train"
)

// CSV writes a row for each epoch to a file, behind a row of the columns' names: Keras' CSVLogger. What is not known, as
// validation_loss without a validation set, is an empty field. Metrics of train.Config have columns like metric_f1_macro.
func CSV(path string, opts ...Option) train.Callback { return callback(&table{file{path: path}}, opts) }

type table struct{ file }

func (t *table) ready(l *log) error {
	if t.path == "" {
		return errors.New("CSV: no file is named")
	}
	if err := t.touch(); err != nil || !l.append {
		return err
	}
	return t.resume(func(first string) error {
		if want := strings.TrimSpace(t.header(l)); strings.TrimSpace(first) != want {
			return fmt.Errorf("%s has the columns %q, a log that goes on with it would have %q", t.path, first, want)
		}
		return nil
	})
}

func (t *table) write(l *log, r row) error {
	var values []string
	if l.looks {
		values = append(values, r.kind())
	}
	for _, f := range l.fields(r) {
		text := ""
		if f.known {
			text = strconv.FormatFloat(f.value, 'g', -1, 64)
			if f.value == float64(int64(f.value)) {
				text = strconv.FormatFloat(f.value, 'f', -1, 64) // a step of 1e+06 is none
			}
		}
		values = append(values, text)
	}
	text := line(values)
	if !t.started {
		text = t.header(l) + text
	}
	return t.add([]byte(text))
}

func (t *table) header(l *log) string {
	var names []string
	if l.looks {
		names = append(names, "kind")
	}
	for _, f := range l.fields(row{look: true}) {
		names = append(names, f.name)
	}
	return line(names)
}

// line is a line of CSV.
func line(fields []string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(fields) // to memory, which does not fail
	w.Flush()
	return b.String()
}
