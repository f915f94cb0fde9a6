package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// significance is the p value above which a difference is taken for chance, as benchstat has it.
const significance = 0.05

// WriteComparison sets results beside older ones: both medians, how many times as fast the new one is, and p, how likely
// chance alone makes such a difference. name is what the older report is called.
func WriteComparison(w io.Writer, name string, old, now Report) error {
	fmt.Fprintf(w, "compared with %s: mlpbench %s, %s\n", name, old.Machine.Build, old.Machine.Time.Format("2006-01-02 15:04 MST"))
	for _, note := range differences(old, now) {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
	fmt.Fprintf(w, "old÷new is how many times as fast it is now; ~ where chance explains the difference, p > %v in the Mann-Whitney U test\n\n",
		significance)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "workload\tdevice\told\tnew\told÷new\tp\n")
	for i := range now.Results {
		r := &now.Results[i]
		if before := old.find(r); before != nil && !r.Slow {
			fmt.Fprintf(table, "%s\t%s\t%s\n", r.Workload, r.Device, change(before, r))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	missing(w, "in "+name+" alone", old, now)
	return missing(w, "measured now alone", now, old)
}

// find returns the report's result of the same workload and device, or nil.
func (rep Report) find(r *Result) *Result {
	i := slices.IndexFunc(rep.Results, func(o Result) bool { return o.Workload == r.Workload && o.Device == r.Device && !o.Slow })
	if i < 0 {
		return nil
	}
	return &rep.Results[i]
}

// change is the cells of a comparison.
func change(old, now *Result) string {
	cells := [2]string{}
	for i, r := range []*Result{old, now} {
		if cells[i] = FormatSeconds(r.Median()); r.Err != nil {
			cells[i] = "FAILED"
		}
	}
	if old.Err != nil || now.Err != nil {
		return fmt.Sprintf("%s\t%s\t–\t–", cells[0], cells[1])
	}
	p := rankTest(old.Seconds, now.Seconds)
	factor := FormatRatio(old.Median() / now.Median())
	if p > significance {
		factor = "~"
	}
	shown := fmt.Sprintf("%.3f", p)
	if p < 0.001 {
		shown = "<0.001"
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s", cells[0], cells[1], factor, shown)
}

// differences are what else may have made the times differ.
func differences(old, now Report) (notes []string) {
	if a, b := old.Machine.CPU, now.Machine.CPU; a != b {
		notes = append(notes, fmt.Sprintf("another machine: %s then, %s now", a, b))
	}
	if a, b := old.Machine.Build, now.Machine.Build; a != b {
		notes = append(notes, fmt.Sprintf("another build: %s then, %s now", a, b))
	}
	for i := range now.Results {
		r := &now.Results[i]
		if before := old.find(r); before != nil && before.Info.Name != r.Info.Name {
			note := fmt.Sprintf("another %s: %s then, %s now", r.Device, before.Info.Name, r.Info.Name)
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// missing lists what one report has and the other has not.
func missing(w io.Writer, where string, has, other Report) error {
	head := "\n" + where + ":\n"
	for i := range has.Results {
		r := &has.Results[i]
		if r.Slow || other.find(r) != nil {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s  %s on %s\n", head, r.Workload, r.Device); err != nil {
			return err
		}
		head = ""
	}
	return nil
}
