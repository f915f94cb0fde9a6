package plan

import (
	"github.com/gloss-ml/gloss/backend"
)

// perGroup is the number of invocations of a work group, in every kernel.
const perGroup = 256

func each(c *backend.Each, env Env) []Launch {
	rows, cols := c.Dst.Rows, c.Dst.Cols
	n := domain(rows, cols)
	if n == 0 {
		return nil
	}
	b := newBuilder("Each", "each", env)
	b.number("ROWS", rows)
	b.number("COLS", cols)
	b.operand("DST", &c.Dst, rows, cols, true)
	b.chain("chain_do", c.Do, rows, cols)
	b.l.Groups = flat(ceil(n, perGroup))
	b.depth(1)
	return []Launch{b.done()}
}

func gather(c *backend.Gather, env Env) []Launch {
	rows, cols := c.Dst.Rows, c.Dst.Cols
	n := domain(rows, cols)
	if n == 0 {
		return nil
	}
	integers := c.Dst.Buf.Kind() == backend.U32
	parts := 1
	if !integers {
		parts = max(1, ceil(c.Index.Cols, env.cut()))
	}
	if parts > 1 && chainTouches(c.Then, c.Dst.Buf) {
		fail("%w", errChunkedAlias)
	}
	var out []Launch
	for p := range parts {
		b := newBuilder("Gather", "gather", env)
		b.number("ROWS", rows)
		b.number("COLS", cols)
		b.number("TABLE_ROWS", c.Table.Rows)
		b.operand("DST", &c.Dst, rows, cols, true)
		b.operand("TABLE", &c.Table, c.Table.Rows, cols, false)
		b.operand("INDEX", &c.Index, rows, c.Index.Cols, false)
		if integers {
			b.define("INTEGERS")
		} else {
			b.number("BAG_LO", p*env.cut())
			b.number("BAG_HI", min((p+1)*env.cut(), c.Index.Cols))
			if p > 0 {
				b.define("CONTINUES")
			}
			var then backend.Chain
			if p == parts-1 {
				then = c.Then
			}
			b.chain("chain_then", then, rows, cols)
		}
		b.l.Groups = flat(ceil(n, perGroup))
		b.depth(1)
		out = append(out, b.done())
	}
	return out
}

// chainTouches reports whether an operand of the chain lies in buf.
func chainTouches(ch backend.Chain, buf *backend.Buffer) bool {
	for i := range ch {
		for j := range ch[i].Op.Args {
			if ch[i].Arg[j].Buf == buf {
				return true
			}
		}
	}
	return false
}

func scatter(c *backend.Scatter, env Env) []Launch {
	rows, cols, bag := c.Dst.Rows, c.Dst.Cols, c.Index.Cols
	if domain(rows, cols) == 0 {
		return nil
	}
	items := domain(c.Index.Rows, bag)
	few := items <= 128 || cols*items <= 4096
	template := "scatter"
	if few {
		template = "scatter_few"
	}
	// Each part adds to what the one before it has left in Dst: the same sum, to the bit.
	var out []Launch
	for p := range max(1, ceil(items, env.cut())) {
		b := newBuilder("Scatter", template, env)
		b.number("ROWS", rows)
		b.number("COLS", cols)
		b.number("BAG", max(1, bag))
		b.number("ITEM_LO", p*env.cut())
		b.number("ITEM_HI", min((p+1)*env.cut(), items))
		b.operand("DST", &c.Dst, rows, cols, true)
		b.operand("SRC", &c.Src, c.Src.Rows, cols, false)
		b.operand("INDEX", &c.Index, c.Index.Rows, bag, false)
		beta := c.Beta
		if p > 0 {
			beta = 1
		}
		if beta != 0 {
			b.define("BETA %s", b.float(beta))
		}
		if few {
			b.l.Groups = flat(ceil(rows*cols, perGroup))
			b.depth(1)
		} else {
			b.l.Groups = flat(rows)
			b.depth(ceil(cols, perGroup))
		}
		out = append(out, b.done())
	}
	return out
}

func permute(c *backend.Permute, env Env) []Launch {
	rows, cols := c.Dst.Rows, c.Dst.Cols
	n := domain(rows, cols)
	if n == 0 {
		return nil
	}
	b := newBuilder("Permute", "permute", env)
	b.number("ROWS", rows)
	b.number("COLS", cols)
	b.number("N", c.N)
	left, right := backend.OrderBits(uint32(c.N))
	b.number("LEFT_BITS", left)
	b.number("RIGHT_BITS", right)
	b.operand("DST", &c.Dst, rows, cols, true)
	b.operand("KEY", &c.Key, 1, 4, false)
	b.l.Groups = flat(ceil(n, perGroup))
	b.depth(1)
	return []Launch{b.done()}
}
