package tabular

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// sampled is how many rows kinds and separators are found out by.
const sampled = 1000

// sniffed is how many bytes are looked at for that.
const sniffed = 1 << 20

// maxColumns is the most that a file may have: each takes hundreds of bytes beside its values, and one of the file's.
const maxColumns = 1 << 16

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
		if len(row) > maxColumns {
			line, _ := r.csv.FieldPos(0)
			return &Error{r.c.Name, line, 0, fmt.Sprintf("%d fields; %d are the most: is %q what stands between them?", len(row), maxColumns, r.c.Comma)}
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
	taken := map[string]bool{}
	for i, name := range row {
		line, column := r.csv.FieldPos(i)
		name = strings.TrimSpace(name)
		if name == "" {
			name = fmt.Sprintf("c%d", i+1)
		}
		if !utf8.ValidString(name) {
			return &Error{r.c.Name, line, column, "this is not UTF-8: save the file as UTF-8"}
		}
		if taken[name] {
			return &Error{r.c.Name, line, column, fmt.Sprintf("a second column is called %q", name)}
		}
		if _, err := strconv.ParseFloat(name, 64); err == nil {
			numbers++
		}
		taken[name] = true
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
