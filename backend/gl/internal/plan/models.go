package plan

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// BuildAll plans the calls one after another, for one scratch that they share.
func BuildAll(calls []backend.Call, env Env) (all []Launch, err error) {
	most := 0
	for _, c := range calls {
		l, err := Build(c, env)
		if err != nil {
			return nil, err
		}
		for i := range l {
			most = max(most, l[i].counters)
		}
		all = append(all, l...)
	}
	// What one launch has as its counters, another must not have as anything else: it would not leave zeros there.
	for i := range all {
		l := &all[i]
		if l.Scratch == 0 {
			continue
		}
		l.Scratch += most - l.counters
		l.counters = most
		l.Words[l.countersAt].Base = uint32(most)
		if err := env.scratchError(l); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (e *Env) scratchError(l *Launch) error {
	if e.Scratch > 0 && l.Scratch > e.Scratch {
		return fmt.Errorf("gl: %s needs %d words of scratch for %d models; shaders see %d", l.Name, l.Scratch, e.batch(), e.Scratch)
	}
	return nil
}

// Independent reports whether the models of a step leave each other alone: none writes, at any step, what another reads
// or writes at that step. Then a call may be made for all of them at once. Only whole spans are compared, so that models
// which lie between each other's columns count as dependent.
func Independent(s backend.Step) bool {
	type use struct {
		t     *backend.Tensor
		write bool
	}
	uses := map[*backend.Buffer][]use{}
	for _, c := range s.Calls {
		c.Walk(func(o backend.Operand) {
			if o.Tensor.Size() > 0 {
				uses[o.Tensor.Buf] = append(uses[o.Tensor.Buf], use{o.Tensor, o.Access&backend.Writes != 0})
			}
		})
	}
	for _, list := range uses {
		for i, a := range list {
			for _, b := range list[:i+1] {
				if (a.write || b.write) && meet(a.t, b.t, s.Steps, s.Models) {
					return false
				}
			}
		}
	}
	return true
}

// meet reports whether a of one model may share an element with b of another at the same step.
func meet(a, b *backend.Tensor, steps, models int) bool {
	all := steps
	if a.Advance == b.Advance {
		steps = 1 // they move together
	}
	if a.Model != b.Model || steps*models > 1<<20 { // not looked into step by step
		env := Env{Steps: all, Models: models}
		alo, ahi := env.reach(a)
		blo, bhi := env.reach(b)
		return alo < bhi && blo < ahi
	}
	for s := range steps {
		alo, ahi := a.Span(backend.At{Step: s})
		for m := 1; m < models; m++ {
			blo, bhi := b.Span(backend.At{Step: s, Model: m})
			if alo < bhi && blo < ahi {
				return true
			}
			if blo, bhi = b.Span(backend.At{Step: s, Model: -m}); alo < bhi && blo < ahi {
				return true
			}
		}
	}
	return false
}
