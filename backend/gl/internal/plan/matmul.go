package plan

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// device is what the choice of a product's tile knows of devices: it decides how fast a product is, and no bit of it.
type device struct {
	groups float64 // that run at once, about
	load   float64 // a word from shared memory, in the time that a multiply-add takes
	slice  float64 // the wait for a slice of A and B where nothing else is to be done meanwhile
	tiles  []shaders.Tile
}

var (
	hardware = device{groups: 100, load: 1, slice: 300, tiles: shaders.Tiles}
	// llvmpipe carries out loads one by one, as the scalars that they are, and multiply-adds eight at a time.
	software = device{groups: 1, load: 16, slice: 40, tiles: shaders.ShortTiles}
)

// cost is the time that a tile takes for a product, about.
func (d *device) cost(t shaders.Tile, m, n, k int) float64 {
	groups, slices := float64(ceil(m, t.BM)*ceil(n, t.BN)), float64(max(1, ceil(k, t.BK)))
	step := float64(t.TM*t.TN) + d.load*(float64(t.TM+t.TN)+3*float64(t.BM+t.BN)/perGroup)
	ends := 6 * d.load * float64(t.TM*t.TN)
	return max(1, groups/d.groups)*(slices*float64(t.BK)*step+ends) + slices*d.slice
}

// direct is the cost without a tile.
func (d *device) direct(m, n, k int) float64 {
	return max(1, float64(ceil(m*n, perGroup))/d.groups)*float64(k+2)*(1+3*d.load) + float64(k)*d.slice/8
}

// tile is the cheapest for a product; none is for a product that is better off without.
func tile(m, n, k int, env *Env) (best shaders.Tile, none bool) {
	if env.Tile != nil {
		return *env.Tile, env.Tile.BM == 0
	}
	d := hardware
	if env.Serial {
		d = software
	}
	if env.Rows > 0 {
		m = min(m, env.Rows)
	}
	if env.Rows > 0 || env.Loops {
		d.groups = 1
	}
	least := math.Inf(1)
	for _, t := range d.tiles {
		if env.Rows > 0 && env.Rows%t.BM != 0 {
			continue
		}
		if c := d.cost(t, m, n, k); c < least {
			best, least = t, c
		}
	}
	return best, k <= 256 && m*n <= 1<<14 && d.direct(m, n, k) < least
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
	t, few := tile(m, n, k, env)
	// Each part of k starts from what the one before it has left in Dst: the same chain of multiply-adds, to the bit.
	build := func(w window) Launch {
		first, last := w[deep].first(), w[deep].last()
		if !(first && last) && touches(c.Then, &c.Dst, env) {
			fail("%w", errChunkedAlias)
		}
		b := newBuilder("MatMul", "matmul", env, w)
		all := b.visitsEach()
		if few {
			b.part.Template = "matmul_few"
			b.shares(all)
			b.l.loops *= 1 + w[deep].len()
		} else {
			b.part.Defines = append(b.part.Defines, t.Defines()...)
			b.part.Floats = t.Floats()
			b.number("TILES_N", ceil(w[cols].len(), t.BN))
			across := ceil(w[cols].len(), t.BN)
			b.groups(ceil(w[rows].len(), t.BM) * across)
			b.l.share = env.Rows / t.BM * across
			b.l.loops = ceil(w[deep].len(), t.BK)*(3+t.BK*(t.BM+t.BN)/perGroup) + 2*t.TM*(2+t.BM/t.TM*t.BN/perGroup)
		}
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
	part := env.cut() / 16 * t.BK // a slice is one iteration and, where the compiler does not unroll them, sixteen of loading
	var out []Launch
	for lo := 0; lo == 0 || lo < k; lo += part {
		w[deep].lo, w[deep].hi = lo, min(lo+part, k)
		out = append(out, cut(w, env, work, along, build)...)
	}
	return out
}
