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
