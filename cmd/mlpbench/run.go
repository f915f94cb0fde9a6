package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"syscall"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/bench"
)

const (
	exitOK = iota
	exitFailed
	exitUsage
)

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "doctor" {
		return runDoctor(args[1:], stdout, stderr)
	}
	if len(args) > 0 && args[0] == first {
		return runFirst(args[1:], stdout, stderr)
	}
	c, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "mlpbench: %v\n(mlpbench -h lists the flags)\n", err)
		return exitUsage
	case c.list:
		return written(c.printList(stdout), stderr)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	err = c.loadImages()
	var out *report
	if err == nil {
		out, err = openReport(c, stdout, stderr, stop)
	}
	if err != nil {
		fmt.Fprintf(stderr, "mlpbench: %v\n", err)
		return exitUsage
	}
	failed, err := c.measure(ctx, out)
	if closing := out.finish(); err == nil {
		err = closing
	}
	switch {
	case out.out.err != nil:
		return written(out.out.err, stderr)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "mlpbench: interrupted; the report holds what was done until then")
		return exitFailed
	case errors.Is(err, backend.ErrUnavailable):
		fmt.Fprintf(stderr, "mlpbench: %v\n(mlpbench doctor says what this machine lacks, and the step that mends it)\n", err)
		return exitFailed
	case err != nil:
		fmt.Fprintf(stderr, "mlpbench: %v\n", err)
		return exitFailed
	case failed:
		fmt.Fprintln(stderr, "mlpbench: there were failures; see the report")
		return exitFailed
	}
	return exitOK
}

// written is the exit status after err of a write to standard output.
func written(err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return exitOK
	case !closedPipe(err): // whoever closed it has seen enough
		fmt.Fprintf(stderr, "mlpbench: %v\n", err)
	}
	return exitFailed
}

// closedPipe says that nobody reads any more, as behind head. On Unix the first write to such a standard output ends the
// process by SIGPIPE, as it does most programs; this is for other systems, and for callers.
func closedPipe(err error) bool {
	const brokenPipe, noData = syscall.Errno(109), syscall.Errno(232) // Windows' names for it
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) ||
		runtime.GOOS == "windows" && (errors.Is(err, brokenPipe) || errors.Is(err, noData))
}

func (c *config) printList(w io.Writer) error {
	var b bytes.Buffer
	for _, wl := range c.workloads {
		fmt.Fprintln(&b, wl.Name())
	}
	if len(c.more) > 0 {
		fmt.Fprintln(&b, "\nonly when -run matches:")
		for _, wl := range c.more {
			fmt.Fprintln(&b, wl.Name())
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// measure opens the devices and fills the report. failed says that a device's result was wrong or missing.
func (c *config) measure(ctx context.Context, out *report) (failed bool, err error) {
	skip := func(backend.Info) string { return "" }
	if c.dir != "" {
		skip = func(i backend.Info) string {
			if i.Software {
				return fmt.Sprintf("%s is a software renderer; -device gl trains on it all the same", i.Name)
			}
			return ""
		}
	}
	devices, err := openDevices(c.asked, out.notes, skip, c.job)
	if err != nil {
		return false, err
	}
	if c.start {
		return c.measureStart(ctx, devices, out)
	}
	if c.dir != "" {
		failed, err = c.measureMNIST(ctx, devices, out)
	} else {
		failed, err = c.measureTable(ctx, devices, out)
	}
	if closing := closeDevices(devices); err == nil {
		err = closing
	}
	return failed, err
}

func (c *config) measureTable(ctx context.Context, devices []bench.Device, out *report) (failed bool, err error) {
	bench.WriteMachine(out.text, out.machine, devices)
	table := bench.NewTable(out.text, devices, c.workloads)
	table.Verbose = c.verbose
	fmt.Fprintf(out.text, "\nmedian time of one product, call or training step; ÷ is how many times as fast\n\n")
	table.Head()
	for _, w := range c.workloads {
		fmt.Fprintf(out.ticker, "%s …\n", w.Name())
		results, err := bench.Measure(ctx, w, devices, c.pace)
		if err != nil {
			return failed, err
		}
		table.Row(results)
		failed = out.add(results...) || failed
	}
	return failed, nil
}
