package tabular

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/internal/parallel"
)

// MetaKey is where a model's file has its Prep.
const MetaKey = "tabular"

// Meta is the Prep as a model file's metadata, for nn's Model.Save.
func (p *Prep) Meta() map[string]string {
	text, err := json.Marshal(p)
	if err != nil {
		panic("tabular: " + err.Error()) // NaN or Inf, which no column has
	}
	return map[string]string{MetaKey: string(text)}
}

// FromMeta is the Prep of a file's metadata, as nn.Load returns it.
func FromMeta(meta map[string]string) (*Prep, error) {
	text, ok := meta[MetaKey]
	if !ok {
		return nil, errors.New("tabular: the model was saved without its table's columns")
	}
	p := &Prep{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return nil, fmt.Errorf("tabular: the model's columns: %w", err)
	}
	return p, p.check()
}

// check finds what Fit would not have made.
func (p *Prep) check() error {
	for _, in := range p.Inputs {
		if in.Name == "" || in.Kind != Number && in.Kind != Category || !(math.Abs(in.Width) > 0) {
			return fmt.Errorf("tabular: the model's columns: %+v is none", in)
		}
	}
	if t := p.Target; t != nil && (t.Task == Classify && len(t.Classes) < 2 || t.Task == Regress && !(math.Abs(t.Width) > 0) || t.Task != Classify && t.Task != Regress) {
		return fmt.Errorf("tabular: the model's target: %+v is none", *t)
	}
	return nil
}

// A cell is a column of some row: a number, a text, or nothing.
type cell struct {
	text    string
	value   float64
	number  bool // value is there, and text is not
	missing bool
}

// label is the cell as a level or class is called.
func (c *cell) label() string {
	if c.number {
		return number(c.value)
	}
	return c.text
}

// put makes numbers and a code of a cell. dst is as long as the column takes.
func (in *Input) put(dst []float32, c cell) (code uint32, err error) {
	code = backend.NoRow
	if in.Kind == Category {
		place := -1
		if !c.missing {
			if i, ok := slices.BinarySearch(in.Levels, c.label()); ok {
				place = i
			}
		}
		switch in.Coding {
		case OneHot:
			clear(dst)
			if place >= 0 {
				dst[place] = 1
			}
		case Ordinal:
			v := in.Fill
			if place >= 0 {
				v = float64(place)
			}
			dst[0] = float32((v - in.Center) / in.Width)
		default:
			if place >= 0 {
				code = uint32(place)
			}
		}
		return code, nil
	}
	v := c.value
	switch {
	case c.missing && in.Fail:
		return code, fmt.Errorf("column %s: nothing is there", in.Name)
	case c.missing:
		v = in.Fill
	case !c.number:
		if v, err = strconv.ParseFloat(c.text, 64); err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return code, fmt.Errorf("column %s: %q is no number", in.Name, short(c.text))
		}
	}
	dst[0] = float32((v - in.Center) / in.Width)
	if in.Indicate {
		dst[1] = 0
		if c.missing {
			dst[1] = 1
		}
	}
	return code, nil
}

// row makes the inputs of a row, whose cells are asked for by the input's place.
func (p *Prep) row(x []float32, codes []uint32, at func(i int) cell) error {
	for i := range p.Inputs {
		in := &p.Inputs[i]
		n := in.cols()
		code, err := in.put(x[:n], at(i))
		if err != nil {
			return err
		}
		if x = x[n:]; in.Kind == Category && in.Coding == Embed {
			codes[0], codes = code, codes[1:]
		}
	}
	return nil
}

// Row makes the inputs of one row of texts by the columns' names, as a form or a JSON object has them: Cols numbers, and a
// code for each of Codes. A name that is not there, or an empty text, is nothing; names that are no inputs are passed over.
func (p *Prep) Row(fields map[string]string) (x []float32, codes []uint32, err error) {
	x, codes = make([]float32, p.Cols()), make([]uint32, len(p.Codes()))
	err = p.row(x, codes, func(i int) cell {
		text, ok := fields[p.Inputs[i].Name]
		return cell{text: text, missing: !ok || slices.Contains(missing, text)}
	})
	if err != nil {
		return nil, nil, fmt.Errorf("tabular: %w", err)
	}
	return x, codes, nil
}

