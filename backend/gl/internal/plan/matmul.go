package plan

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// tile chooses by the shape alone: the largest that fills a GPU with work groups and does not compute much beyond the
// matrix's edges. All tiles give the same bits.
func tile(m, n, k int) shaders.Tile {
	const enough = 64
	for _, t := range shaders.Tiles {
		gm, gn := ceil(m, t.BM), ceil(n, t.BN)
		if gm*gn >= enough && float64(gm*t.BM)*float64(gn*t.BN) <= 1.5*float64(m)*float64(n) {
			return t
		}
	}
	if k >= 256 {
		return shaders.Deep
	}
	return shaders.Tiles[len(shaders.Tiles)-1]
}

func matMul(c *backend.MatMul, env Env) []Launch {
	m, n := c.Dst.Rows, c.Dst.Cols
	if domain(m, n) == 0 {
		return nil
	}
	k := c.A.Cols
	if c.TransA {
		k = c.A.Rows
	}
	t := tile(m, n, k)
	part := env.cut() / 8 * t.BK // a slice is one iteration and, where the compiler does not unroll them, eight of loading
	parts := max(1, ceil(k, part))
	if parts > 1 && chainTouches(c.Then, c.Dst.Buf) {
		fail("%w", errChunkedAlias)
	}
	// Each part starts from what the one before it has left in Dst: the same chain of multiply-adds, to the bit.
	var out []Launch
	for p := range parts {
		b := newBuilder("MatMul", "matmul", env)
		b.l.Defines = append(b.l.Defines, t.Defines()...)
		b.number("ROWS", m)
		b.number("COLS", n)
		b.number("TILES_N", ceil(n, t.BN))
		b.number("K_LO", p*part)
		b.number("K_HI", min((p+1)*part, k))
		if c.TransA {
			b.define("TRANS_A")
		}
		if c.TransB {
			b.define("TRANS_B")
		}
		b.operand("DST", &c.Dst, m, n, true)
		b.transposed("A", &c.A, c.TransA)
		b.transposed("B", &c.B, c.TransB)
		beta := c.Beta
		if p > 0 {
			beta = 1
		}
		if beta != 0 {
			b.define("BETA %s", b.float(beta))
		}
		var then backend.Chain
		if p == parts-1 {
			then = c.Then
		}
		b.chain("chain_then", then, m, n)
		b.l.Groups = flat(ceil(m, t.BM) * ceil(n, t.BN))
		b.depth(1)
		out = append(out, b.done())
	}
	return out
}
