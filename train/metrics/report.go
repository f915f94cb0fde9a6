package metrics

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// A ClassReport is how one class, or an average over them, fared.
type ClassReport struct {
	Precision, Recall, F1 float64
	Support               float64 // weight of the class's rows
}

// Report is how each class fared.
func (c *Confusion) Report() []ClassReport {
	var out []ClassReport
	for _, t := range c.tallies() {
		out = append(out, ClassReport{t.precision(), t.recall(), t.f1(), t.is})
	}
	return out
}

// String is a table as scikit-learn's classification_report writes it.
func (c *Confusion) String() string { return c.Table(nil) }

// Table is String with names for the classes; those without one have their numbers.
func (c *Confusion) Table(names []string) string {
	label := func(i int) string {
		if i < len(names) {
			return names[i]
		}
		return fmt.Sprint(i)
	}
	width := len("weighted avg")
	for i := range c.Classes {
		width = max(width, utf8.RuneCountInString(label(i)))
	}
	var b strings.Builder
	line := func(name string, r ClassReport) {
		fmt.Fprintf(&b, "%*s  %9.2f %9.2f %9.2f %9s\n", width, name, r.Precision, r.Recall, r.F1, support(r.Support))
	}
	fmt.Fprintf(&b, "%*s  %9s %9s %9s %9s\n\n", width, "", "precision", "recall", "f1-score", "support")
	for i, r := range c.Report() {
		line(label(i), r)
	}
	fmt.Fprintf(&b, "\n%*s  %9s %9s %9.2f %9s\n", width, "accuracy", "", "", c.Accuracy(), support(c.total()))
	t := c.tallies()
	for _, a := range []Average{Macro, Weighted} {
		line(a.String()+" avg", ClassReport{a.mean(t, tally.precision), a.mean(t, tally.recall), a.mean(t, tally.f1), c.total()})
	}
	return b.String()
}

// support is a whole number where the weights add up to one.
func support(w float64) string {
	if w == math.Trunc(w) {
		return fmt.Sprintf("%.0f", w)
	}
	return fmt.Sprintf("%.2f", w)
}
