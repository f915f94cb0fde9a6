package tabular

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSV says how a file is to be read. The zero value finds everything out.
type CSV struct {
	Comma    rune            // between fields; 0 finds it out of , ; | and tab
	Decimal  rune            // of numbers, '.' or ','; 0 finds it out
	NoHeader bool            // the first line is a row: columns are called c1, c2, …
	Kinds    map[string]Kind // of columns by name, where they are known
	Missing  []string        // fields that stand for nothing; nil for "", NA, N/A, NaN, nan, null, NULL, None and ?
	Name     string          // the file's, for errors
}

// missing is what stands for nothing where nobody says.
var missing = []string{"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"}

// An Error says where in a file something is wrong. Line and column of the text count from 1.
type Error struct {
	File         string // "" where it has no name
	Line, Column int    // 0 where the whole file is meant, or the line
	Reason       string
}

func (e *Error) Error() string {
	s := e.File
	if s == "" {
		s = "csv"
	}
	if e.Line > 0 {
		s += fmt.Sprintf(":%d", e.Line)
	}
	if e.Line > 0 && e.Column > 0 {
		s += fmt.Sprintf(":%d", e.Column)
	}
	return s + ": " + e.Reason
}

// A Reader reads rows one by one.
type Reader struct {
	// Names and Kinds are the columns', as they were given or found out.
	Names []string
	Kinds []Kind

	// Numbers and Texts are the last row's: a number for each Number, a text for each Category; NaN and "" where nothing is.
	Numbers []float64
	Texts   []string

	c       CSV
	csv     *csv.Reader
	pending [][]string // rows that were read to find out
	places  []place    // of their fields
	row     int        // of pending
	late    error      // what came after them
	nothing [256]bool  // first bytes of what stands for nothing
	gone    []bool     // of the last row's fields: nothing is there
}

// place is where a field of a row begins.
type place struct {
	line    int
	columns []int
}

func (r *Reader) next() ([]string, error) {
	row, err := r.csv.Read()
	if err == nil || err == io.EOF {
		return row, err
	}
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return nil, &Error{File: r.c.Name, Reason: err.Error()}
	}
	e := &Error{r.c.Name, p.Line, p.Column, p.Err.Error()}
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		e.Line, _ = r.csv.FieldPos(0)
		e.Column, e.Reason = 0, fmt.Sprintf("%d fields; the lines before have %d", len(row), r.csv.FieldsPerRecord)
	case errors.Is(err, csv.ErrQuote):
		e.Reason = `a quoted field that does not end, or goes on behind its quote ("" stands for a quote inside one)`
	case errors.Is(err, csv.ErrBareQuote):
		e.Reason = `a quote inside a field that is not quoted`
	}
	return nil, e
}

// Next reads a row into Numbers and Texts. It returns io.EOF at the end, and an [Error] with line and column for what makes no sense.
func (r *Reader) Next() error {
	var row []string
	if r.row < len(r.pending) {
		row = r.pending[r.row]
		r.row++
	} else {
		if r.pending, r.places, r.row = nil, nil, 0; r.late != nil {
			return r.late
		}
		var err error
		if row, err = r.next(); err != nil {
			return err
		}
	}
	for i, field := range row {
		kind := r.Kinds[i]
		if kind == Ignore {
			continue
		}
		if field == "" || field[0] <= ' ' || field[0] >= utf8.RuneSelf || field[len(field)-1] <= ' ' || field[len(field)-1] >= utf8.RuneSelf {
			field = strings.TrimSpace(field)
		}
		r.gone[i] = (field == "" || r.nothing[field[0]]) && slices.Contains(r.c.Missing, field)
		switch {
		case r.gone[i]:
			r.Numbers[i], r.Texts[i] = math.NaN(), ""
		case kind == Number:
			v, ok := r.number(field)
			if !ok {
				return r.refuse(i, fmt.Sprintf("column %s: %q is no number. All %d rows before have numbers there, so it was taken for one: let Kinds say that it is a category, or Missing that this stands for nothing",
					r.Names[i], short(field), sampled))
			}
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return r.refuse(i, fmt.Sprintf("column %s: %s is not finite", r.Names[i], short(field)))
			}
			r.Numbers[i] = v
		default:
			if !utf8.ValidString(field) {
				return r.refuse(i, fmt.Sprintf("column %s: this is not UTF-8: save the file as UTF-8", r.Names[i]))
			}
			r.Texts[i] = field
		}
	}
	return nil
}

// Missing reports whether the last row has nothing in a column.
func (r *Reader) Missing(column int) bool { return r.gone[column] }

// refuse is an Error at a field of the last row.
func (r *Reader) refuse(i int, reason string) error {
	if r.row > 0 {
		p := r.places[r.row-1]
		return &Error{r.c.Name, p.line, p.columns[i], reason}
	}
	line, column := r.csv.FieldPos(i)
	return &Error{r.c.Name, line, column, reason}
}

// short is a field that an error can hold.
func short(field string) string {
	if len(field) > 40 {
		return strings.ToValidUTF8(field[:40], "") + "…"
	}
	return field
}

// number reads a number, whole ones of up to 15 digits without the library.
func (r *Reader) number(s string) (float64, bool) {
	if len(s) > 0 && len(s) <= 15 {
		n, i := 0, 0
		if s[0] == '-' {
			i = 1
		}
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			n = 10*n + int(s[i]-'0')
		}
		if i == len(s) && (s[0] != '-' || len(s) > 1) {
			if s[0] == '-' {
				return -float64(n), true
			}
			return float64(n), true
		}
	}
	if r.c.Decimal == ',' {
		if strings.Contains(s, ".") {
			return 0, false
		}
		s = strings.Replace(s, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return v, true
}

// list is some names for an error.
func list(names []string) string {
	const most = 20
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// number is the shortest text of v.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
