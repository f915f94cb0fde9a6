package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/digits"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

// A problem is data in the host's memory, and what is to be learned of it.
type problem struct {
	inputs  int
	codes   []int // levels of the columns that are embedded
	outputs int
	loss    nn.Loss
	prep    *tabular.Prep // of tables
	images  *data.Images  // those that nothing is learned from, to be shown
	look    *look         // of images
	rows    [2]int        // to learn from, and to score by
	close   func() error  // gives back what lies on the disk; may be nil
	sets    func(dev backend.Backend) (train, valid *data.Set, err error)
}

// tableOptions are what a file of rows is read by.
type tableOptions struct {
	Target, Weights, Drop, Task, Comma string
	Holdout                            float64
	NoHeader                           bool
	Stream                             bool
}

// csv is how the file is read.
func (o *tableOptions) csv(path string) (c tabular.CSV, err error) {
	c = tabular.CSV{NoHeader: o.NoHeader, Name: path}
	switch o.Comma {
	case "":
	case "tab", `\t`, "\t":
		c.Comma = '\t'
	default:
		r := []rune(o.Comma)
		if len(r) != 1 {
			return c, usagef("-comma %q: one character, or tab", o.Comma)
		}
		c.Comma = r[0]
	}
	return c, nil
}

// recipe is what is made of the columns.
func (o *tableOptions) recipe() (r tabular.Recipe, err error) {
	r = tabular.Recipe{Target: o.Target, Weights: o.Weights, Columns: map[string]tabular.ColumnRecipe{}}
	for name := range strings.SplitSeq(o.Drop, ",") {
		if name != "" {
			r.Drop = append(r.Drop, name)
		}
	}
	switch o.Task {
	case "":
	case "classify":
		r.Task = tabular.Classify
	case "regress":
		r.Task = tabular.Regress
	default:
		return r, usagef("-task %q: classify or regress", o.Task)
	}
	return r, nil
}

// readFrame reads a file, or standard input for "-".
func readFrame(path string, o tableOptions, std stdio) (*tabular.Frame, error) {
	c, err := o.csv(path)
	if err != nil {
		return nil, err
	}
	var in io.Reader = std.in
	if path == "-" {
		c.Name = "standard input"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return tabular.Read(in, c)
}

// manyLevels is from where on a category's levels are learned as vectors instead of a column each.
const manyLevels = 32

// tableProblem reads a table and says what it takes it for.
func tableProblem(path string, o tableOptions, seed uint64, std stdio) (*problem, error) {
	f, err := readFrame(path, o, std)
	if err != nil {
		return nil, err
	}
	names := f.Names()
	if o.Target == "" {
		o.Target = names[len(names)-1]
		std.say("target: %s, the last column (-target names another)", o.Target)
	}
	r, err := o.recipe()
	if err != nil {
		return nil, err
	}
	for _, c := range f.Columns {
		if c.Kind == tabular.Category && len(c.Levels) > manyLevels && c.Name != o.Target {
			r.Columns[c.Name] = tabular.ColumnRecipe{Coding: tabular.Embed}
		}
	}
	learn, rest, err := split(f, r, o.Holdout, seed)
	if err != nil {
		return nil, err
	}
	prep, err := r.Fit(f, learn)
	if err != nil {
		return nil, err
	}
	p := prepared(prep, len(learn), len(rest), std)
	p.sets = func(dev backend.Backend) (train, valid *data.Set, err error) {
		for i, rows := range [][]int{learn, rest} {
			if len(rows) == 0 {
				continue
			}
			t, err := prep.Table(f, rows)
			if err != nil {
				return nil, nil, err
			}
			set, err := data.FromTable(dev, t)
			if err != nil {
				return nil, nil, err
			}
			if i == 0 {
				train = set
			} else {
				valid = set
			}
		}
		return train, valid, nil
	}
	return p, nil
}

// prepared is the problem of a table, and says what it is.
func prepared(prep *tabular.Prep, learn, rest int, std stdio) *problem {
	p := &problem{inputs: prep.Cols(), codes: prep.Codes(), prep: prep, outputs: 1, loss: nn.MSE(), rows: [2]int{learn, rest}}
	std.say("inputs: %d numbers of %d columns: %s", p.inputs, len(prep.Inputs), some(prep.Names()))
	if n := len(p.codes); n > 0 {
		std.say("embedded: %d columns of more than %d levels, as vectors", n, manyLevels)
	}
	if t := prep.Target; t.Task == tabular.Classify {
		p.outputs, p.loss = len(t.Classes), nn.CrossEntropy()
		std.say("task: classification of %s into %d classes: %s", t.Name, len(t.Classes), some(t.Classes))
	} else {
		std.say("task: regression of %s (mean %.4g, standard deviation %.4g)", t.Name, t.Center, t.Width)
	}
	std.say("rows: %d to learn from, %d held out to score by", learn, rest)
	return p
}

// split holds rows out, of each class its share where there are classes.
func split(f *tabular.Frame, r tabular.Recipe, holdout float64, seed uint64) (learn, rest []int, err error) {
	if !(holdout >= 0 && holdout < 1) {
		return nil, nil, usagef("-holdout %v: a share of the rows from 0 to below 1", holdout)
	}
	if holdout == 0 {
		for i := range f.Len() {
			learn = append(learn, i)
		}
		return learn, nil, nil
	}
	whole, err := r.Fit(f, nil)
	if err != nil {
		return nil, nil, err
	}
	if whole.Target.Task == tabular.Classify {
		t, err := (&tabular.Prep{Target: whole.Target}).Table(f, nil) // the labels alone
		if err != nil {
			return nil, nil, err
		}
		if learn, rest, err = data.SplitStratified(t.Labels, 1-holdout, seed); err == nil {
			return learn, rest, nil
		}
	}
	return data.SplitShuffled(f.Len(), 1-holdout, seed)
}

// some is the beginning of a list.
func some(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

// imageProblem is for images of some classes.
func imageProblem(train, valid data.Images, classes []string) *problem {
	return &problem{inputs: train.Cols(), outputs: len(classes), loss: nn.CrossEntropy(), images: &valid, rows: [2]int{len(train.Labels), len(valid.Labels)},
		look: &look{train.Height, train.Width, train.Channels == 3, classes},
		sets: func(dev backend.Backend) (a, b *data.Set, err error) {
			if a, err = data.FromImages(dev, train); err == nil {
				b, err = data.FromImages(dev, valid)
			}
			return a, b, err
		}}
}

func mnistProblem(dir string, std stdio) (*problem, error) {
	m, err := data.LoadMNIST(dir)
	if err != nil {
		return nil, err
	}
	std.say("task: MNIST's digits, %d images to learn from, %d to score by", len(m.Train.Labels), len(m.Test.Labels))
	return imageProblem(m.Train, m.Test, tenDigits), nil
}

func digitsProblem(seed uint64, std stdio) *problem {
	const n, held = 10_000, 2000
	std.say("data: none was named, so %d digits are drawn to learn from, and %d others to score by (mlp train -h says how to name a file)", n, held)
	return imageProblem(digits.Generate(n, seed+1), digits.Generate(held, seed+1_000_003), tenDigits)
}
