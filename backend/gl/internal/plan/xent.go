package plan

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// xentGroups is about how many groups fill a GPU; with more rows than they have room for, groups take several turns.
const xentGroups = 1024

// rowGroups is how the rows of a Xent are shared among work groups.
type rowGroups struct {
	per  int // invocations of a row
	turn int // loop iterations of one turn of a group, all loops together
}

// turns is the number of groups if each took one turn.
func (g rowGroups) turns(m int) int { return max(1, ceil(m, perGroup/g.per)) }

// groups is the number of groups for m rows.
func (g rowGroups) groups(m int, env *Env) int {
	return min(g.turns(m), max(xentGroups, ceil(g.turns(m), max(1, env.cut()/g.turn))), counters)
}

func xent(c *backend.Xent, env *Env) []Launch {
	m, n := c.Logits.Rows, c.Logits.Cols
	per := lanes(n, 4, 1, perGroup)
	g := rowGroups{per, 6*ceil(n, per) + 64}
	wanted := c.Loss.Present() || c.Correct.Present()
	// Without a block to pass anything between groups, the sums over them are a launch of their own, the same bits.
	later := wanted && g.groups(m, env) > 1 && distinct(c) >= max(env.Blocks, 1)
	fits := func(w window) Launch { return xentRows(c, env, g, w, rowsOnce, wanted && !later, 0, 0) }
	all := window{rows: whole(m)}
	if !later {
		if l, too := attempt(all, fits); too == nil {
			return []Launch{l}
		}
	}
	// How the rows are cut decides how their losses are added: by what the device binds at once, and by nothing else.
	var parts []window
	cut(all, &Env{}, nil, nil, func(w window) Launch {
		xentRows(c, env, g, w, rowsOnce, false, 0, 0)
		parts = append(parts, w)
		return Launch{}
	})
	total := 0
	for _, w := range parts {
		total += g.groups(w[rows].len(), env)
	}
	if !wanted {
		total = 0
	}
	if total > 0 {
		if l := xentSum(c, env, total); l != nil {
			return append(xentParts(c, env, g, parts, total), *l)
		}
		// A chain that takes all blocks.
		if len(parts) > 1 || env.endless(g.turns(m)*g.turn) {
			fail("%d×%d logits are too many for one work group of this device, and the operands take all %d buffers that a kernel"+
				" can bind: put some of them in one buffer", m, n, env.Blocks)
		}
		return []Launch{xentRows(c, env, g, all, rowsInOneGroup, true, 0, 0)}
	}
	return xentParts(c, env, g, parts, 0)
}

func xentParts(c *backend.Xent, env *Env, g rowGroups, parts []window, total int) (out []Launch) {
	group := 0
	for _, w := range parts {
		out = append(out, xentRows(c, env, g, w, rowsLater, total > 0, group, total))
		group += g.groups(w[rows].len(), env)
	}
	return out
}

// xentSum adds up what the groups of launches before it have left in the scratch; nil where there is no block for that.
func xentSum(c *backend.Xent, env *Env, groups int) *Launch {
	b := newBuilder("Xent", "xent_sum", env, window{})
	b.part.Floats, b.part.Ints = perGroup, perGroup
	b.number("GROUPS", groups)
	b.operands(xentTotals(c))
	if c.Loss.Present() {
		b.chain("chain_then", c.Then, uncut(1), uncut(1))
	}
	b.scratch(env.batch(), 2*groups*env.batch())
	if len(b.l.Buffers) > env.Blocks {
		return nil
	}
	b.groups(1)
	b.l.loops = 16 + ceil(groups, perGroup)
	b.depth(1)
	l := b.done()
	return &l
}

func xentTotals(c *backend.Xent) []part {
	return []part{{"LOSS", &c.Loss, uncut(1), uncut(1), true}, {"CORRECT", &c.Correct, uncut(1), uncut(1), true}}
}

// What xentRows does with the losses of its rows.
type xentMode int

const (
	rowsOnce       xentMode = iota // they are all rows: the last group adds up
	rowsInOneGroup                 // the same with one group
	rowsLater                      // another launch adds up
)

// xentRows is the launch that looks at the logits, w of them. Its groups' sums come behind those of so many others in the
// scratch, of a total.
func xentRows(c *backend.Xent, env *Env, g rowGroups, w window, mode xentMode, totals bool, before, total int) Launch {
	m, n := w[rows].len(), c.Logits.Cols
	if m != 0 && n > maxDomain/m {
		panic(wide{[]axis{rows}, fmt.Errorf("%d classes; 2³¹ is the most", n)})
	}
	groups := g.groups(m, env)
	if mode == rowsInOneGroup {
		groups = 1
	}
	if env.endless(ceil(g.turns(m), groups) * g.turn) {
		fail("%d×%d logits are too many for this device", m, n)
	}
	lone := env.Lone && mode == rowsOnce && groups <= perGroup
	b := newBuilder("Xent", "xent", env, w)
	b.part.Floats, b.part.Ints = perGroup, perGroup+1
	b.define("LANES %du", g.per)
	b.visits("ROW0", "ROWS", w[rows])
	b.number("COLS", n)
	b.number("GROUPS", groups)
	b.code.WriteString(shaders.File("goal.glsl"))
	r, one := b.side(rows), uncut(1)
	b.operands([]part{
		{"LOGITS", &c.Logits, r, uncut(n), false}, {"LABEL", &c.Label, r, one, false}, {"TARGET", &c.Target, r, uncut(n), false},
		{"WEIGHT", &c.Weight, r, one, false}, {"CLASS", &c.Class, one, uncut(n), false}, {"SCALE", &c.Scale, one, one, false},
		{"GRAD", &c.Grad, r, uncut(n), true},
	})
	if c.Smooth != 0 {
		b.define("SMOOTH %s", b.float(c.Smooth))
	}
	if totals && mode != rowsLater {
		b.operands(xentTotals(c))
	}
	if totals {
		b.define("TOTALS")
		if mode == rowsLater {
			b.define("LATER")
			b.number("GROUP0", before)
			b.number("ALL_GROUPS", total)
		}
		if total = max(total, groups); total > 1 && !lone || mode == rowsLater {
			b.scratch(env.batch(), 2*total*env.batch())
		}
	}
	if totals && mode != rowsLater && c.Loss.Present() {
		b.chain("chain_then", c.Then, one, one)
	}
	b.groups(groups)
	logits := float64(m) * float64(n)
	b.l.work, b.l.share = Work{MultiplyAdds: 40 * logits, Bytes: 8 * logits}, 1
	b.l.loops = ceil(g.turns(m), groups)*g.turn + 64 + ceil(total, perGroup)
	if lone {
		b.part.Template, b.part.Floats = "xent_lone", 4*perGroup
		b.lone(m*(5*n+14*g.per+16) + groups*(3*perGroup/g.per+32) + 3*perGroup)
	}
	b.depth(1)
	return b.done()
}

// part is an operand and what its rows and columns go along.
type part struct {
	name  string
	t     *backend.Tensor
	r, c  side
	write bool
}

func (b *builder) operands(list []part) {
	for _, p := range list {
		b.operand(p.name, p.t, p.r, p.c, p.write)
	}
}
