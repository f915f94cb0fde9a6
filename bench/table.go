package bench

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/backend"
)

// A Table prints results for people, a row as soon as it is there.
type Table struct {
	w       io.Writer
	names   []string // of devices, a column each
	width   int      // of the workloads' column
	Verbose bool     // what each unit took of each device, below the rows
}

// Baseline is the device that the others are compared with: the portable way to train on the CPU in Go.
const Baseline = "gonum"

// NewTable starts a table of the workloads' rows and the devices' columns.
func NewTable(w io.Writer, devices []Device, workloads []Workload) *Table {
	t := &Table{w: w, width: len("workload")}
	for _, d := range devices {
		t.names = append(t.names, d.Name)
	}
	for _, wl := range workloads {
		t.width = max(t.width, len(wl.Name()))
	}
	return t
}

// WriteMachine says where the numbers below come from.
func WriteMachine(w io.Writer, m Machine, devices []Device) {
	fmt.Fprintf(w, "mlpbench %s, %s\non %s\n", m.Build, m.Time.Format("2006-01-02 15:04 MST"), m.CPU)
	for _, d := range devices {
		fmt.Fprintf(w, "  %-6s %s\n", d.Name, describe(d.Backend.Info()))
	}
}

func describe(i backend.Info) string {
	s := i.Name
	if i.Driver != "" {
		s += ", " + i.Driver
	}
	switch {
	case i.Workers == 1:
		s += ", 1 worker"
	case i.Workers > 1:
		s += fmt.Sprintf(", %d workers", i.Workers)
	}
	if i.Software {
		s += " — a software renderer: its speed is the CPU's and says nothing about a GPU"
	}
	return strings.TrimPrefix(s, ", ")
}

const (
	cellWidth  = 24 // 7 for the time, 15 for the rate
	ratioWidth = 9
)

// Head prints the columns' names.
func (t *Table) Head() {
	line := fmt.Sprintf("%-*s", t.width, "workload")
	for _, name := range t.names {
		line += fmt.Sprintf("  %-*s", cellWidth, name)
	}
	for _, name := range t.compared() {
		line += fmt.Sprintf("  %*s", ratioWidth, name+"÷"+Baseline)
	}
	fmt.Fprintf(t.w, "%s\n", strings.TrimRight(line, " "))
}

// compared are the devices that a ratio is given for.
func (t *Table) compared() (names []string) {
	has := false
	for _, name := range t.names {
		if has = has || name == Baseline; name != Baseline {
			names = append(names, name)
		}
	}
	if !has {
		return nil
	}
	return names
}

// Row prints what the devices measured at a workload: the median time of a unit, its rate, and how many times as fast
// as gonum that is.
func (t *Table) Row(results []Result) {
	byName := map[string]*Result{}
	line := fmt.Sprintf("%-*s", t.width, results[0].Workload)
	for i := range results {
		byName[results[i].Device] = &results[i]
	}
	for _, name := range t.names {
		line += fmt.Sprintf("  %-*s", cellWidth, cell(byName[name]))
	}
	for _, name := range t.compared() {
		line += fmt.Sprintf("  %*s", ratioWidth, ratio(byName[Baseline], byName[name]))
	}
	fmt.Fprintf(t.w, "%s\n", strings.TrimRight(line, " "))
	for i := range results {
		t.notes(&results[i])
	}
}

func (t *Table) notes(r *Result) {
	switch {
	case r.Err != nil:
		what := "FAILED: "
		if errors.Is(r.Err, backend.ErrOutOfMemory) {
			what = "too large for this device: "
		}
		fmt.Fprintf(t.w, "  %s %s%v\n", r.Device, what, r.Err)
	case t.Verbose && !r.Slow:
		fmt.Fprintf(t.w, "  %s %s\n", r.Device, r.Budget())
	}
}

// Budget is what a unit took of the device, on average over a round.
func (r *Result) Budget() string {
	s, n := r.Stats, float64(max(r.Units, 1))
	each := func(count int64) string { return significant(float64(count) / n) }
	return fmt.Sprintf("%d rounds of %d; each kept the device busy for %s and took calls %s, dispatches %s, barriers %s, waits %s, reads %s, writes %s, allocs %s; "+
		"largest difference from the reference %.2g", len(r.Seconds), r.Units, FormatSeconds(s.Busy.Seconds()/n), each(s.Calls), each(s.Dispatches), each(s.Barriers),
		each(s.Waits), each(s.Reads), each(s.Writes), each(s.Allocs), r.MaxError)
}

func cell(r *Result) string {
	switch {
	case r == nil:
		return "–"
	case r.Err != nil:
		return "FAILED"
	case r.Slow:
		return "too slow to wait for"
	}
	rate := significant(r.GFLOPS()) + " GFLOP/s"
	if s := r.SamplesPerSecond(); s > 0 {
		rate = thousands(s) + " samples/s"
	}
	return fmt.Sprintf("%7s  %15s", FormatSeconds(r.Median()), rate)
}

// ratio is how many times as fast as the baseline a device is.
func ratio(base, r *Result) string {
	if base == nil || r == nil || base.Err != nil || r.Err != nil || r.Median() == 0 {
		return "–"
	}
	return FormatRatio(base.Median() / r.Median())
}

// FormatSeconds writes a time for people, as in "2.50 ms".
func FormatSeconds(s float64) string {
	switch {
	case s < 1e-3:
		return significant(s*1e6) + " µs"
	case s < 1:
		return significant(s*1e3) + " ms"
	}
	return significant(s) + " s"
}

// FormatRatio writes how many times as fast something is, as in "2.50×". Small ones keep two digits that matter.
func FormatRatio(x float64) string {
	if x > 0 && x < 0.1 {
		return strconv.FormatFloat(x, 'g', 2, 64) + "×"
	}
	return significant(x) + "×"
}

func thousands(x float64) string {
	switch {
	case x >= 1e6:
		return significant(x/1e6) + "M"
	case x >= 1e3:
		return significant(x/1e3) + "k"
	}
	return significant(x)
}

// significant writes three digits that matter, and no exponent.
func significant(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x >= 99.95:
		return fmt.Sprintf("%.0f", x)
	case x >= 9.995:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}
