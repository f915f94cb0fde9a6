package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/bench"
)

// measureStart has new processes take their first training step on each device. Devices are closed before: no process finds a
// driver that another one keeps awake.
func (c *config) measureStart(ctx context.Context, devices []bench.Device, out *report) (failed bool, err error) {
	bench.WriteMachine(out.text, out.machine, devices)
	if err := closeDevices(devices); err != nil {
		return false, err
	}
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	fmt.Fprintf(out.text, "\n%s: from the start of a process until its first step is done, median and range\n", bench.Start{}.Name())
	for _, d := range devices {
		s := bench.Start{Device: d.Name, Command: func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, self, first, d.Name) }}
		fmt.Fprintf(out.ticker, "%s on %s …\n", s.Name(), d.Name)
		fmt.Fprintf(out.text, "\n%s\n", d.Name)
		results, err := s.Run(ctx)
		failed = out.add(results...) || failed
		for i := range results {
			printStart(out.text, s, &results[i])
		}
		if err != nil {
			return failed, err
		}
	}
	return failed, nil
}

func printStart(w io.Writer, s bench.Start, r *bench.Result) {
	stock := r.Workload[len(s.Name())+1:]
	if r.Err != nil {
		fmt.Fprintf(w, "  %-8s  FAILED: %v\n", stock, r.Err)
		return
	}
	fmt.Fprintf(w, "  %-8s  %s, %s to %s in %d processes\n", stock, bench.FormatSeconds(r.Median()),
		bench.FormatSeconds(slices.Min(r.Seconds)), bench.FormatSeconds(slices.Max(r.Seconds)), len(r.Seconds))
}

// first is the sub-command that such a process is: "mlpbench first DEVICE".
const first = "first"

func runFirst(args []string, stdout, stderr io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(stderr, "usage: mlpbench first DEVICE: what -start starts")
		return exitUsage
	}
	err := takeFirst(args[0], stdout)
	if err != nil {
		fmt.Fprintf(stderr, "mlpbench: device %s: %v\n", args[0], err)
		return exitFailed
	}
	return exitOK
}

func takeFirst(device string, stdout io.Writer) error {
	dev, err := auto.Open(device)
	if err != nil {
		return err
	}
	told, err := bench.TakeFirst(dev)
	if err == nil {
		err = json.NewEncoder(stdout).Encode(told)
	}
	return errors.Join(err, dev.Close())
}
