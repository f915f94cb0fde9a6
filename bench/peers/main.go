// Command peers puts gloss' CPU side by side with other libraries in one run: OpenBLAS, oneDNN and gonum at products,
// PyTorch, scikit-learn and FANN at training steps, memcpy at what moves memory. bench/peers/run builds and starts it.
//
// Every peer is a process of its own that measures when it is asked to and stands still otherwise. A round asks each in
// turn for a short slot, so that what else happens on the machine meets all of them; a ratio is of two times of one round.
// Before that each peer's results are compared with numbers in float64: nobody measures something else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	runtime.LockOSThread() // children end with the thread that started them
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	quick, list     bool
	out, docs, from string
	only            *regexp.Regexp
	rounds          int
	slot            time.Duration
	threads         []int
	scripts, bin    string

	peer    string // to be one
	workers int
}

func parseFlags(args []string, stderr io.Writer) (o options, err error) {
	fs := flag.NewFlagSet("peers", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.BoolVar(&o.quick, "quick", false, "a dozen rows in less than a minute")
	fs.BoolVar(&o.list, "list", false, "print the rows and do nothing")
	fs.StringVar(&o.out, "o", "", "write the results to this file, as JSON")
	fs.StringVar(&o.docs, "docs", "", "write the tables into this file, between its markers; standard output has them otherwise")
	fs.StringVar(&o.from, "from", "", "measure nothing: make the tables of this file that -o wrote")
	only := fs.String("run", "", "only rows whose name matches this regular expression")
	fs.IntVar(&o.rounds, "rounds", 0, "how often each peer has its turn (default 9, with -quick 3)")
	fs.DurationVar(&o.slot, "slot", 0, "how long a turn lasts (default 200ms, with -quick 30ms)")
	threads := fs.String("threads", "1,2", "numbers of threads")
	fs.StringVar(&o.scripts, "scripts", "bench/peers/peer", "the folder of the peers in Python")
	fs.StringVar(&o.bin, "bin", ".cache/peers", "the folder of the peers in C, built")
	fs.StringVar(&o.peer, "peer", "", "be a peer: gloss, train or gonum")
	fs.IntVar(&o.workers, "workers", 1, "the peer's")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("argument %q: there are flags only", fs.Arg(0))
	}
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("-run: %w", err)
	}
	o.threads, err = parseThreads(*threads, runtime.NumCPU())
	o.fill()
	return o, err
}

func (o *options) fill() {
	rounds, slot := 9, 200*time.Millisecond
	if o.quick {
		rounds, slot = 3, 30*time.Millisecond
	}
	if o.rounds < 1 {
		o.rounds = rounds
	}
	if o.slot <= 0 {
		o.slot = slot
	}
}

// parseThreads reads numbers of threads and leaves out those that the machine has no cores for.
func parseThreads(s string, cores int) (threads []int, err error) {
	for _, word := range strings.Split(s, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-threads %q: want numbers with commas between them, as in 1,2", s)
		}
		if n <= cores {
			threads = append(threads, n)
		}
	}
	if len(threads) == 0 {
		return nil, fmt.Errorf("-threads %s: this machine has %d cores", s, cores)
	}
	slices.Sort(threads)
	return slices.Compact(threads), nil
}

func run(args []string, stdout, stderr io.Writer) error {
	o, err := parseFlags(args, stderr)
	if err != nil {
		return err
	}
	switch {
	case o.peer != "":
		return serve(o.peer, o.workers)
	case o.list:
		for _, r := range o.rows() {
			fmt.Fprintln(stdout, r)
		}
		return nil
	case o.from != "":
		records, err := readRecords(o.from)
		if err != nil {
			return err
		}
		return o.report(records, stdout)
	}
	if err := o.writable(); err != nil { // better now than after the measurement
		return err
	}
	// With its own handler the driver lives to end its children, which may stand still.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	records, err := measure(ctx, o, stderr)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := writeRecords(o.out, records); err != nil {
			return err
		}
	}
	return o.report(records, stdout)
}

// writable looks at the files that will be written.
func (o options) writable() error {
	if o.out != "" {
		if _, err := os.Stat(filepath.Dir(o.out)); err != nil {
			return fmt.Errorf("-o %s: %w", o.out, err)
		}
	}
	if o.docs != "" {
		text, err := os.ReadFile(o.docs)
		if err == nil {
			_, err = between(string(text), "")
		}
		if err != nil {
			return fmt.Errorf("-docs %s: %w", o.docs, err)
		}
	}
	return nil
}

// report writes the tables.
func (o options) report(records []Record, stdout io.Writer) error {
	if o.docs == "" {
		return writeTables(stdout, records)
	}
	return refresh(o.docs, records)
}
