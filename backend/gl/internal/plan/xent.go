package plan

import "github.com/gloss-ml/gloss/backend"

// xentGroups is about how many groups fill a GPU; with more rows than they have room for, groups take several turns.
const xentGroups = 1024

func xent(c *backend.Xent, env Env) []Launch {
	m, n := c.Logits.Rows, c.Logits.Cols
	domain(m, n)
	per := lanes(n, 4, 1, perGroup)
	rows := max(1, ceil(m, perGroup/per)) // groups, if each took one turn
	turn := 6*ceil(n, per) + 64           // loop iterations of one turn, all loops together
	groups := min(rows, max(xentGroups, ceil(rows, max(1, env.cut()/turn))), counters)

	whole := []part{
		{"LOGITS", &c.Logits, m, n, false}, {"LABEL", &c.Label, m, 1, false}, {"TARGET", &c.Target, m, n, false},
		{"WEIGHT", &c.Weight, m, 1, false}, {"CLASS", &c.Class, 1, n, false}, {"SCALE", &c.Scale, 1, 1, false},
		{"GRAD", &c.Grad, m, n, true},
	}
	totals := []part{{"LOSS", &c.Loss, 1, 1, true}, {"CORRECT", &c.Correct, 1, 1, true}}
	wanted := c.Loss.Present() || c.Correct.Present()
	if !wanted || groups == 1 || distinct(c) < max(env.Blocks, 1) {
		return []Launch{xentRows(c, env, per, groups, turn, append(whole, totals...), wanted, false)}
	}
	// No block is free to pass anything between groups: the sums over them are a launch of their own, the same bits.
	b := newBuilder("Xent", "xent_sum", env)
	b.number("GROUPS", groups)
	b.operands(totals)
	if c.Loss.Present() {
		b.chain("chain_then", c.Then, 1, 1)
	}
	b.scratch(env.batch(), 2*groups*env.batch())
	if len(b.l.Buffers) > env.Blocks { // a chain that takes them all
		if env.endless(rows * turn) {
			fail("%d×%d logits are too many for one work group of this device, and the operands take all %d buffers that a kernel"+
				" can bind: put some of them in one buffer", m, n, env.Blocks)
		}
		return []Launch{xentRows(c, env, per, 1, turn, append(whole, totals...), wanted, false)}
	}
	b.l.Groups = [3]uint32{1, 1, 1}
	b.depth(1)
	return []Launch{xentRows(c, env, per, groups, turn, whole, wanted, true), b.done()}
}

// xentRows is the launch that looks at the logits. With later it leaves its groups' sums in the scratch.
func xentRows(c *backend.Xent, env Env, per, groups, turn int, bound []part, totals, later bool) Launch {
	m, n := c.Logits.Rows, c.Logits.Cols
	if env.endless(ceil(max(1, ceil(m, perGroup/per)), groups) * turn) {
		fail("%d×%d logits are too many for this device", m, n)
	}
	b := newBuilder("Xent", "xent", env)
	b.define("LANES %du", per)
	b.number("ROWS", m)
	b.number("COLS", n)
	b.number("GROUPS", groups)
	b.operands(bound)
	if c.Smooth != 0 {
		b.define("SMOOTH %s", b.float(c.Smooth))
	}
	if totals {
		b.define("TOTALS")
		if groups > 1 {
			b.scratch(env.batch(), 2*groups*env.batch())
		}
	}
	if later {
		b.define("LATER")
	} else if c.Loss.Present() {
		b.chain("chain_then", c.Then, 1, 1)
	}
	b.l.Groups = [3]uint32{uint32(groups), 1, 1}
	b.depth(1)
	return b.done()
}

// part is an operand and the shape of the domain that it is broadcast over.
type part struct {
	name  string
	t     *backend.Tensor
	r, c  int
	write bool
}

func (b *builder) operands(list []part) {
	for _, p := range list {
		b.operand(p.name, p.t, p.r, p.c, p.write)
	}
}
