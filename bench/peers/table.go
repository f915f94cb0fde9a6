package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/bench"
)

// groups are the tables, by kind of workload.
var groups = []struct{ kind, title, first, text string }{
	{"gemm", "Products", "M×N×K",
		"An M×K matrix times a K×N one, float32; `tn` has the first one transposed. *peak* is multiply-adds without memory."},
	{"train", "Training steps", "network, batch, optimizer",
		"Forward, backward and update on one batch that is there already. *gloss, package train* draws each batch anew on the device and reads the losses besides. " +
			"*error ÷ PyTorch's* is that of the weights after the first steps, relative to a training in float64: gloss' divided by PyTorch's, each a median over starts. FANN has no ReLU; its piecewise linear bend stands in."},
	{"each", "What moves memory", "parameters",
		"A step of Adam, and y ← y + a·x. *peak* is memcpy over as much memory, its time taken for as many bytes."},
	{"infer", "Inference", "network, batch", "gloss' rows come from the host's memory and go back to it; those of the others lie there. FANN has no ReLU; its piecewise linear bend stands in."},
}

// A line is a row of a table: the records of one workload and number of threads.
type line struct {
	workload string
	threads  int
	base     *Record
	best     map[string]*Record // by column, each family's fastest
	tried    map[string]int     // how many settings the family has
	records  []*Record
}

// lines are a kind's rows, in the order of the records.
func lines(records []Record, kind string) (all []*line) {
	for i := range records {
		r := &records[i]
		if r.kind() != kind {
			continue
		}
		at := slices.IndexFunc(all, func(l *line) bool { return l.workload == r.Workload && l.threads == r.Threads })
		if at < 0 {
			at = len(all)
			all = append(all, &line{workload: r.Workload, threads: r.Threads, best: map[string]*Record{}, tried: map[string]int{}})
		}
		all[at].add(r)
	}
	return all
}

func (l *line) add(r *Record) {
	column := r.column()
	l.records = append(l.records, r)
	l.tried[column]++
	if r.Base {
		l.base = r
	}
	if best := l.best[column]; best == nil || best.Error != "" || r.Error == "" && r.MedianS < best.MedianS {
		l.best[column] = r
	}
}

// column is where a record stands: gloss with fewer threads than it would have by itself has one of its own.
func (r *Record) column() string {
	switch {
	case r.Family == ours && !r.Base:
		return ours + ", " + r.Setting
	case r.Family == gonum && r.kind() == "train":
		return ours + " on " + gonum
	}
	return r.Family
}

// rival reports whether the column is somebody else's.
func rival(column string) bool { return !strings.HasPrefix(column, ours) && column != limit }

// columns are those of a table, gloss first, then others by name's first appearance, the peak last.
func columns(all []*line) (names []string) {
	for _, l := range all {
		for _, r := range l.records {
			if c := r.column(); !slices.Contains(names, c) {
				names = append(names, c)
			}
		}
	}
	rank := func(c string) int {
		switch {
		case c == ours:
			return 0
		case c == limit:
			return 3
		case rival(c):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names
}

// writeTables writes Markdown.
func writeTables(w io.Writer, records []Record) error {
	p := &printer{w: w}
	p.head(records)
	for _, g := range groups {
		all := lines(records, g.kind)
		if len(all) == 0 {
			continue
		}
		p.printf("\n### %s\n\n%s\n\n", g.title, g.text)
		p.table(all, columns(all), g.first)
		switch g.kind {
		case "gemm":
			p.scaling(all, g.first)
			p.narrow(all)
		case "train":
			p.settings(all)
		}
	}
	p.losses(records)
	p.remarks(records)
	return p.err
}

// A printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

const legend = "A ratio is the peer's time divided by gloss' in the same round: above 1 gloss is faster, in bold it is slower. It is the median " +
	"over the rounds, with the least and the most in parentheses. Of a peer with several settings the fastest is shown."

func (p *printer) head(records []Record) {
	r := &records[0]
	p.printf("Measured on %s, on %s with %s (%s), gloss %s; %d rounds.\n\n", r.Time.Format("2006-01-02"), r.CPU, count(r.Cores, "core"), r.ISA, r.Build, r.Runs)
	seen := []string{}
	for i := range records {
		if v := records[i].Family + ": " + records[i].Version; !slices.Contains(seen, v) && records[i].Version != "" {
			seen = append(seen, v)
		}
	}
	p.printf("- %s\n\n%s\n", strings.Join(seen, "\n- "), legend)
}

func (p *printer) table(all []*line, columns []string, first string) {
	head := []string{first, "threads"}
	quality := all[0].base != nil && all[0].base.kind() == "train"
	head = append(head, columns...)
	if quality {
		head = append(head, "error ÷ PyTorch's")
	}
	p.heading(head)
	for _, l := range all {
		cells := []string{short(l.workload), "each its best"}
		if l.threads > 0 {
			cells[1] = fmt.Sprint(l.threads)
		} else if l.base != nil {
			cells[1] = fmt.Sprintf("%s has %s", ours, strings.Fields(l.base.Setting)[0])
		}
		for _, c := range columns {
			cells = append(cells, l.cell(c))
		}
		if quality {
			cells = append(cells, l.quality())
		}
		p.printf("| %s |\n", strings.Join(cells, " | "))
	}
}

// heading begins a table.
func (p *printer) heading(cells []string) {
	p.printf("| %s |\n|%s\n", strings.Join(cells, " | "), strings.Repeat("---|", len(cells)))
}

// short is a workload's name without its kind.
func short(workload string) string {
	_, rest, _ := strings.Cut(workload, "/")
	return strings.ReplaceAll(strings.TrimPrefix(rest, "nn/"), "/", " ")
}

func (l *line) cell(column string) string {
	r := l.best[column]
	switch {
	case r == nil:
		return "–"
	case r.Error != "":
		return "failed"
	case r.Base:
		return r.value()
	case column == limit:
		return fmt.Sprintf("%s, gloss reaches %.0f %%", r.value(), 100*r.Ratio)
	}
	s := fmt.Sprintf("%s, %s", r.value(), r.marked())
	if l.tried[column] > 1 {
		s += " with " + r.Setting
	}
	return s
}

// marked is the ratio, in bold where gloss is the slower one.
func (r *Record) marked() string {
	return mark(r.Ratio) + strings.TrimPrefix(r.ratio(), bench.FormatRatio(r.Ratio))
}

// mark is a ratio, in bold where it is against gloss.
func mark(ratio float64) string {
	if below(ratio) {
		return "**" + bench.FormatRatio(ratio) + "**"
	}
	return bench.FormatRatio(ratio)
}

// slower reports whether gloss is.
func (r *Record) slower() bool { return below(r.Ratio) }

// below reports whether a ratio is against gloss, as far as three digits show.
func below(ratio float64) bool { return ratio < 0.995 }

// quality compares how far float32 took the weights away.
func (l *line) quality() string {
	for _, r := range l.records {
		if r.Family == torch && r.WeightError > 0 && l.base != nil && l.base.WeightError > 0 {
			return fmt.Sprintf("%.2f (%.1e)", l.base.WeightError/r.WeightError, l.base.WeightError)
		}
	}
	return "–"
}
