package main

import (
	"fmt"
	"slices"
	"strings"
)

// scaling sets what more threads give gloss beside what they give the others. Times of different rows are not of the same rounds,
// so gloss' part of a peer's speed-up comes from the two rows' ratios, which are: (peer₂ ÷ gloss₂) ÷ (peer₁ ÷ gloss₁).
func (p *printer) scaling(all []*line, first string) {
	names := slices.DeleteFunc(columns(all), func(c string) bool { return !rival(c) })
	var rows [][]string
	for _, few := range all {
		for _, many := range all {
			if few.threads != 1 || many.threads == 1 || many.workload != few.workload || few.base == nil || many.base == nil {
				continue
			}
			cells := []string{short(many.workload), fmt.Sprint(many.threads), fmt.Sprintf("%.2f", few.base.MedianS/many.base.MedianS)}
			for _, c := range names {
				cells = append(cells, speedup(few.best[c], many.best[c]))
			}
			rows = append(rows, cells)
		}
	}
	if len(rows) == 0 {
		return
	}
	p.printf("\nHow many times as fast more threads are than one, and gloss' speed-up divided by the peer's:\n\n")
	p.heading(append([]string{first, "threads", ours}, names...))
	for _, cells := range rows {
		p.printf("| %s |\n", strings.Join(cells, " | "))
	}
}

// speedup is a peer's, and gloss' divided by it.
func speedup(one, many *Record) string {
	if one == nil || many == nil || one.Error != "" || many.Error != "" {
		return "–"
	}
	return fmt.Sprintf("%.2f, %s", one.MedianS/many.MedianS, mark(many.Ratio/one.Ratio))
}
