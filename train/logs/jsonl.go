package logs

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/train"
)

// JSONL writes an object for each epoch to a file, a line each, with the names that [CSV] has for its columns. What is not
// known is left out; NaN and Inf, of which JSON knows nothing, are null.
func JSONL(path string, opts ...Option) train.Callback {
	return callback(&objects{file{path: path}}, opts)
}

type objects struct{ file }

func (o *objects) ready(l *log) error {
	if o.path == "" {
		return errors.New("JSONL: no file is named")
	}
	if err := o.touch(); err != nil || !l.append {
		return err
	}
	return o.resume(func(first string) error {
		if !isRow(first) {
			return fmt.Errorf("%s is no log to go on with: its first line is no JSON object with an epoch", o.path)
		}
		return nil
	})
}

func isRow(line string) bool {
	var r struct{ Epoch *float64 }
	return json.Unmarshal([]byte(line), &r) == nil && r.Epoch != nil
}

func (o *objects) write(l *log, r row) error {
	text := []byte{'{'}
	member := func(name string, value any) {
		if len(text) > 1 {
			text = append(text, ',')
		}
		k, _ := json.Marshal(name) // texts and finite numbers always can be
		v, _ := json.Marshal(value)
		text = append(append(append(text, k...), ':'), v...)
	}
	if l.looks {
		member("kind", r.kind())
	}
	for _, f := range l.fields(r) {
		switch {
		case !f.known:
		case math.IsNaN(f.value) || math.IsInf(f.value, 0):
			member(f.name, nil)
		default:
			member(f.name, f.value)
		}
	}
	return o.add(append(text, '}', '\n'))
}
