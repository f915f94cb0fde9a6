package plan

import "github.com/gloss-ml/gloss/backend"

// xentGroups is about how many groups fill a GPU; with more rows than they have room for, groups take several turns.
const xentGroups = 1024

func xent(c *backend.Xent, env Env) []Launch {
	m, n := c.Logits.Rows, c.Logits.Cols
	totals := c.Loss.Present() || c.Correct.Present()
	domain(m, n)
	per := lanes(n, 4, 1, perGroup)
	rows := max(1, ceil(m, perGroup/per)) // groups, if each took one turn
	turn := 6*ceil(n, per) + 64           // loop iterations of one turn, all loops together
	groups := min(rows, max(xentGroups, ceil(rows, max(1, maxLoop/turn))))
	groups = max(1, min(groups, counters/env.batch()))
	if totals && distinct(c) >= max(env.Blocks, 1) {
		groups = 1 // no room to pass anything between groups
	}
	if ceil(rows, groups)*turn > hardLoop {
		fail("%d×%d logits are too many for this device", m, n)
	}
	b := newBuilder("Xent", "xent", env)
	b.define("LANES %du", per)
	b.number("ROWS", m)
	b.number("COLS", n)
	b.number("GROUPS", groups)
	for _, f := range []struct {
		name  string
		t     *backend.Tensor
		r, c  int
		write bool
	}{
		{"LOGITS", &c.Logits, m, n, false}, {"LABEL", &c.Label, m, 1, false}, {"TARGET", &c.Target, m, n, false},
		{"WEIGHT", &c.Weight, m, 1, false}, {"CLASS", &c.Class, 1, n, false}, {"SCALE", &c.Scale, 1, 1, false},
		{"GRAD", &c.Grad, m, n, true}, {"LOSS", &c.Loss, 1, 1, true}, {"CORRECT", &c.Correct, 1, 1, true},
	} {
		b.operand(f.name, f.t, f.r, f.c, f.write)
	}
	if c.Smooth != 0 {
		b.define("SMOOTH %s", b.float(c.Smooth))
	}
	if totals {
		b.define("TOTALS")
		if groups > 1 {
			b.scratch(2 * groups * env.batch())
		}
	}
	if c.Loss.Present() {
		b.chain("chain_then", c.Then, 1, 1)
	}
	b.l.Groups = [3]uint32{uint32(groups), 1, 1}
	b.depth(1)
	return []Launch{b.done()}
}
