package main

import (
	"io"
	"os"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/tabular"
)

// streamProblem is tableProblem of a file that may be larger than memory: its rows go to the disk as numbers, and to the device
// as they are needed.
func streamProblem(path string, o tableOptions, seed uint64, std stdio) (*problem, error) {
	if path == "-" {
		return nil, usagef("-stream reads a file twice: standard input is none")
	}
	if o.Target == "" {
		return nil, usagef("-stream wants -target")
	}
	if !(o.Holdout >= 0 && o.Holdout < 1) {
		return nil, usagef("-holdout %v: a share of the rows from 0 to below 1", o.Holdout)
	}
	c, err := o.csv(path)
	if err != nil {
		return nil, err
	}
	r, err := o.recipe()
	if err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return os.Open(path) }
	conv, err := tabular.Convert(open, tabular.Conversion{CSV: c, Recipe: r, Holdout: o.Holdout, Seed: seed})
	if err != nil {
		return nil, err
	}
	rest := 0
	if conv.Holdout != nil {
		rest = conv.Holdout.Len()
	}
	p := prepared(conv.Prep, conv.Train.Len(), rest, std)
	p.close = conv.Close
	p.sets = func(dev backend.Backend) (train, valid *data.Set, err error) {
		if train, err = data.Stream(dev, conv.Train, conv.Train.Target); err == nil && conv.Holdout != nil {
			valid, err = data.Stream(dev, conv.Holdout, conv.Holdout.Target)
		}
		return train, valid, err
	}
	return p, nil
}
