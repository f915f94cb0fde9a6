package plan

import (
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// Calls that go row by row, such as the layers of a narrow network, its loss and the way back through them, need nothing of
// other rows. One work group then carries all of them out for a block of rows, and takes the next block: what one call writes
// and the next reads stays near, and one dispatch does for all. The optimizer, and whatever else looks at all rows, comes after.

// narrow is the most elements of a matrix of weights that each block of rows goes through anew, and widest the most columns of
// anything else: beyond them the work groups of a dispatch of its own are worth more.
const (
	narrow = 128 * 128
	widest = 1024
)

// use is an operand of a call that goes row by row. byRow says that a row of the result needs, or is, no other row of it.
type use struct {
	t            *backend.Tensor
	write, byRow bool
}

// byRows is the number of rows that a call goes through one by one, 0 if it does not.
func byRows(call backend.Call) int {
	switch c := call.(type) {
	case *backend.MatMul:
		if k := c.A.Cols; !c.TransA && k*c.Dst.Cols <= narrow {
			return c.Dst.Rows
		}
	case *backend.Each:
		if c.Dst.Cols <= widest {
			return c.Dst.Rows
		}
	case *backend.Gather:
		if c.Dst.Cols <= widest {
			return c.Dst.Rows
		}
	case *backend.Xent:
		if xentTurn(c) >= 16 {
			return c.Logits.Rows
		}
	}
	return 0
}

// xentTurn is the rows that a group of a Xent takes at a time.
func xentTurn(c *backend.Xent) int { return perGroup / lanes(c.Logits.Cols, 4, 1, perGroup) }

// rowUses are the operands of a call, and nil where it does not go row by row.
func rowUses(call backend.Call) (all []use) {
	m := byRows(call)
	if m == 0 {
		return nil
	}
	call.Walk(func(o backend.Operand) {
		u := use{o.Tensor, o.Access&backend.Writes != 0, o.Tensor.Rows == m}
		switch f := o.Role.Field; {
		case o.Role.Op != nil:
			a := o.Role.Op.Args[o.Role.Arg]
			_, loss := call.(*backend.Xent)
			u.byRow = u.byRow && a != 'c' && a != 'k' && !loss
		case f == "B" || f == "Table" || f == "Class" || f == "Scale" || f == "Loss" || f == "Correct":
			u.byRow = false
		}
		all = append(all, u)
	})
	return all
}

// follows reports whether a block of rows of p needs, of all that q does, that block alone.
func (f *fusion) follows(p, q *piece) bool {
	if q.uses == nil || byRows(p.call) != byRows(q.call) {
		return false
	}
	for _, a := range p.uses {
		for _, b := range q.uses {
			if a.t.Buf != b.t.Buf || !a.write && !b.write {
				continue
			}
			alo, ahi := f.env.reach(a.t)
			blo, bhi := f.env.reach(b.t)
			if alo < bhi && blo < ahi && !(a.byRow && b.byRow && sideBySide(a.t, b.t)) {
				return false
			}
		}
	}
	return true
}

// sideBySide reports whether row i of a and row j of b, for i ≠ j, share no element: they are columns of one matrix.
func sideBySide(a, b *backend.Tensor) bool {
	if a.Advance != b.Advance || a.Model != b.Model || a.Rows > 1 && a.RowStride() != b.RowStride() {
		return false
	}
	first := min(a.Off, b.Off)
	return a.Rows <= 1 || max(a.Off+a.Cols, b.Off+b.Cols)-first <= a.RowStride()
}

// follow has p follow the pieces of a stretch of a dispatch, block by block, if all that it waits for there is among them.
func (f *fusion) follow(d *dispatch, p *piece) bool {
	if p.uses == nil || !p.small() || !f.env.uses(Chains) {
		return false
	}
	at := -1
	for i, s := range d.stretches {
		if slices.ContainsFunc(s, func(q *piece) bool { return f.meet(p, q) }) {
			if at >= 0 {
				return false
			}
			at = i
		}
	}
	if at < 0 || slices.ContainsFunc(d.stretches[at], func(q *piece) bool { return !q.small() || !f.follows(p, q) }) {
		return false
	}
	isXent := func(q *piece) bool { _, is := q.call.(*backend.Xent); return is }
	if isXent(p) && slices.ContainsFunc(d.stretches[at], isXent) { // a stretch goes by the turns and groups of one
		return false
	}
	longer := slices.Clone(d.stretches)
	longer[at] = append(slices.Clone(longer[at]), p)
	return f.becomes(d, longer)
}

// block is the number of rows that a stretch takes at a time: those of a turn of its Xent, or as many as leave a GPU enough
// groups.
func (s stretch) block(env *Env) int {
	for _, p := range s {
		if x, ok := p.call.(*backend.Xent); ok {
			return xentTurn(x)
		}
	}
	m := byRows(s[0].call)
	if m <= 2048 && !env.Serial {
		return 16
	}
	return min(256, max(16, (m+15)&^15))
}

// plans are the launches of a stretch's pieces for blocks of rows, nil where one has none of the kind. Rows are kept near but in
// software, where no memory is nearer than another.
func (c *composer) plans(s stretch, env Env) (launches []Launch) {
	var all []kept
	if !env.Serial && env.uses(Kept) {
		var words int
		all, words = keepRows(s, env.Rows, env.room(), &env)
		c.l.kept = max(c.l.kept, words)
	}
	for i, p := range s {
		env.Kept, env.Piece = keeps(all, i), i
		l, err := Build(p.call, env)
		if err != nil || len(l) != 1 || l[0].parts != 1 {
			return nil
		}
		launches = append(launches, l[0])
	}
	return launches
}

// chain appends a stretch whose pieces follow each other.
func (c *composer) chain(s stretch, first int) int {
	env := *c.env
	env.Rows = s.block(c.env)
	blocks := ceil(byRows(s[0].call), env.Rows)
	groups, ends, loops := blocks, "", 0
	var each, begins string
	launches := c.plans(s, env)
	if launches == nil {
		return -1
	}
	for i, p := range s {
		l := &launches[i]
		k := c.part(l)
		loops += l.loops * max(1, l.share)
		if _, ok := p.call.(*backend.Xent); ok {
			groups = l.groups
			begins += fmt.Sprintf("\t\tGROUP = group;\n\t\tbegin_%d();\n", k)
			each += fmt.Sprintf("\t\t\tturn_%d(BLOCK0);\n\t\t\tin_order();\n", k)
			ends += fmt.Sprintf("\t\tGROUP = group;\n\t\tend_%d();\n", k)
			continue
		}
		if l.share == 1 { // without a loop, in which llvmpipe masks every load
			each += fmt.Sprintf("\t\t\tGROUP = block;\n\t\t\trun_%d();\n\t\t\tin_order();\n", k)
			continue
		}
		lo, hi := fmt.Sprintf("block * %s", c.number(l.share)), c.number(l.groups)
		each += fmt.Sprintf("\t\t\tfor (GROUP = %s; GROUP < min(%[1]s + %s, %s); GROUP++) {\n\t\t\t\trun_%d();\n\t\t\t\tin_order();\n\t\t\t}\n",
			lo, c.number(l.share), hi, k)
	}
	if c.env.endless(ceil(blocks, groups) * (loops + 1)) {
		return -1
	}
	c.opens(first, groups)
	loop := "uint block = group;\n\t\t{"
	if groups < blocks {
		loop = fmt.Sprintf("for (uint block = group; block < %s; block += %s) {", c.number(blocks), c.number(groups))
	}
	fmt.Fprintf(&c.main, "\t\tZ = gl_WorkGroupID.z;\n%s\t\t%s\n\t\t\tBLOCK0 = block * %du;\n%s\t\t}\n%s\t}", begins, loop, env.Rows, each, ends)
	c.l.Ordered = true
	return groups
}
