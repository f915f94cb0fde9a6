package plan

import (
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// What a work group that runs a whole step reads and writes again and again, the weights of a toy network, their gradients, the
// optimizer's state, the activations, lies in the group's shared memory meanwhile, as far as there is room: a call then waits
// for the memory of the work group instead of the device's. An invocation that is a group of its own has it to itself.

// near is a stretch of a buffer that has a copy in shared memory.
type near struct {
	block int
	lo, n int // elements
	model int // how far the next model's is
	write bool
	far   bool // not to be kept near
}

// ownWords is the most shared memory that parts take themselves, in words, but for those that read by fours.
const ownWords = 2816

// room is what is left of it.
func (e *Env) room() int { return max(e.Shared, 32<<10)/4 - ownWords }

// keepNear chooses the buffers of a composed launch that are kept near, smallest first: those of floats, all of whose operands stay
// where they are from step to step.
func (c *composer) keepNear(calls []backend.Call) {
	if !c.env.uses(Near) {
		return
	}
	var all []*near
	by := map[*backend.Buffer]*near{}
	for _, call := range calls {
		call.Walk(func(o backend.Operand) {
			t := o.Tensor
			if t.Size() == 0 {
				return
			}
			lo, hi := t.Span(backend.At{})
			b := by[t.Buf]
			if b == nil {
				b = &near{block: slices.Index(c.l.Buffers, t.Buf), lo: lo, n: hi - lo, model: t.Model}
				by[t.Buf] = b
				all = append(all, b)
			}
			b.lo, b.n = min(b.lo, lo), max(b.lo+b.n, hi)-min(b.lo, lo)
			b.write = b.write || o.Access&backend.Writes != 0
			few := o.Role.Field == "Table" && o.Role.Op == nil // of which a step reads few rows
			b.far = b.far || few || t.Advance != 0 || t.Model != b.model || t.Buf.Kind() != backend.F32 || b.block < 0
		})
	}
	room := c.env.room()
	if c.env.Lone {
		room = loneRoom
	}
	slices.SortStableFunc(all, func(a, b *near) int { return a.n - b.n })
	for _, b := range all {
		if b.far || b.n > room || b.model != 0 && b.n > b.model || b.model == 0 && b.write && c.env.batch() > 1 {
			continue
		}
		room -= b.n
		c.l.near = append(c.l.near, *b)
		// The copy is written back whole, gaps included.
		models := max(1, c.env.batch())
		c.touch(Touch{Binding: b.block, Lo: 4 * (b.lo + min(0, (models-1)*b.model)), Hi: 4 * (b.lo + b.n + max(0, (models-1)*b.model)), Write: b.write})
	}
}

// copies are the GLSL that brings what is near there, and back, and the iterations that they take.
func (c *composer) copies() (there, back string, loops int) {
	copying, each := "\t\tfor (uint e = gl_LocalInvocationIndex; e < %s; e += 256u)\n\t\t\t%s;\n", perGroup
	if c.env.Lone {
		copying, each = loneCopy, 4
	}
	for i := range c.l.near {
		b := &c.l.near[i]
		lo, n := c.number(b.lo), c.number(b.n)
		from := lo
		if b.model != 0 {
			from = fmt.Sprintf("%s + model * %s", lo, c.number(b.model))
		}
		near, far := fmt.Sprintf("NEAR%d[e]", b.block), fmt.Sprintf("M%d[%s + e]", b.block, from)
		there += fmt.Sprintf("\t\tS%d = %s;\n", b.block, from) + fmt.Sprintf(copying, n, near+" = "+far)
		loops += ceil(b.n, each) + 1
		if b.write {
			back += fmt.Sprintf(copying, n, far+" = "+near)
			loops += ceil(b.n, each) + 1
		}
	}
	return there, back, loops
}
