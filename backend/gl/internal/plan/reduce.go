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

func reduce(c *backend.Reduce, env Env) []Launch {
	m, n := c.Shape()
	outputs := m * n
	if outputs == 0 {
		return nil
	}
	domain(c.Rows, c.Cols)
	length, per := c.Rows*c.Cols, perGroup
	switch c.Axis {
	case backend.OverRows:
		// Few lanes keep many columns in a group, whose rows are then read as long runs.
		length, per = c.Rows, lanes(c.Rows, 8, 1, 32)
		if outputs < 8 {
			per = lanes(c.Rows, 8, 1, perGroup)
		}
	case backend.OverCols:
		length, per = c.Cols, lanes(c.Cols, 4, 1, perGroup)
	}
	groups := ceil(outputs, perGroup/per)
	results := 1
	if c.Out[1].Dst.Present() {
		results = 2
	}
	splits, part := 1, max(1, length)
	// By the shape of one model: a program of many must give each the bits that it has alone.
	room := distinct(c) < max(env.Blocks, 1)
	if length > splitFrom && groups <= counters && (groups < 512 || length/per > env.cut()) && room {
		part = max(chunk, ceil(length, 65535))
		splits = ceil(length, part)
	}
	if env.endless(ceil(part, per)) {
		if !room {
			fail("a reduction of %d elements is too long for one work group of this device, and its operands take all %d buffers"+
				" that a kernel can bind: put some of them in one buffer", length, env.Blocks)
		}
		fail("a reduction of %d elements to each of %d results is too long for this device", length, outputs)
	}

	b := newBuilder("Reduce", "reduce", env)
	b.define("AXIS %d", c.Axis)
	b.define("LANES %du", per)
	b.define("RESULTS %d", results)
	b.number("COLS", max(1, c.Cols))
	b.number("LENGTH", length)
	b.number("OUTPUTS", outputs)
	b.number("CHUNK", part)
	if splits > 1 {
		b.number("SPLITS", splits)
		b.number("GROUPS", groups)
		b.scratch(groups*env.batch(), 2*results*outputs*splits*env.batch())
	}
	for i := range results {
		r := &c.Out[i]
		b.define("BY%d %d", i, r.By)
		b.operand(fmt.Sprintf("DST%d", i), &r.Dst, m, n, true)
		if r.Beta != 0 {
			b.define("BETA%d %s", i, b.float(r.Beta))
		}
		b.chain(fmt.Sprintf("chain_map%d", i), r.Map, c.Rows, c.Cols)
		if r.By != backend.ArgMax {
			b.chain(fmt.Sprintf("chain_then%d", i), r.Then, m, n)
		}
		b.code.WriteString(shaders.Fold(i))
	}
	b.l.Groups = flat(groups)
	b.depth(splits)
	return []Launch{b.done()}
}

// distinct is the number of buffers that a call touches.
func distinct(c backend.Call) int {
	seen := map[*backend.Buffer]bool{}
	c.Walk(func(o backend.Operand) { seen[o.Tensor.Buf] = true })
	return len(seen)
}
