package main

import (
	"fmt"
	"strings"

	"github.com/gloss-ml/gloss/bench"
)

// scaling sets what more threads give gloss beside what they give the others. Times of different rows are not of the same rounds,
// so gloss' part of a peer's speed-up comes from the two rows' ratios, which are: (peer₂ ÷ gloss₂) ÷ (peer₁ ÷ gloss₁).
func (p *printer) scaling(all []*line, columns []string) {
	var names []string
	for _, c := range columns {
		if rival(c) {
			names = append(names, c)
		}
	}
	head := false
	for i, few := range all {
		for _, many := range all[i+1:] {
			if many.workload != few.workload || few.threads != 1 || few.base == nil || many.base == nil {
				continue
			}
			if !head {
				head = true
				p.printf("\nHow many times as fast more threads are than one, and gloss' speed-up divided by the peer's:\n\n")
				p.printf("| M×N×K | threads | gloss | %s |\n|%s\n", strings.Join(names, " | "), strings.Repeat("---|", 3+len(names)))
			}
			cells := []string{short(many.workload), fmt.Sprint(many.threads), fmt.Sprintf("%.2f", few.base.MedianS/many.base.MedianS)}
			for _, c := range names {
				cells = append(cells, speedup(few.best[c], many.best[c]))
			}
			p.printf("| %s |\n", strings.Join(cells, " | "))
		}
	}
}

// speedup is a peer's, and gloss' divided by it.
func speedup(one, many *Record) string {
	if one == nil || many == nil || one.Error != "" || many.Error != "" {
		return "–"
	}
	part := bench.FormatRatio(many.Ratio / one.Ratio)
	if below(many.Ratio / one.Ratio) {
		part = "**" + part + "**"
	}
	return fmt.Sprintf("%.2f, %s", one.MedianS/many.MedianS, part)
}
