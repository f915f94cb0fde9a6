package tabular

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Read reads a whole file into memory: a number takes 8 bytes and a text 4, whatever they take in the file, and up to as much again
// while it grows. [Convert] needs no memory for the rows.
func Read(r io.Reader, c CSV) (*Frame, error) {
	rd, err := NewReader(r, c)
	if err != nil {
		return nil, err
	}
	f := &Frame{Columns: make([]Column, len(rd.Names))}
	codes := make([]map[string]int32, len(rd.Names))
	for i, name := range rd.Names {
		f.Columns[i] = Column{Name: name, Kind: rd.Kinds[i]}
		codes[i] = map[string]int32{}
	}
	for {
		if err := rd.Next(); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		f.rows++
		for i := range f.Columns {
			c := &f.Columns[i]
			switch c.Kind {
			case Number:
				c.Numbers = append(c.Numbers, rd.Numbers[i])
			case Category:
				c.Codes = append(c.Codes, c.code(codes[i], rd.Texts[i], rd.Missing(i)))
			}
		}
	}
	f.Columns = slices.DeleteFunc(f.Columns, func(c Column) bool { return c.Kind == Ignore })
	return f, nil
}

// code is the place of a text among the levels, where it is put if it is new.
func (c *Column) code(known map[string]int32, text string, missing bool) int32 {
	if missing {
		return -1
	}
	code, ok := known[text]
	if !ok {
		code = int32(len(c.Levels))
		text = strings.Clone(text) // not the whole line
		known[text] = code
		c.Levels = append(c.Levels, text)
	}
	return code
}

// ReadFile is Read of a file, whose name its errors have.
func ReadFile(path string, c CSV) (*Frame, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("tabular: %w", err)
	}
	defer f.Close()
	if c.Name == "" {
		c.Name = path
	}
	return Read(f, c)
}
