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

func matMul(c *backend.MatMul, env *Env) []Launch {
	m, n := c.Dst.Rows, c.Dst.Cols
	if m == 0 || n == 0 {
		return nil
	}
	k := c.A.Cols
	if c.TransA {
		k = c.A.Rows
	}
	t := tile(m, n, k)
	// Each part of k starts from what the one before it has left in Dst: the same chain of multiply-adds, to the bit.
	build := func(w window) Launch {
		first, last := w[deep].first(), w[deep].last()
		if !(first && last) && touches(c.Then, &c.Dst, env) {
			fail("%w", errChunkedAlias)
		}
		b := newBuilder("MatMul", "matmul", env, w)
		b.l.Defines = append(b.l.Defines, t.Defines()...)
		b.visitsEach()
		b.number("TILES_N", ceil(w[cols].len(), t.BN))
		b.number("K_LO", w[deep].lo)
		b.number("K_HI", w[deep].hi)
		if c.TransA {
			b.define("TRANS_A")
		}
		if c.TransB {
			b.define("TRANS_B")
		}
		b.operand("DST", &c.Dst, b.side(rows), b.side(cols), true)
		b.transposed("A", &c.A, b.side(rows), b.side(deep), c.TransA)
		b.transposed("B", &c.B, b.side(deep), b.side(cols), c.TransB)
		beta := c.Beta
		if !first {
			beta = 1
		}
		if beta != 0 {
			b.define("BETA %s", b.float(beta))
		}
		var then backend.Chain
		if last {
			then = c.Then
		}
		b.chain("chain_then", then, b.side(rows), b.side(cols))
		b.l.Groups = flat(ceil(w[rows].len(), t.BM) * ceil(w[cols].len(), t.BN))
		b.depth(1)
		return b.done()
	}
	work := func(w window) Work {
		r, c, d := float64(w[rows].len()), float64(w[cols].len()), float64(w[deep].len())
		return Work{MultiplyAdds: r * c * d, Bytes: 4 * (r*c + r*d + d*c)}
	}
	along := []axis{rows, cols, deep}
	if touches(c.Then, &c.Dst, env) {
		along = along[:2]
	}
	w := window{rows: whole(m), cols: whole(n), deep: whole(k)}
	part := env.cut() / 8 * t.BK // a slice is one iteration and, where the compiler does not unroll them, eight of loading
	var out []Launch
	for lo := 0; lo == 0 || lo < k; lo += part {
		w[deep].lo, w[deep].hi = lo, min(lo+part, k)
		out = append(out, cut(w, env, work, along, build)...)
	}
	return out
}
