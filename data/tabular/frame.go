// Package tabular makes networks' inputs of tables: CSV files with numbers and categories, names and gaps.
//
//	frame, err := tabular.ReadFile("iris.csv", tabular.CSV{})
//	prep, err := tabular.Recipe{Target: "species"}.Fit(frame, trainRows)   // what is learned from the training part alone
//	table, err := prep.Table(frame, trainRows)                             // a data.Table: standardised, one-hot, without gaps
//	model.Save("iris.safetensors", prep.Meta())                            // and kept inside the model's file
//
// Whoever loads the file gets the [Prep] back by [FromMeta] and gives it raw rows. Files larger than memory are converted
// once to rows on the disk, and streamed from there: see [Convert].
package tabular

import (
	"fmt"
	"math"
	"slices"
)

// Kind is what a column holds.
type Kind int

const (
	Auto     Kind = iota // to be found out: numbers where everything is one, else a category
	Number               // float64, NaN where nothing is
	Category             // one of a few texts
	Ignore               // not read
)

func (k Kind) String() string {
	if k < 0 || k > Ignore {
		return fmt.Sprintf("Kind(%d)", int(k))
	}
	return [...]string{"auto", "number", "category", "ignore"}[k]
}

// A Frame is a table in memory, column by column.
type Frame struct {
	Columns []Column
	rows    int
}

// A Column has as many values as the frame has rows.
type Column struct {
	Name    string
	Kind    Kind
	Numbers []float64 // of a Number; NaN where nothing is
	Codes   []int32   // of a Category: places in Levels, −1 where nothing is
	Levels  []string  // in the order in which they came
}

// NewFrame makes a frame of columns that were read elsewhere. The error names one whose length, kind or codes are not right.
func NewFrame(columns ...Column) (*Frame, error) {
	f := &Frame{Columns: columns}
	for i, c := range columns {
		n := len(c.Numbers)
		if c.Kind == Category {
			n = len(c.Codes)
		}
		switch {
		case c.Kind != Number && c.Kind != Category, c.Kind == Number && c.Codes != nil, c.Kind == Category && c.Numbers != nil:
			return nil, fmt.Errorf("tabular: column %s: a %v with %d numbers and %d codes", c.Name, c.Kind, len(c.Numbers), len(c.Codes))
		case i > 0 && n != f.rows:
			return nil, fmt.Errorf("tabular: column %s has %d rows, those before it %d", c.Name, n, f.rows)
		case c.Name == "" || slices.Index(f.Names(), c.Name) != i:
			return nil, fmt.Errorf("tabular: column %d is called %q: names have to be there, and different", i+1, c.Name)
		case slices.ContainsFunc(c.Codes, func(code int32) bool { return code < -1 || int(code) >= len(c.Levels) }):
			return nil, fmt.Errorf("tabular: column %s: a code that is none of its %d levels", c.Name, len(c.Levels))
		case slices.ContainsFunc(c.Numbers, func(v float64) bool { return math.IsInf(v, 0) }):
			return nil, fmt.Errorf("tabular: column %s: a number that is not finite", c.Name)
		}
		f.rows = n
	}
	return f, nil
}

// Len is the number of rows.
func (f *Frame) Len() int { return f.rows }

// Column is the column of that name, nil if there is none.
func (f *Frame) Column(name string) *Column {
	i := slices.IndexFunc(f.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &f.Columns[i]
}

// Names are the columns' names, in order.
func (f *Frame) Names() []string {
	var names []string
	for _, c := range f.Columns {
		names = append(names, c.Name)
	}
	return names
}

// Missing is how many values of a column are not there.
func (c *Column) Missing() int {
	n := 0
	for _, v := range c.Numbers {
		if math.IsNaN(v) {
			n++
		}
	}
	for _, code := range c.Codes {
		if code < 0 {
			n++
		}
	}
	return n
}

// Text is the value of row i as it would stand in a file, "" where nothing is.
func (c *Column) Text(i int) string {
	switch {
	case c.Kind == Number && !math.IsNaN(c.Numbers[i]):
		return number(c.Numbers[i])
	case c.Kind == Category && c.Codes[i] >= 0:
		return c.Levels[c.Codes[i]]
	}
	return ""
}
