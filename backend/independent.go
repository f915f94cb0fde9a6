package backend

// Independent reports whether the models of a step leave each other alone: none writes what another reads or writes. Then a
// recorder may carry a call out for all of them at once. With abreast they are compared at the same step only, for a recorder
// that has all models do a step before any does the next; without, each may run ahead of the others. Only whole spans are
// compared, so that models which lie between each other's columns count as dependent.
func Independent(s Step, abreast bool) bool {
	type use struct {
		t     *Tensor
		write bool
	}
	uses := map[*Buffer][]use{}
	for _, c := range s.Calls {
		c.Walk(func(o Operand) {
			if o.Tensor.Size() > 0 {
				uses[o.Tensor.Buf] = append(uses[o.Tensor.Buf], use{o.Tensor, o.Access&Writes != 0})
			}
		})
	}
	for _, list := range uses {
		for i, a := range list {
			for _, b := range list[:i+1] {
				if (a.write || b.write) && modelsMeet(a.t, b.t, s.Steps, s.Models, abreast) {
					return false
				}
			}
		}
	}
	return true
}

// modelsMeet reports whether a of one model may share an element with b of another.
func modelsMeet(a, b *Tensor, steps, models int, abreast bool) bool {
	if a.Model != b.Model || abreast && a.Advance != b.Advance && steps*models > 1<<20 { // not looked into one by one
		alo, ahi := a.Reach(At{}, steps, models)
		blo, bhi := b.Reach(At{}, steps, models)
		return alo < bhi && blo < ahi
	}
	if !abreast {
		alo, ahi := a.Reach(At{}, steps, 1)
		blo, bhi := b.Reach(At{}, steps, 1)
		return neighboursMeet(alo, ahi, blo, bhi, a.Model, models)
	}
	if a.Advance == b.Advance {
		steps = 1 // they move together
	}
	for s := range steps {
		alo, ahi := a.Span(At{Step: s})
		blo, bhi := b.Span(At{Step: s})
		if neighboursMeet(alo, ahi, blo, bhi, a.Model, models) {
			return true
		}
	}
	return false
}

// neighboursMeet reports whether [alo, ahi) of one model meets [blo, bhi) of another, which lies a multiple of stride further or nearer.
func neighboursMeet(alo, ahi, blo, bhi, stride, models int) bool {
	for m := 1; m < models; m++ {
		if d := m * stride; alo < bhi+d && blo+d < ahi || alo < bhi-d && blo-d < ahi {
			return true
		}
	}
	return false
}

// Reach is the half-open range of elements that t covers over so many steps and models, those of at first; 0 of either stands
// for 1.
func (t *Tensor) Reach(at At, steps, models int) (lo, hi int) {
	lo, hi = t.Span(at)
	for _, s := range [2]int{0, max(1, steps) - 1} {
		for _, m := range [2]int{0, max(1, models) - 1} {
			l, h := t.Span(At{Step: at.Step + s, Model: at.Model + m})
			lo, hi = min(lo, l), max(hi, h)
		}
	}
	return lo, hi
}
