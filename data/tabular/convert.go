package tabular

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
)

// Conversion says how [Convert] goes about it.
type Conversion struct {
	CSV     CSV
	Recipe  Recipe
	Holdout float64 // share of the rows that nothing is learned from, drawn row by row from Seed; 0 to 1
	Seed    uint64
	Dir     string // of the converted rows' files; "" for the system's folder of temporary files
}

// Converted is a table as rows on the disk: those to learn from, and those that were held out.
type Converted struct {
	Prep           *Prep
	Train, Holdout *Part // Holdout is nil where there is none
}

// Part is rows in a file, as [data.Stream] takes them, with their targets in memory.
type Part struct {
	data.Rows
	Target data.Target
	file   *os.File
}

// sample is how many numbers of a column Convert keeps for its median and quartiles, samples how many of all together.
const (
	sample  = 100_000
	samples = 8 << 20
)

// Convert reads a file that may be larger than memory, twice: once to learn what [Recipe.Fit] learns, from the rows that are not held
// out, and once to write the inputs, as they go to the device, to temporary files, which Close removes. Memory holds the targets, the
// codes for embeddings and a sample of up to 100,000 numbers of each column, which medians and quartiles come from. open is called once
// for each reading.
func Convert(open func() (io.ReadCloser, error), c Conversion) (*Converted, error) {
	switch {
	case !(c.Holdout >= 0 && c.Holdout < 1):
		return nil, fmt.Errorf("tabular: %v of the rows are to be held out: a share from 0 to below 1 can be", c.Holdout)
	case c.Recipe.Target == "":
		return nil, errors.New("tabular: a conversion needs a target")
	}
	prep, n, err := learn(open, &c)
	if err != nil {
		return nil, err
	}
	out := &Converted{Prep: prep}
	if err := out.write(open, &c, n); err != nil {
		out.Close()
		return nil, err
	}
	return out, nil
}

// Close removes the rows from the disk. What they were streamed to has to be done with them.
func (c *Converted) Close() error {
	var errs []error
	for _, p := range []*Part{c.Train, c.Holdout} {
		if p != nil {
			errs = append(errs, p.file.Close(), os.Remove(p.file.Name()))
		}
	}
	return errors.Join(errs...)
}

// held reports whether a row is held out: a function of its number and the seed.
func (c *Conversion) held(row int) bool {
	if c.Holdout == 0 {
		return false
	}
	const stream = 0x686f6c64 // not any other's draws
	bits := backend.Bits([4]uint32{uint32(c.Seed), uint32(c.Seed >> 32), 0, 0}, stream, uint64(row))
	return float64(bits)/(1<<32) < c.Holdout
}

// reading opens the file and reads its rows.
func reading(open func() (io.ReadCloser, error), c CSV, begin func(*Reader) error, each func(r *Reader, row int) error) error {
	f, err := open()
	if err != nil {
		return fmt.Errorf("tabular: %w", err)
	}
	defer f.Close()
	r, err := NewReader(f, c)
	if err != nil {
		return err
	}
	if err := begin(r); err != nil {
		return err
	}
	for row := 0; ; row++ {
		if err := r.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := each(r, row); err != nil {
			return err
		}
	}
}

// learn makes the Prep, and counts the rows of the two parts.
func learn(open func() (io.ReadCloser, error), c *Conversion) (p *Prep, n [2]int, err error) {
	var all []*stats
	err = reading(open, c.CSV, func(r *Reader) error {
		for i, name := range r.Names {
			all = append(all, newStats(name, r.Kinds[i], min(sample, samples/len(r.Names)), name == c.Recipe.Target))
		}
		return nil
	}, func(r *Reader, row int) error {
		if c.held(row) {
			n[1]++
			return nil
		}
		n[0]++
		for i, s := range all {
			switch s.kind {
			case Number:
				s.number(r.Numbers[i])
			case Category:
				s.text(r.Texts[i], r.Missing(i))
			}
		}
		return nil
	})
	if err != nil {
		return nil, n, err
	}
	if n[0] > 0 { // an ignored column has counted none
		for _, s := range all {
			s.rows = n[0]
		}
	}
	p, err = c.Recipe.fit(all)
	return p, n, err
}

