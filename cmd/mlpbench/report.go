package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/bench/plot"
)

// report is where results go: to standard output or a file, line by line as text or in the end in another format.
type report struct {
	machine bench.Machine
	text    io.Writer // the report in text; discards for other formats
	notes   io.Writer // what is no result but worth knowing
	ticker  io.Writer // what is being done; discards where the text shows it as it comes
	results []bench.Result

	c    *config
	w    io.Writer
	out  sink         // standard output
	file *lateFile    // of -o
	kept bytes.Buffer // what finish writes to it
	plot *lateFile
}

// openReport finds out whether the files can be written before anything is measured. stop is called when nobody reads
// standard output any more.
func openReport(c *config, stdout, stderr io.Writer, stop func()) (_ *report, err error) {
	r := &report{machine: bench.ThisMachine(), c: c, out: sink{w: stdout, stopped: stop}, ticker: stderr}
	r.w = &r.out
	if c.out != "" {
		if r.file, err = openLate("-o", c.out); err != nil {
			return nil, err
		}
		r.w = &r.kept
	}
	if c.plot != "" {
		if r.plot, err = openLate("-plot", c.plot); err != nil {
			r.file.discard()
			return nil, err
		}
	}
	r.text, r.notes = r.w, r.w
	if formats[c.format] != nil {
		r.text, r.notes = io.Discard, stderr
	} else if r.file == nil {
		r.ticker = io.Discard
	}
	return r, nil
}

// add keeps results and reports whether one of them is a failure.
func (r *report) add(results ...bench.Result) (failed bool) {
	r.results = append(r.results, results...)
	for i := range results {
		failed = failed || results[i].Err != nil
	}
	return failed
}

// finish writes what is left.
func (r *report) finish() error {
	errs := []error{r.finishPlot()}
	if write := formats[r.c.format]; write != nil {
		errs = append(errs, write(r.w, r.machine, r.results))
	}
	if r.c.compare != "" && len(r.results) > 0 {
		fmt.Fprintln(r.notes)
		errs = append(errs, bench.WriteComparison(r.notes, r.c.compare, r.c.old, bench.Report{Machine: r.machine, Results: r.results}))
	}
	switch {
	case r.file == nil:
	case len(r.results) == 0: // which has a reason that is told elsewhere
		r.file.discard()
	default:
		errs = append(errs, r.file.write(r.kept.Bytes()))
	}
	return errors.Join(errs...)
}

// finishPlot draws what there is. Where there is nothing, the file stays as it was.
func (r *report) finishPlot() error {
	if r.plot == nil {
		return nil
	}
	if len(r.results) == 0 { // which has a reason that is told elsewhere
		r.plot.discard()
		return nil
	}
	format, err := plot.Format(r.c.plot)
	var b bytes.Buffer
	if err == nil {
		err = plot.Write(&b, format, r.machine, r.results)
	}
	if err != nil {
		r.plot.discard()
		return fmt.Errorf("-plot: %w", err)
	}
	return r.plot.write(b.Bytes())
}
