package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/bench/plot"
)

// formats write a report when all is measured. Text, which has nil, comes line by line.
var formats = map[string]func(io.Writer, bench.Machine, []bench.Result) error{
	"text": nil, "json": bench.WriteJSON, "csv": bench.WriteCSV, "gobench": bench.WriteGoBench,
}

func (c *config) outputFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.format, "format", "text", "text, json, csv, or gobench for benchstat")
	fs.StringVar(&c.out, "o", "", "write the report to `FILE`")
	fs.StringVar(&c.plot, "plot", "", "also draw a bar chart, to a `FILE` that ends in .svg or .png")
	fs.StringVar(&c.compare, "compare", "", "compare with the report `OLD.json`, made by -format json -o OLD.json;\nunless others are chosen, its workloads are measured")
}

// checkOutput finds before anything is measured what would be an error afterwards.
func (c *config) checkOutput() error {
	if _, ok := formats[c.format]; !ok {
		return fmt.Errorf("-format %q: want text, json, csv or gobench", c.format)
	}
	if c.plot != "" {
		if _, err := plot.Format(c.plot); err != nil {
			return fmt.Errorf("-plot: %w", err)
		}
		if filepath.Clean(c.plot) == filepath.Clean(c.out) {
			return fmt.Errorf("-plot and -o are both %s", c.out)
		}
	}
	if c.compare == "" {
		return nil
	}
	f, err := os.Open(c.compare)
	if err != nil {
		return fmt.Errorf("-compare: %w", err)
	}
	defer f.Close()
	if c.old, err = bench.ReadJSON(f); err != nil {
		return fmt.Errorf("-compare: %s: %w", c.compare, err)
	}
	return nil
}

// sameAsBefore are the workloads of the report to compare with.
func (c *config) sameAsBefore() (all []bench.Workload, err error) {
	seen := map[string]bool{}
	for _, r := range c.old.Results {
		if seen[r.Workload] {
			continue
		}
		seen[r.Workload] = true
		// What cannot be measured by its name alone, as MNIST, is listed as missing in the end.
		if w, err := bench.Parse(r.Workload); err == nil {
			all = append(all, w)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("-compare: %s holds %s: choose by -run, -net, -gemm or -mnist what to measure",
			c.compare, strings.Join(slices.Sorted(maps.Keys(seen)), ", "))
	}
	return all, nil
}

// A lateFile is found to be writable before anything is measured, and keeps what it holds until it is written.
type lateFile struct {
	flag string
	f    *os.File
	made bool // by us
}

func openLate(flag, name string) (*lateFile, error) {
	_, err := os.Lstat(name)
	made := os.IsNotExist(err)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: want a file that can be written, in a folder that is there", flag, err)
	}
	return &lateFile{flag, f, made}, nil
}

// write replaces what the file holds.
func (l *lateFile) write(content []byte) error {
	defer l.f.Close()
	// What is no regular file, a terminal or a pipe, need not be cut.
	if info, err := l.f.Stat(); err == nil && info.Mode().IsRegular() {
		if err := l.f.Truncate(0); err != nil {
			return fmt.Errorf("%s: %w", l.flag, err)
		}
	}
	if _, err := l.f.Write(content); err != nil {
		return fmt.Errorf("%s: %w", l.flag, err)
	}
	if err := l.f.Close(); err != nil {
		return fmt.Errorf("%s: %w", l.flag, err)
	}
	return nil
}

// discard leaves things as they were.
func (l *lateFile) discard() {
	if l == nil {
		return
	}
	l.f.Close()
	if l.made {
		os.Remove(l.f.Name())
	}
}

// sink passes on what is written until something goes wrong, keeps the first error and says so: there is no use in
// measuring for a pipe that nobody reads or a disk that is full.
type sink struct {
	w       io.Writer
	err     error
	stopped func()
}

func (s *sink) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	var n int
	if n, s.err = s.w.Write(p); s.err != nil && s.stopped != nil {
		s.stopped()
	}
	return n, s.err
}
