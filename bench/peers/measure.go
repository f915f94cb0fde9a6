package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gloss-ml/gloss/internal/peer"
)

func join(words []string) string { return strings.Join(words, " ") }

// measure measures all rows.
func measure(ctx context.Context, o options, log io.Writer) ([]Record, error) {
	m := thisMachine()
	fmt.Fprintln(log, m)
	t, err := assemble(o.entries(m.isa), log)
	if err != nil {
		return nil, err
	}
	defer t.end()
	var all []Record
	for _, r := range o.rows() {
		records, err := t.row(ctx, o, r)
		if err != nil {
			return nil, err
		}
		for i := range records {
			records[i].place(m)
		}
		fmt.Fprintln(log, summary(r, records))
		all = append(all, records...)
	}
	if len(all) == 0 {
		return nil, errors.New("-run leaves no row: -list shows them")
	}
	return all, nil
}

// A contender is a peer in a row.
type contender struct {
	*member
	Record
	dead bool // left the row
}

// row measures one row: everyone is checked, warmed up, and has its turn in each round. Who is first moves on by one each
// round, so that nobody always follows the same peer.
func (t *team) row(ctx context.Context, o options, r row) ([]Record, error) {
	all := t.contenders(o, r)
	if len(all) == 0 || !all[0].Base {
		return nil, fmt.Errorf("%v: gloss takes no part", r)
	}
	verify(ctx, o, r, all)
	for i := range o.rounds + 1 {
		for j := range all {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if c := all[(i+j)%len(all)]; !c.dead {
				c.turn(r, o.slot, i > 0)
			}
		}
	}
	records := make([]Record, len(all))
	for i, c := range all {
		if c.child != nil {
			c.ask(slow, "drop")
		}
		records[i] = c.Record
	}
	return finish(records, r), nil
}

// contenders are those that have the workload, gloss first: the one that the others are compared with.
func (t *team) contenders(o options, r row) (all []*contender) {
	for _, m := range t.members {
		if m.has(r, o.most()) {
			c := &contender{member: m, Record: Record{Workload: r.Name, Family: m.family, Setting: m.setting, Threads: r.threads, Version: m.version}}
			c.Base = m.family == ours && m.threads == max(r.threads, map[bool]int{true: o.most()}[r.threads == 0])
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b *contender) int { return order(b.Base) - order(a.Base) })
	return all
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

// turn is a slot. The first of a row warms up and is not kept.
func (c *contender) turn(r row, slot time.Duration, keep bool) {
	answer, err := numbers(c.ask(slow+20*slot, "run", r.Name, fmt.Sprint(slot.Seconds())))
	if err == nil && len(answer) != 3 {
		err = fmt.Errorf("the peer answers %v", answer)
	}
	if err != nil {
		c.leave(err)
	} else if keep {
		c.SamplesS = append(c.SamplesS, answer[0]/1e9)
	}
}

// leave takes the contender out of the row: it does not have the workload, or it failed.
func (c *contender) leave(err error) {
	c.dead, c.SamplesS = true, nil
	if !errors.Is(err, peer.ErrNot) {
		c.Error = err.Error()
	}
}

// finish computes what follows from the samples, and leaves out who does not have the workload.
func finish(records []Record, r row) (kept []Record) {
	base := records[0].SamplesS
	for _, rec := range records {
		if len(rec.SamplesS) == 0 && rec.Error == "" {
			continue
		}
		rec.compute(r.Workload, base)
		kept = append(kept, rec)
	}
	return kept
}

// summary is a row's line for whoever waits.
func summary(r row, records []Record) string {
	words := []string{fmt.Sprintf("%v:", r)}
	for _, rec := range records {
		switch {
		case rec.Error != "":
			words = append(words, fmt.Sprintf("%s FAILED: %s;", rec.Family, rec.Error))
		case rec.Base:
			words = append(words, ours, rec.value()+";")
		default:
			words = append(words, rec.Family, "("+rec.Setting+")", rec.value(), rec.ratio()+";")
		}
	}
	return strings.TrimSuffix(join(words), ";")
}
