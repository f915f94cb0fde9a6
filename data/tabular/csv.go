package tabular

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
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

// sampled is how many rows kinds and separators are found out by.
const sampled = 1000

// sniffed is how many bytes are looked at for that.
const sniffed = 1 << 20

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

// NewReader looks at the beginning of the file.
func NewReader(r io.Reader, c CSV) (*Reader, error) {
	if c.Missing == nil {
		c.Missing = missing
	}
	b := bufio.NewReaderSize(r, sniffed)
	head, err := b.Peek(sniffed)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, &Error{File: c.Name, Reason: err.Error()}
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		b.Discard(3)
		head = head[3:]
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, &Error{File: c.Name, Reason: "this is UTF-16; save it as UTF-8"}
	case bytes.IndexByte(head, 0) >= 0:
		return nil, &Error{File: c.Name, Reason: "there are zero bytes in it: this is no text"}
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, &Error{File: c.Name, Reason: "the file is empty"}
	}
	if c.Comma == 0 {
		c.Comma = separator(head)
	}
	if c.Comma == c.Decimal || c.Decimal != 0 && c.Decimal != '.' && c.Decimal != ',' {
		return nil, &Error{File: c.Name, Reason: fmt.Sprintf("numbers with %q between fields with %q", c.Decimal, c.Comma)}
	}
	rd := &Reader{c: c, csv: csv.NewReader(b)}
	for _, m := range c.Missing {
		if m != "" {
			rd.nothing[m[0]] = true
		}
	}
	rd.csv.Comma, rd.csv.ReuseRecord = c.Comma, false
	if err := rd.begin(); err != nil {
		return nil, err
	}
	rd.csv.ReuseRecord = true
	return rd, nil
}

// separator is the one of the usual ones that cuts the first lines into the most fields, as many in each.
func separator(head []byte) rune {
	best, most := ',', 1
	for _, comma := range []rune{',', ';', '\t', '|'} {
		r := csv.NewReader(bytes.NewReader(head))
		r.Comma, r.FieldsPerRecord = comma, 0 // as many as the first
		n := 0
		for range 20 {
			row, err := r.Read()
			if err == io.EOF || errors.Is(err, csv.ErrQuote) && len(head) == sniffed {
				break
			}
			if err != nil {
				n = 0
				break
			}
			n = len(row)
		}
		if n > most {
			best, most = comma, n
		}
	}
	return best
}

// begin reads the header and the rows that kinds are found out by.
func (r *Reader) begin() error {
	for len(r.pending) < sampled {
		row, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			if len(r.pending) > 0 {
				r.late = err // in its turn
				break
			}
			return err
		}
		if r.Names == nil && !r.c.NoHeader {
			if err := r.header(row); err != nil {
				return err
			}
			continue
		}
		if r.Names == nil {
			for i := range row {
				r.Names = append(r.Names, fmt.Sprintf("c%d", i+1))
			}
		}
		p := place{columns: make([]int, len(row))}
		for i := range row {
			p.line, p.columns[i] = r.csv.FieldPos(i)
		}
		p.line, _ = r.csv.FieldPos(0)
		r.pending, r.places = append(r.pending, row), append(r.places, p)
	}
	for name := range r.c.Kinds {
		if !slices.Contains(r.Names, name) {
			return &Error{File: r.c.Name, Reason: fmt.Sprintf("no column is called %q: there are %s", name, list(r.Names))}
		}
	}
	if r.c.Decimal == 0 {
		r.c.Decimal = r.decimal()
	}
	for i, name := range r.Names {
		k := r.c.Kinds[name]
		if k == Auto {
			k = r.kind(i)
		}
		r.Kinds = append(r.Kinds, k)
	}
	r.Numbers, r.Texts, r.gone = make([]float64, len(r.Names)), make([]string, len(r.Names)), make([]bool, len(r.Names))
	return nil
}

func (r *Reader) header(row []string) error {
	numbers := 0
	for i, name := range row {
		line, column := r.csv.FieldPos(i)
		name = strings.TrimSpace(name)
		if name == "" {
			name = fmt.Sprintf("c%d", i+1)
		}
		if !utf8.ValidString(name) {
			return &Error{r.c.Name, line, column, "this is not UTF-8: save the file as UTF-8"}
		}
		if slices.Contains(r.Names, name) {
			return &Error{r.c.Name, line, column, fmt.Sprintf("a second column is called %q", name)}
		}
		if _, err := strconv.ParseFloat(name, 64); err == nil {
			numbers++
		}
		r.Names = append(r.Names, name)
	}
	if numbers == len(row) {
		line, _ := r.csv.FieldPos(0)
		return &Error{r.c.Name, line, 0, "numbers where the columns' names are to be: a file without a header is read with NoHeader"}
	}
	return nil
}

// decimal is ',' where sampled numbers have one and none has a point.
func (r *Reader) decimal() rune {
	if r.c.Comma == ',' {
		return '.'
	}
	commas, points := 0, 0
	for _, row := range r.pending {
		for _, field := range row {
			field = strings.TrimSpace(field)
			if _, err := strconv.ParseFloat(strings.Replace(field, ",", ".", 1), 64); err != nil {
				continue
			}
			if strings.Contains(field, ",") {
				commas++
			} else if strings.Contains(field, ".") {
				points++
			}
		}
	}
	if commas > 0 && points == 0 {
		return ','
	}
	return '.'
}

// kind is Number where every sampled field of a column that is there is one.
func (r *Reader) kind(i int) Kind {
	there := false
	for _, row := range r.pending {
		field := strings.TrimSpace(row[i])
		if slices.Contains(r.c.Missing, field) {
			continue
		}
		if _, ok := r.number(field); !ok {
			return Category
		}
		there = true
	}
	if !there {
		return Category // of one level, none
	}
	return Number
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

// Read reads a whole file into memory.
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
