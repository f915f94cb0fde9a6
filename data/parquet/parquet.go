// Package parquet reads tables in the Parquet format. It is a module of its own: the format's compressions and encodings are
// parquet-go's, whose dependencies gloss does not have. Read files that you trust: a file that was made to do harm can have its
// decoders take all memory.
package parquet

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/gloss-ml/gloss/data/tabular"
)

// ReadFile is Read of a file, whose name its errors have.
func ReadFile(path string, columns ...string) (*tabular.Frame, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	frame, err := Read(f, info.Size(), columns...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return frame, nil
}

// Read reads a table of flat columns, or those of the names alone that are given: numbers, booleans as 0 and 1, and dates and times as their
// files count them, become Number, texts Category; what is null is missing. Lists, maps and groups are errors that name the column. A
// number that is not finite is missing too.
func Read(r io.ReaderAt, size int64, columns ...string) (frame *tabular.Frame, err error) {
	defer func() { // parquet-go has panics for files that are damaged
		if p := recover(); p != nil {
			frame, err = nil, fmt.Errorf("parquet: the file is damaged: %v", p)
		}
	}()
	f, err := parquet.OpenFile(r, size)
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	var all []tabular.Column
	var names []string
	for i, path := range f.Schema().Columns() {
		name := strings.Join(path, ".")
		names = append(names, name)
		if len(columns) > 0 && !slices.Contains(columns, name) {
			continue
		}
		leaf, _ := f.Schema().Lookup(path...)
		if len(path) > 1 || leaf.Node.Repeated() {
			return nil, fmt.Errorf("parquet: column %s lies in a group or a list: flat columns can be read", name)
		}
		c, err := column(f, i, name, leaf.Node.Type().Kind())
		if err != nil {
			return nil, fmt.Errorf("parquet: column %s: %w", name, err)
		}
		all = append(all, *c)
	}
	for _, want := range columns {
		if !slices.Contains(names, want) {
			return nil, fmt.Errorf("parquet: no column is called %q: there are %s", want, strings.Join(names, ", "))
		}
	}
	return tabular.NewFrame(all...)
}

// column reads one from all row groups.
func column(f *parquet.File, place int, name string, kind parquet.Kind) (*tabular.Column, error) {
	c := &tabular.Column{Name: name, Kind: tabular.Number}
	codes := map[string]int32{}
	switch kind {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		c.Kind = tabular.Category
	case parquet.Int96:
		return nil, errors.New("a number of 96 bits: write times as INT64")
	}
	buf := make([]parquet.Value, 1024)
	for _, group := range f.RowGroups() {
		if err := pages(group.ColumnChunks()[place], buf, func(v parquet.Value) { add(c, codes, v) }); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func pages(chunk parquet.ColumnChunk, buf []parquet.Value, each func(parquet.Value)) error {
	pages := chunk.Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		values := page.Values()
		for {
			n, err := values.ReadValues(buf)
			for _, v := range buf[:n] {
				each(v)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		parquet.Release(page)
	}
}

func add(c *tabular.Column, codes map[string]int32, v parquet.Value) {
	if c.Kind == tabular.Category {
		code := int32(-1)
		if !v.IsNull() {
			text := string(v.ByteArray())
			known, ok := codes[text]
			if !ok {
				known = int32(len(c.Levels))
				codes[text] = known
				c.Levels = append(c.Levels, text)
			}
			code = known
		}
		c.Codes = append(c.Codes, code)
		return
	}
	x := number(v)
	if math.IsInf(x, 0) {
		x = math.NaN()
	}
	c.Numbers = append(c.Numbers, x)
}

func number(v parquet.Value) float64 {
	if v.IsNull() {
		return math.NaN()
	}
	switch v.Kind() {
	case parquet.Boolean:
		if v.Boolean() {
			return 1
		}
		return 0
	case parquet.Int32:
		return float64(v.Int32())
	case parquet.Int64:
		return float64(v.Int64())
	case parquet.Float:
		return float64(v.Float())
	}
	return v.Double()
}
