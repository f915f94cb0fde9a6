package plan

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// A reduction longer than splitFrom is cut in parts of at least chunk elements, each with a work group of its own.
const (
	splitFrom = 8192
	chunk     = 4096
)

// reduction is how a Reduce is laid out, by its shape alone.
type reduction struct {
	length, outputs int
	per             int // invocations that share an output
	part, splits    int // the length is cut in so many parts, each folded by a group of its own
	results         int
}

// outs is the number of outputs of a work group.
func (r *reduction) outs() int { return perGroup / r.per }

func layOut(c *backend.Reduce, env *Env) reduction {
	m, n := c.Shape()
	r := reduction{length: c.Rows * c.Cols, outputs: m * n, per: perGroup, splits: 1, results: 1}
	switch c.Axis {
	case backend.OverRows:
		// Few lanes keep many columns in a group, whose rows are then read as long runs.
		r.length, r.per = c.Rows, lanes(c.Rows, 8, 1, 32)
		if r.outputs < 8 {
			r.per = lanes(c.Rows, 8, 1, perGroup)
		}
	case backend.OverCols:
		r.length, r.per = c.Cols, lanes(c.Cols, 4, 1, perGroup)
	}
	if c.Out[1].Dst.Present() {
		r.results = 2
	}
	r.part = max(1, r.length)
	groups := ceil(r.outputs, r.outs())
	// By the shape of one model: a program of many must give each the bits that it has alone.
	room := distinct(c) < max(env.Blocks, 1)
	long := groups < 512 || r.length/r.per > env.cut() || mapIsLarge(c, env)
	if r.length > splitFrom && groups <= counters && long && room {
		r.part = max(chunk, ceil(r.length, 65535))
		r.splits = ceil(r.length, r.part)
	}
	if env.endless(ceil(r.part, r.per)) {
		if !room {
			fail("a reduction of %d elements is too long for one work group of this device, and its operands take all %d buffers"+
				" that a kernel can bind: put some of them in one buffer", r.length, env.Blocks)
		}
		fail("a reduction of %d elements to each of %d results is too long for this device", r.length, r.outputs)
	}
	return r
}

// mapIsLarge reports whether something that is reduced is not bound whole.
func mapIsLarge(c *backend.Reduce, env *Env) bool {
	for _, o := range c.Out {
		for _, f := range o.Map {
			for i := range f.Op.Args {
				if f.Arg[i].Present() && env.large(f.Arg[i].Buf) {
					return true
				}
			}
		}
	}
	return false
}

// window has groups of outputs as its rows, parts of the length as its depth, and inside them their elements.
func (r *reduction) window() window {
	return window{rows: whole(ceil(r.outputs, r.outs())), deep: whole(r.splits), inner: whole(r.part)}
}

// sides are the domain's rows and columns as a launch visits them.
func (r *reduction) sides(c *backend.Reduce, w window) (row, col side) {
	out := extent{r.outputs, w[rows].lo * r.outs(), min(w[rows].hi*r.outs(), r.outputs)}
	run := extent{r.length, w[deep].lo * r.part, min(w[deep].hi*r.part, r.length)}
	along := deep
	if w[deep].len() == 1 {
		along = inner
		run.hi = min(run.lo+w[inner].hi, run.hi)
		run.lo += w[inner].lo
	}
	switch {
	case c.Axis == backend.OverRows:
		return side{along, run}, side{rows, out}
	case c.Axis == backend.OverCols:
		return side{rows, out}, side{along, run}
	case c.Rows == 1 || c.Cols == 0:
		return uncut(c.Rows), side{along, extent{c.Cols, run.lo, run.hi}}
	}
	return side{along, extent{c.Rows, run.lo / c.Cols, ceil(run.hi, c.Cols)}}, uncut(c.Cols)
}

func reduce(c *backend.Reduce, env *Env) []Launch {
	m, n := c.Shape()
	if m == 0 || n == 0 {
		return nil
	}
	r := layOut(c, env)
	groups := ceil(r.outputs, r.outs())
	build := func(w window) Launch {
		b := newBuilder("Reduce", "reduce", env, w)
		b.define("AXIS %d", c.Axis)
		b.define("LANES %du", r.per)
		b.define("RESULTS %d", r.results)
		b.part.Floats, b.part.Ints = perGroup*r.results, perGroup*r.results+1
		b.number("COLS", max(1, c.Cols))
		b.number("LENGTH", r.length)
		b.number("OUTPUTS", r.outputs)
		b.number("CHUNK", r.part)
		b.visits("GROUP0", "GROUPS", w[rows])
		if r.splits > 1 || !w[inner].all() {
			b.begins("SPLIT0", w[deep])
			b.number("SPLITS", r.splits)
			b.number("ALL_GROUPS", groups)
			words := 2 * r.results * r.outputs * r.splits
			if !w[inner].all() {
				words += b.carries(&r, groups)
			}
			b.scratch(groups*env.batch(), words*env.batch())
		}
		row, col := r.sides(c, w)
		out := [2]side{uncut(m), uncut(n)}
		switch c.Axis {
		case backend.OverRows:
			out[1] = col
		case backend.OverCols:
			out[0] = row
		}
		for i := range r.results {
			o := &c.Out[i]
			b.define("BY%d %d", i, o.By)
			b.operand(fmt.Sprintf("DST%d", i), &o.Dst, out[0], out[1], true)
			if o.Beta != 0 {
				b.define("BETA%d %s", i, b.float(o.Beta))
			}
			b.chain(fmt.Sprintf("chain_map%d", i), o.Map, row, col)
			if o.By != backend.ArgMax {
				b.chain(fmt.Sprintf("chain_then%d", i), o.Then, out[0], out[1])
			}
			b.code.WriteString(shaders.Fold(i))
		}
		if env.Lone && r.splits == 1 && onlySums(c) {
			b.part.Template = "reduce_lone"
			busy := min(r.per, lanes(r.length, 1, 1, perGroup))
			b.number("BUSY", busy)
			b.lone(2 + r.outputs*(4+r.length+5*busy))
		} else {
			b.groups(w[rows].len())
			b.l.loops = ceil(w[inner].len(), r.per) + ceil(r.splits, r.per) + 32
		}
		b.depth(w[deep].len(), deep)
		return b.done()
	}
	work := func(w window) Work {
		n := float64(w[rows].len()*r.outs()) * float64(w[deep].len()*r.part)
		return elements(n, c.Out[0].Map, c.Out[1].Map)
	}
	return cut(r.window(), env, work, []axis{rows, deep}, build)
}

// onlySums reports whether no result is a maximum, of which reduce_lone.comp knows nothing.
func onlySums(c *backend.Reduce) bool {
	return c.Out[0].By == backend.Sum && (c.Out[1].By == backend.Sum || !c.Out[1].Dst.Present())
}

// carries is for a part that several launches fold, one after another: each goes on from what the lanes of the one before
// it have left in the scratch. It gives the words that they take.
func (b *builder) carries(r *reduction, groups int) int {
	if !b.w[inner].first() {
		b.define("RESUMES")
	}
	if !b.w[inner].last() {
		b.define("PAUSES")
	}
	b.number("STRETCH0", b.w[inner].lo)
	b.number("STRETCH", b.w[inner].hi)
	b.number("LANES_AT", 2*r.results*r.outputs*r.splits*b.env.batch())
	return 2 * r.results * perGroup * groups
}

// distinct is the number of buffers that a call touches.
func distinct(c backend.Call) int {
	seen := map[*backend.Buffer]bool{}
	c.Walk(func(o backend.Operand) { seen[o.Tensor.Buf] = true })
	return len(seen)
}