// Table makes inputs and targets of the rows of those numbers, or of all where rows is nil. Columns are found by name, in
// whatever order; others are passed over. Without the target's column the table has inputs alone: for predictions. A row
// without a target, or of a class that was not there to be learned, is an error.
func (p *Prep) Table(f *Frame, rows []int) (data.Table, error) {
	columns := make([]*Column, len(p.Inputs))
	for i, in := range p.Inputs {
		if columns[i] = f.Column(in.Name); columns[i] == nil {
			return data.Table{}, fmt.Errorf("tabular: no column is called %q: there are %s", in.Name, list(f.Names()))
		}
	}
	rows = f.visited(rows)
	cols, each := p.Cols(), len(p.Codes())
	t := data.Table{X: make([]float32, len(rows)*cols), Cols: cols, Outputs: 1}
	if each > 0 {
		t.Codes, t.CodeCols = make([]uint32, len(rows)*each), each
	}
	type place struct{ x, code int }
	places := make([]place, len(p.Inputs))
	var at place
	for i := range p.Inputs {
		in := &p.Inputs[i]
		places[i] = at
		if at.x += in.cols(); in.Kind == Category && in.Coding == Embed {
			at.code++
		}
	}
	errs := make([]error, len(p.Inputs))
	parallel.Do(len(p.Inputs), func(i int) {
		in, at := &p.Inputs[i], places[i]
		for k, row := range rows {
			code, err := in.put(t.X[k*cols+at.x:][:in.cols()], columns[i].cell(row))
			if err != nil {
				errs[i] = fmt.Errorf("tabular: row %d: %w", row+1, err)
				return
			}
			if in.Coding == Embed {
				t.Codes[k*each+at.code] = code
			}
		}
	})
	if err := cmp.Or(errs...); err != nil {
		return data.Table{}, err
	}
	y := p.targets(f.Column)
	for _, row := range rows {
		if err := y.take(row); err != nil {
			return data.Table{}, fmt.Errorf("tabular: row %d: %w", row+1, err)
		}
	}
	t.Labels, t.Values, t.Weights = y.labels, y.values, y.weights
	return t, nil
}

// cell is row i of a column.
func (c *Column) cell(i int) cell {
	if c.Kind == Number {
		v := c.Numbers[i]
		if math.IsNaN(v) {
			return cell{missing: true}
		}
		return cell{value: v, number: true}
	}
	if c.Codes[i] < 0 {
		return cell{missing: true}
	}
	return cell{text: c.Levels[c.Codes[i]]}
}

// targets collects what rows are paired with.
type targets struct {
	p       *Prep
	y, w    *Column
	class   map[string]uint32
	labels  []uint32
	values  []float32
	weights []float32
}

func (p *Prep) targets(column func(string) *Column) *targets {
	s := &targets{p: p, class: map[string]uint32{}}
	if p.Target != nil {
		s.y = column(p.Target.Name)
		for i, name := range p.Target.Classes {
			s.class[name] = uint32(i)
		}
	}
	if p.Weights != "" && s.y != nil {
		s.w = column(p.Weights)
	}
	return s
}

func (s *targets) take(row int) error {
	if s.y == nil {
		return nil
	}
	if err := s.target(s.y.cell(row)); err != nil {
		return err
	}
	if s.w == nil {
		return nil
	}
	return s.weight(s.w.cell(row))
}

func (s *targets) target(c cell) error {
	t := s.p.Target
	switch {
	case c.missing:
		return fmt.Errorf("column %s, the target: nothing is there", t.Name)
	case t.Task == Classify:
		i, ok := s.class[c.label()]
		if !ok {
			return fmt.Errorf("column %s, the target: %q is not among the classes that were learned, %s", t.Name, short(c.label()), list(t.Classes))
		}
		s.labels = append(s.labels, i)
	case !c.number:
		return fmt.Errorf("column %s, the target: %q is no number", t.Name, short(c.text))
	default:
		s.values = append(s.values, float32((c.value-t.Center)/t.Width))
	}
	return nil
}

func (s *targets) weight(c cell) error {
	if c.missing || !c.number || c.value < 0 {
		return fmt.Errorf("column %s, the weights: %q is no number from 0 on", s.p.Weights, short(c.label()))
	}
	s.weights = append(s.weights, float32(c.value))
	return nil
}

// Value turns a regression's output into the target's own units.
func (o *Output) Value(y float32) float64 { return float64(y)*o.Width + o.Center }
