package tabular

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gloss-ml/gloss/internal/parallel"
)

// Scale is how numbers are brought to one size.
type Scale int

const (
	DefaultScale Scale = iota // what the Recipe says; there Standardise
	Standardise               // (x − mean) / standard deviation, of the population, as scikit-learn's StandardScaler
	MinMax                    // (x − least) / (most − least): 0 to 1
	Robust                    // (x − median) / (third quartile − first): outliers do not count
	AsIs
)

// Coding is what becomes of categories.
type Coding int

const (
	DefaultCoding Coding = iota // what the Recipe says; there OneHot
	OneHot                      // a column for each level, 1 where the row has it; all 0 for a level that was never seen, or none
	Ordinal                     // one column: the level's place in the sorted order, scaled as numbers are
	Embed                       // a code for the model's embeddings (nn.Embeddings), beside the numbers
)

// Impute is what stands for a number that is not there.
type Impute int

const (
	DefaultImpute Impute = iota // what the Recipe says; there Median
	Median
	Mean
	Zero // before scaling
	Fail // an error
)

// Task is what is to be predicted.
type Task int

const (
	FindTask Task = iota // Classify a category, or at most 20 whole numbers; Regress others
	Classify
	Regress
)

func (t Task) String() string { return [...]string{"found out", "classification", "regression"}[t] }

// maxClasses is the number of whole numbers up to which they are taken for classes.
const maxClasses = 20

// A Recipe says what a network's inputs are made of. The zero value standardises all numbers, has a column for each level of
// all categories, and predicts nothing.
type Recipe struct {
	Target  string // the column to predict; "" for none
	Task    Task
	Weights string   // the column of the rows' weights in the loss; "" for none
	Drop    []string // columns that are no inputs

	Scale     Scale
	Coding    Coding
	Impute    Impute
	Indicate  bool                    // numbers with gaps get a second column, 1 where there was one
	Columns   map[string]ColumnRecipe // where columns differ from that
	RawTarget bool                    // numbers to predict are left as they are, else they are standardised
}

// A ColumnRecipe is a column's own way.
type ColumnRecipe struct {
	Scale  Scale
	Coding Coding
	Impute Impute
}

// Prep makes inputs and targets of rows, in the way that was learned by [Recipe.Fit]. It does not change, may be used from any
// goroutine, and is kept in a model's file by [Prep.Meta].
type Prep struct {
	Inputs  []Input
	Target  *Output `json:",omitempty"` // nil where nothing is predicted
	Weights string  `json:",omitempty"`
}

// An Input is a column and what becomes of it.
type Input struct {
	Name   string
	Kind   Kind
	Coding Coding `json:",omitempty"`

	Levels []string `json:",omitempty"` // of a category, sorted

	Center, Width float64 // x becomes (x − Center) / Width
	Fill          float64 // what stands for nothing, before that
	Fail          bool    `json:",omitempty"` // nothing is an error
	Indicate      bool    `json:",omitempty"`
}

// An Output is the column that is predicted.
type Output struct {
	Name          string
	Task          Task
	Classes       []string `json:",omitempty"` // of a classification: the labels' names, in order
	Center, Width float64  `json:",omitempty"` // of a regression: y was made (y − Center) / Width
}

// cols is the number of columns that it becomes, codes apart.
func (in *Input) cols() int {
	n := 1
	switch {
	case in.Kind == Category && in.Coding == OneHot:
		n = len(in.Levels)
	case in.Kind == Category && in.Coding == Embed:
		n = 0
	}
	if in.Indicate {
		n++
	}
	return n
}

// Cols is the number of numbers that a row becomes, which is the model's inputs.
func (p *Prep) Cols() int {
	n := 0
	for i := range p.Inputs {
		n += p.Inputs[i].cols()
	}
	return n
}

// Codes is the number of levels of each column that is embedded, in order: what nn.Embeddings wants.
func (p *Prep) Codes() []int {
	var levels []int
	for i := range p.Inputs {
		if in := &p.Inputs[i]; in.Kind == Category && in.Coding == Embed {
			levels = append(levels, len(in.Levels))
		}
	}
	return levels
}

// Names are what the Cols numbers are: "width", "color=red", "age is missing".
func (p *Prep) Names() []string {
	var names []string
	for _, in := range p.Inputs {
		switch {
		case in.Kind == Category && in.Coding == OneHot:
			for _, l := range in.Levels {
				names = append(names, in.Name+"="+l)
			}
		case in.Kind == Category && in.Coding == Embed:
		default:
			names = append(names, in.Name)
		}
		if in.Indicate {
			names = append(names, in.Name+" is missing")
		}
	}
	return names
}