// write makes the parts.
func (out *Converted) write(open func() (io.ReadCloser, error), c *Conversion, n [2]int) (err error) {
	p := out.Prep
	cols := p.Cols()
	if cols == 0 {
		return errors.New("tabular: all columns are embedded, and a stream needs numbers: read the file as a Frame")
	}
	var parts [2]*writer
	for k := range parts {
		if n[k] == 0 {
			continue
		}
		if parts[k], err = newWriter(p, c.Dir); err != nil {
			return err
		}
		part := &Part{file: parts[k].file}
		if k == 0 {
			out.Train = part
		} else {
			out.Holdout = part
		}
	}
	var inputs []int // places of the inputs' columns in the reader
	var target, weight int
	err = reading(open, c.CSV, func(r *Reader) error {
		place := map[string]int{}
		for i, name := range r.Names {
			place[name] = i
		}
		for _, in := range p.Inputs {
			inputs = append(inputs, place[in.Name])
		}
		target, weight = place[p.Target.Name], place[p.Weights]
		return nil
	}, func(r *Reader, row int) error {
		w := parts[0]
		if c.held(row) {
			w = parts[1]
		}
		if w == nil {
			return errors.New("tabular: the file has changed between two readings")
		}
		at, err := w.write(r, inputs, target, weight)
		if err != nil {
			return r.refuse(at, err.Error())
		}
		return nil
	})
	for k, part := range []*Part{out.Train, out.Holdout} {
		if err == nil && part != nil {
			err = part.finish(parts[k], n[k], cols)
		}
	}
	return err
}

// writer puts rows into a file.
type writer struct {
	p     *Prep
	file  *os.File
	to    *bufio.Writer
	y     *targets
	x     []float32
	codes []uint32
	all   []uint32
	raw   []byte
	n     int
}

func newWriter(p *Prep, dir string) (*writer, error) {
	f, err := os.CreateTemp(dir, "gloss-rows-*.f32")
	if err != nil {
		return nil, fmt.Errorf("tabular: %w", err)
	}
	return &writer{p: p, file: f, to: bufio.NewWriterSize(f, 1<<20), y: p.targets(func(string) *Column { return nil }),
		x: make([]float32, p.Cols()), codes: make([]uint32, len(p.Codes())), raw: make([]byte, 4*p.Cols())}, nil
}

// write adds the reader's row. With an error it says in which column.
func (w *writer) write(r *Reader, inputs []int, target, weight int) (at int, err error) {
	err = w.p.row(w.x, w.codes, func(i int) cell {
		at = inputs[i]
		return r.cell(at)
	})
	if err != nil {
		return at, err
	}
	if err := w.y.target(r.cell(target)); err != nil {
		return target, err
	}
	if w.p.Weights != "" {
		if err := w.y.weight(r.cell(weight)); err != nil {
			return weight, err
		}
	}
	w.all = append(w.all, w.codes...)
	for i, v := range w.x {
		binary.LittleEndian.PutUint32(w.raw[4*i:], math.Float32bits(v))
	}
	w.n++
	_, err = w.to.Write(w.raw)
	return 0, err
}

// cell is the last row's in a column.
func (r *Reader) cell(i int) cell {
	c := cell{missing: r.gone[i]}
	switch {
	case c.missing:
	case r.Kinds[i] == Number:
		c.value, c.number = r.Numbers[i], true
	default:
		c.text = r.Texts[i]
	}
	return c
}

// finish makes rows of what was written.
func (part *Part) finish(w *writer, n, cols int) (err error) {
	if w.n != n {
		return errors.New("tabular: the file has changed between two readings")
	}
	if err := w.to.Flush(); err != nil {
		return fmt.Errorf("tabular: writing the rows: %w", err)
	}
	if part.Rows, err = data.FileRows(part.file, 0, backend.F32, n, cols); err != nil {
		return err
	}
	t := data.Table{Labels: w.y.labels, Values: w.y.values, Weights: w.y.weights, Outputs: 1}
	if len(w.codes) > 0 {
		t.Codes, t.CodeCols = w.all, len(w.codes)
	}
	part.Target = t.Target()
	return nil
}
