package plan

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// A Cut is how a product is carried out: with a tile of matmul.comp, with Vec one of matmul_vec.comp, or without any. It decides how
// fast the product is, and no bit of it.
type Cut struct {
	shaders.Tile
	Vec, None bool
}

// device is what the choice of a cut knows of devices.
type device struct {
	groups float64 // that run at once, about
	load   float64 // a word from shared memory, in the time that a multiply-add takes
	slice  float64 // the wait for a slice of A and B where nothing else is to be done meanwhile
	far    float64 // a multiply-add whose factors are not in shared memory
	idle   float64 // the part of a group that takes its time even where it has nothing to do
	tiles  []shaders.Tile
}

var (
	hardware = device{groups: 100, load: 1, slice: 300, far: 4, idle: 1, tiles: shaders.Tiles}
	// llvmpipe carries out loads one by one, as the scalars that they are, and multiply-adds eight at a time.
	software = device{groups: 1, load: 16, slice: 40, far: 25, tiles: shaders.ShortTiles}
)

// cost is the time that a cut takes for a product, about.
func (d *device) cost(c Cut, m, n, k int) float64 {
	if c.None {
		return max(d.idle, float64(m*n)/perGroup/d.groups)*float64(k+2)*d.far + float64(k)*d.slice/8
	}
	t := c.Tile
	load, wait := d.load, d.slice
	if c.Vec { // four words at a time, and the next slice comes in meanwhile
		load, wait = load/2, wait/2
	}
	groups, slices := float64(ceil(m, t.BM)*ceil(n, t.BN)), float64(max(1, ceil(k, t.BK)))
	step := float64(t.TM*t.TN) + load*(float64(t.TM+t.TN)+3*float64(t.BM+t.BN)/perGroup)
	ends := 6 * d.load * float64(t.TM*t.TN)
	return max(1, groups/d.groups)*(slices*float64(t.BK)*step+ends) + slices*wait
}

// Cuts are the ways in which a device can carry a product out, but for None.
func (e *Env) Cuts(vec bool) (all []Cut) {
	tiles := hardware.tiles
	if e.Serial {
		tiles = software.tiles
	}
	for _, t := range tiles {
		if e.Rows == 0 || e.Rows%t.BM == 0 {
			all = append(all, Cut{Tile: t})
		}
	}
	if !vec || e.Serial {
		return all
	}
	for _, t := range shaders.VecTiles {
		if e.fits(t) {
			all = append(all, Cut{Tile: t, Vec: true})
		}
	}
	return all
}

// fits reports whether the device has the shared memory for a tile of matmul_vec.comp.
func (e *Env) fits(t shaders.Tile) bool { return t.VecShared() <= max(e.Shared, 32<<10) }

// cutOf is how m×n of a product, over k, are carried out: as the device's tuner has found, or about the cheapest.
func (e *Env) cutOf(c *backend.MatMul, m, n, k int) Cut {
	vec := e.vectors(c) && e.uses(ByFours)
	oneGroup := e.Rows > 0 || e.Loops
	alone := !oneGroup && e.From == nil
	if e.Tuned != nil && alone {
		if cut, ok := e.Tuned(c, vec); ok && (vec || !cut.Vec) {
			return cut
		}
	}
	d := hardware
	if e.Serial {
		d = software
	}
	if e.Rows > 0 {
		m = min(m, e.Rows)
	}
	if oneGroup {
		d.groups = 1
	}
	best, least := Cut{}, math.Inf(1)
	consider := func(c Cut) {
		if t := d.cost(c, m, n, k); t < least {
			best, least = c, t
		}
	}
	for _, c := range e.Cuts(vec && alone) {
		consider(c)
	}
	if k <= 256 && m*n <= 1<<14 {
		consider(Cut{None: true})
	}
	return best
}

// vectors reports whether both factors can be read four numbers at a time, and a kernel can bind them so beside all else.
func (e *Env) vectors(c *backend.MatMul) bool {
	for _, t := range []*backend.Tensor{&c.A, &c.B} {
		if t.Off%4 != 0 || t.Cols%4 != 0 || t.RowStride()%4 != 0 || t.Advance%4 != 0 || t.Model%4 != 0 || e.large(t.Buf) {
			return false
		}
	}
	return distinct(c)+3 <= min(max(e.Blocks, 8), maxBlocks)
}

// Shape is m, n and k of an m×n product of factors m×k and k×n.
func Shape(c *backend.MatMul) (m, n, k int) {
	if c.TransA {
		return c.Dst.Rows, c.Dst.Cols, c.A.Rows
	}
	return c.Dst.Rows, c.Dst.Cols, c.A.Cols
}

