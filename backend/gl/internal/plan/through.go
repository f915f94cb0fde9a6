package plan

import (
	"strings"

	"github.com/gloss-ml/gloss/backend"
)

// A product whose left factor a Gather writes, as the first layer's is, can read the rows through the Gather's index instead. Then it
// does not wait for the Gather, and one dispatch does for both; the Gather still writes, for whoever else reads the rows.

// throughMost is the most multiply-adds of such a product: looking rows up takes time as well, and a software renderer's dispatches none.
const throughMost = 1 << 24

// through is the piece that does what p does so, nil where it cannot be, or is not worth it.
func (f *fusion) through(p *piece) *piece {
	c, ok := p.call.(*backend.MatMul)
	if !ok || c.TransA || !p.small() || p.launches[0].work.MultiplyAdds > throughMost || f.env.Serial || !f.env.uses(Through) {
		return nil
	}
	q := f.gatherOf(&c.A)
	if q == nil || f.changed(q, c) {
		return nil
	}
	env := f.env
	env.From = q.call.(*backend.Gather)
	l, err := Build(c, env)
	r := &piece{call: c, launches: l}
	if err != nil || !r.small() {
		return nil
	}
	return r
}

// gatherOf is the piece of a Gather that is the only one to have written to t, all of it and nothing else.
func (f *fusion) gatherOf(t *backend.Tensor) (found *piece) {
	for _, q := range f.pieces {
		if !writes(&f.env, q.call, t, ofAny) {
			continue
		}
		g, ok := q.call.(*backend.Gather)
		if !ok || found != nil || g.Dst != *t || g.Index.Cols != 1 || !readsOnly(g.Then) {
			return nil
		}
		found = q
	}
	return found
}

// changed reports whether what a piece reads is written to after it, or by c.
func (f *fusion) changed(q *piece, c backend.Call) (is bool) {
	later := false
	q.call.Walk(func(o backend.Operand) { is = is || o.Access&backend.Reads != 0 && writes(&f.env, c, o.Tensor, ofAny) })
	for _, r := range f.pieces {
		if later {
			q.call.Walk(func(o backend.Operand) {
				is = is || o.Access&backend.Reads != 0 && writes(&f.env, r.call, o.Tensor, ofAny)
			})
		}
		later = later || r == q
	}
	return is
}

// ofAny and ofOps are the operands that writes looks at: all, or those of the ops of chains.
func ofAny(backend.Operand) bool   { return true }
func ofOps(o backend.Operand) bool { return o.Role.Op != nil }

// writes reports whether a call may write to an element of t, at any step, by some of its operands.
func writes(env *Env, c backend.Call, t *backend.Tensor, some func(backend.Operand) bool) (does bool) {
	lo, hi := env.reach(t)
	c.Walk(func(o backend.Operand) {
		if some(o) && o.Access&backend.Writes != 0 && o.Tensor.Buf == t.Buf {
			l, h := env.reach(o.Tensor)
			does = does || l < hi && lo < h
		}
	})
	return does
}

// readsOnly reports whether no op of a chain writes anything.
func readsOnly(ch backend.Chain) bool {
	for i := range ch {
		if strings.ContainsAny(ch[i].Op.Args, "wm") {
			return false
		}
	}
	return true
}

// gathered defines name(i, j) as the element of g's result at row i and column j, as gather.comp has it.
func (b *builder) gathered(name string, g *backend.Gather, r, c side) {
	b.number("TABLE_ROWS", g.Table.Rows)
	b.operand("TABLE", &g.Table, uncut(g.Table.Rows), c, false)
	b.operand("INDEX", &g.Index, r, uncut(1), false)
	b.chain("chain_from", g.Then, r, c)
	b.code.WriteString(`float from(uint i, uint j) {
	uint r = INDEX(i, 0u);
	float v = 0.0;
	if (r < TABLE_ROWS)
		v += TABLE(r, j);
	return chain_from(v, i, j);
}
`)
	b.define("%s(i, j) from(i, j)", name)
}
