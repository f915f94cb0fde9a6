package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/gloss-ml/gloss/bench"
)

// report is where results go: to standard output or a file, as text or as JSON.
type report struct {
	machine bench.Machine
	text    io.Writer // the report in text; discards for JSON
	notes   io.Writer // what is no result but worth knowing
	ticker  io.Writer // what is being done; discards where the text shows it as it comes
	results []bench.Result

	json bool
	w    io.Writer
	file *os.File     // with -o
	kept bytes.Buffer // what finish writes to it
}

// openReport finds out whether the file can be written before anything is measured. The file keeps what it holds
// until finish.
func openReport(c *config, stdout, stderr io.Writer) (*report, error) {
	r := &report{machine: bench.ThisMachine(), json: c.format == "json", w: stdout, ticker: stderr}
	if c.out != "" {
		var err error
		if r.file, err = os.OpenFile(c.out, os.O_WRONLY|os.O_CREATE, 0o666); err != nil {
			return nil, fmt.Errorf("-o: %w", err)
		}
		r.w = &r.kept
	}
	r.text, r.notes = r.w, r.w
	if r.json {
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
	if r.json {
		if err := bench.WriteJSON(r.w, r.machine, r.results); err != nil {
			return err
		}
	}
	if r.file == nil {
		return nil
	}
	defer r.file.Close()
	// What is no regular file, a terminal or a pipe, need not be cut.
	if info, err := r.file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := r.file.Truncate(0); err != nil {
			return fmt.Errorf("-o: %w", err)
		}
	}
	if _, err := r.file.Write(r.kept.Bytes()); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	return r.file.Close()
}
