package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/internal/peer"
)

// narrow sets gloss without AVX-512 beside OpenBLAS' kernels of the same width, where the machine has it.
func (p *printer) narrow(all []*line) {
	for _, l := range all {
		a, b := l.best[narrow], l.best[haswell]
		if a != nil && b != nil && a.Error == "" && b.Error == "" {
			versus := *b
			versus.compare(a.SamplesS)
			p.printf("\n%s at %s, %s: %s of the speed of %s.\n", narrow, short(l.workload), threadsOf(l), versus.ratio(), haswell)
		}
	}
}

// settings are all that were tried of PyTorch.
func (p *printer) settings(all []*line) {
	for _, l := range all {
		var tried []string
		for _, r := range l.records {
			if r.Family == torch && r.Error == "" {
				tried = append(tried, fmt.Sprintf("%s %s", r.Setting, r.value()))
			}
		}
		if len(tried) > 1 {
			p.printf("\n%s of %s: %s.", torch, short(l.workload), strings.Join(tried, "; "))
		}
	}
	p.printf("\n")
}

// losses says where gloss is slower than others.
func (p *printer) losses(records []Record) {
	var slower []string
	compared := 0
	for _, g := range groups {
		for _, l := range lines(records, g.kind) {
			for _, c := range columns([]*line{l}) {
				r := l.best[c]
				if !rival(c) || r.Error != "" {
					continue
				}
				compared++
				if r.slower() {
					slower = append(slower, fmt.Sprintf("- %s, %s: %s of the speed of %s", l.workload, threadsOf(l), bench.FormatRatio(r.Ratio), c))
				}
			}
		}
	}
	p.printf("\n### Where gloss is slower\n\nIn %d of %d comparisons", len(slower), compared)
	if len(slower) > 0 {
		p.printf(":\n\n%s", strings.Join(slower, "\n"))
	} else {
		p.printf(".")
	}
	p.printf("\n")
}

func threadsOf(l *line) string {
	if l.threads == 0 {
		return "each with its best number of threads"
	}
	return count(l.threads, "thread")
}

// remarks say who failed, and whose results nobody compared and why.
func (p *printer) remarks(records []Record) {
	var said []string
	for i := range records {
		r := &records[i]
		s := fmt.Sprintf("%s at %s: not compared with float64: %s", r.Family, short(r.Workload), strings.TrimPrefix(r.Unchecked, peer.ErrNot.Error()+": "))
		if r.Error != "" {
			s = fmt.Sprintf("%s at %s failed: %s", r.Device, short(r.Workload), r.Error)
		}
		if (r.Error != "" || r.Unchecked != "") && !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	if len(said) > 0 {
		p.printf("\n### Remarks\n\n- %s\n", strings.Join(said, "\n- "))
	}
}