// Fit learns from the rows of those numbers, or from all where rows is nil: means and quartiles, levels and classes. What is
// to be scored later must not be among them. The error names a column.
func (r Recipe) Fit(f *Frame, rows []int) (*Prep, error) {
	all := make([]*stats, len(f.Columns))
	rows = f.visited(rows)
	parallel.Do(len(f.Columns), func(i int) {
		c := &f.Columns[i]
		s := newStats(c.Name, c.Kind, math.MaxInt, c.Name == r.Target)
		for _, row := range rows {
			if c.Kind == Number {
				s.number(c.Numbers[row])
			} else {
				s.text(c.Text(row), c.Codes[row] < 0)
			}
		}
		all[i] = s
	})
	return r.fit(all)
}

// visited are the rows, all of them where rows is nil.
func (f *Frame) visited(rows []int) []int {
	if rows == nil {
		rows = make([]int, f.rows)
		for i := range rows {
			rows[i] = i
		}
	}
	return rows
}

// fit makes a Prep of what is known of the columns.
func (r *Recipe) fit(all []*stats) (*Prep, error) {
	if err := r.check(all); err != nil {
		return nil, err
	}
	p := &Prep{Weights: r.Weights}
	for _, s := range all {
		switch {
		case s.name == r.Target:
			out, err := r.output(s)
			if err != nil {
				return nil, err
			}
			p.Target = out
		case s.name == r.Weights:
			if s.kind != Number {
				return nil, fmt.Errorf("tabular: column %s: weights have to be numbers", s.name)
			}
		case s.kind == Ignore || slices.Contains(r.Drop, s.name):
		default:
			p.Inputs = append(p.Inputs, r.input(s))
		}
	}
	if p.Cols() == 0 && len(p.Codes()) == 0 {
		return nil, fmt.Errorf("tabular: no column is left for the inputs")
	}
	return p, nil
}

func (r *Recipe) check(all []*stats) error {
	var names []string
	for _, s := range all {
		names = append(names, s.name)
	}
	asked := slices.Clone(r.Drop)
	for name := range r.Columns {
		asked = append(asked, name)
	}
	slices.Sort(asked)
	for _, name := range append([]string{r.Target, r.Weights}, asked...) {
		if name != "" && !slices.Contains(names, name) {
			return fmt.Errorf("tabular: no column is called %q: there are %s", name, list(names))
		}
	}
	if len(all) == 0 || all[0].rows == 0 {
		return fmt.Errorf("tabular: there are no rows to learn from")
	}
	return nil
}

// first is the first that is not 0.
func first[T ~int](v ...T) T {
	for _, x := range v {
		if x != 0 {
			return x
		}
	}
	return 0
}

func (r *Recipe) input(s *stats) Input {
	own := r.Columns[s.name]
	in := Input{Name: s.name, Kind: s.kind, Width: 1}
	scale := first(own.Scale, r.Scale, Standardise)
	if s.kind == Category {
		in.Coding = first(own.Coding, r.Coding, OneHot)
		in.Levels = s.levels()
		if in.Coding == Ordinal {
			places := newStats(s.name, Number, math.MaxInt, false)
			for place, l := range in.Levels {
				for range s.counts[l] {
					places.number(float64(place))
				}
			}
			in.Center, in.Width = places.scale(scale)
			in.Fill = in.Center
		}
		return in
	}
	switch first(own.Impute, r.Impute, Median) {
	case Median:
		in.Fill = s.quantile(0.5)
	case Mean:
		in.Fill = s.mean
	case Fail:
		in.Fail = true
	}
	in.Center, in.Width = s.scale(scale)
	in.Indicate = r.Indicate && s.missing > 0
	return in
}

func (r *Recipe) output(s *stats) (*Output, error) {
	out := &Output{Name: s.name, Task: r.Task}
	if s.n == 0 && s.kind == Number || s.kind == Category && len(s.counts) == 0 {
		return nil, fmt.Errorf("tabular: column %s: nothing is in it that could be predicted", s.name)
	}
	if out.Task == FindTask {
		out.Task = Regress
		if s.kind == Category || s.whole && !s.crowded && len(s.counts) <= maxClasses {
			out.Task = Classify
		}
	}
	if out.Task == Regress {
		if s.kind != Number {
			return nil, fmt.Errorf("tabular: column %s: a regression needs numbers, and these are %d texts as %q", s.name, len(s.counts), short(s.levels()[0]))
		}
		out.Width = 1
		if !r.RawTarget {
			out.Center, out.Width = s.scale(Standardise)
		}
		return out, nil
	}
	if s.kind == Number && s.crowded {
		return nil, fmt.Errorf("tabular: column %s: more than %d different numbers are too many for classes", s.name, maxCounted)
	}
	if out.Classes = s.levels(); s.kind == Number {
		slices.SortFunc(out.Classes, func(a, b string) int {
			x, _ := strconv.ParseFloat(a, 64)
			y, _ := strconv.ParseFloat(b, 64)
			return int(math.Copysign(1, x-y))
		})
	}
	if len(out.Classes) < 2 {
		return nil, fmt.Errorf("tabular: column %s: all rows have %q; two classes are the least", s.name, out.Classes[0])
	}
	return out, nil
}