func matMul(c *backend.MatMul, env *Env) []Launch {
	m, n, k := Shape(c)
	if m == 0 || n == 0 {
		return nil
	}
	all := env.cutOf(c, m, n, k)
	parts, partK := env.splits(c, k)
	// Each part of k starts from what the one before it has left in Dst: the same chain of multiply-adds, to the bit.
	build := func(w window) Launch {
		first, last := w[deep].first(), w[deep].last()
		if !(first && last) && touches(c.Then, &c.Dst, env) {
			fail("%w", errChunkedAlias)
		}
		b := newBuilder("MatMul", "matmul", env, w)
		elements, t := b.visitsEach(), all
		if !w[rows].all() || !w[cols].all() || !w[deep].all() { // a part, which may be small
			t = env.cutOf(c, w[rows].len(), w[cols].len(), w[deep].len())
			t.Vec = false
		}
		switch {
		case env.Lone && parts == 1:
			b.part.Template = "matmul_lone"
			b.lone(2 + ceil(w[rows].len(), 4)*(2+ceil(w[cols].len(), 4)*(8+w[deep].len())))
		case t.None:
			b.part.Template = "matmul_few"
			b.elements(elements)
			b.l.loops *= 1 + w[deep].len()
		case t.Vec:
			b.vecTile(t.Tile)
		default:
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
		if !t.Vec {
			if env.From != nil {
				b.gathered("A", env.From, b.side(rows), b.side(deep))
			} else {
				b.transposed("A", &c.A, b.side(rows), b.side(deep), c.TransA)
			}
			b.transposed("B", &c.B, b.side(deep), b.side(cols), c.TransB)
		}
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
		if parts > 1 {
			b.define("SPLIT")
			b.number("PARTS", parts)
			b.number("PART_K", partK)
			b.number("PLACES", b.l.groups)
			b.part.Ints = 1
			b.l.loops = b.l.loops*partK/k + parts*perGroup
			b.scratch(b.l.groups*env.batch(), parts*elements*env.batch())
		}
		b.code.WriteString(shaders.File("split.glsl")) // of what becomes of an element
		if t.Vec {
			b.vector("A", &c.A, !c.TransA, "BM", "ROWS", "NOTHING")
			b.vector("B", &c.B, c.TransB, "BN", "COLS", "0.0")
		}
		b.depth(parts, rows, cols)
		return b.done()
	}
	work := func(w window) Work {
		r, c, d := float64(w[rows].len()), float64(w[cols].len()), float64(w[deep].len())
		return Work{MultiplyAdds: r * c * d, Bytes: 4 * (r*c + r*d + d*c)}
	}
	along := []axis{rows, cols, deep}
	if parts > 1 || touches(c.Then, &c.Dst, env) {
		along = along[:2]
	}
	w := window{rows: whole(m), cols: whole(n), deep: whole(k)}
	if parts > 1 {
		return cut(w, env, work, along, build)
	}
	part := env.cut() / 16 * max(1, all.BK) // a slice is one iteration and, where the compiler does not unroll them, sixteen of loading
	var out []Launch
	for lo := 0; lo == 0 || lo < k; lo += part {
		w[deep].lo, w[deep].hi = lo, min(lo+part, k)
		out = append(out, cut(w, env, work, along, build)...)
	}
	return out
}

// A product of few elements and a long k, as the gradient of a narrow layer's weights by a large batch is, leaves a GPU idle: its k is
// split in parts of at least deepPart, for about splitGroups work groups.
const (
	splitGroups = 128
	deepPart    = 512
	longPart    = 2048    // at most, where there is scratch for it
	splitWords  = 1 << 21 // of scratch
)

// splits is in how many parts of which length k is cut, by the shape alone: the sum of parts has other bits than one chain.
func (e *Env) splits(c *backend.MatMul, k int) (parts, length int) {
	m, n := c.Dst.Rows, c.Dst.Cols
	groups := ceil(m, 32) * ceil(n, 32)
	if groups >= splitGroups/2 || k < 2*deepPart || distinct(c) >= max(min(e.Blocks, maxBlocks), 1) || e.large(c.Dst.Buf) || e.large(c.A.Buf) || e.large(c.B.Buf) {
		return 1, k
	}
	parts = max(min(ceil(splitGroups, groups), k/deepPart), ceil(k, longPart))
	length = (ceil(k, parts) + 63) &^ 63 // whole slices of every tile
	if parts = ceil(k, length); parts*m*n > splitWords {
		return 1, k
	}
	return parts, length
}

// vecTile is the part of a launch of matmul_vec.comp that depends on the tile.
func (b *builder) vecTile(t shaders.Tile) {
	b.part.Template, b.part.Floats = "matmul_vec", t.VecFloats()
	b.part.Defines = append(b.part.Defines, t.VecDefines()...)
	down, across := ceil(b.w[rows].len(), t.BM), ceil(b.w[cols].len(), t.BN)
	b.define("SWIZZLE 8u")
	b.number("TILES_M", down)
	b.number("TILES_N", across)
	b.groups(down * across)
	b.l.loops = ceil(b.w[deep].len(), t.BK)*(1+4*t.BK*(t.BM+t.BN)/perGroup) + 2*t.TM*(2+t.BM/t.TM*t.BN/perGroup)
}

// vector defines V<name>(q) as t by fours, and <name>_ROW as the distance of its rows, for vec_slice.glsl. It has a storage block of its
// own, behind all others. fast says that k is, tile and end how far the tile and the factor go across k, and rest is beyond.
func (b *builder) vector(name string, t *backend.Tensor, fast bool, tile, end, rest string) {
	n := len(b.l.Buffers)
	b.l.Buffers, b.l.Writes, b.l.Ranges = append(b.l.Buffers, t.Buf), append(b.l.Writes, false), append(b.l.Ranges, Range{})
	b.l.Vectors++
	lo, hi := b.env.reach(t)
	b.l.Touches = append(b.l.Touches, Touch{Binding: n, Lo: 4 * lo, Hi: 4 * hi})
	at := b.uniform(Word{uint32(t.Off / 4), uint32(int32(t.Advance) / 4), uint32(int32(t.Model) / 4)})
	if b.env.batch() > 1 && t.Model != 0 {
		at += " + MODEL * " + b.uniform(Word{Base: uint32(int32(t.Model) / 4)})
	}
	b.define("V%s(q) B%d(%s + (q))", name, n, at)
	b.number(name+"_ROW", t.RowStride())
	if fast {
		b.define("FAST_%s", name)
	}
	b.define("Q%s (%s / 4u)", name, tile)
	b.define("LONG_%s %s", name, end)
	b.define("REST_%s %s", name, rest)
	b.code.WriteString(shaders.VecSlice(name))
}
