package cpu

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
)

// A gather takes rows by index, or sums bags of them.
type gather struct {
	call    *backend.Gather
	dst     operand
	then    *chain
	inPlace bool
	index   []uint32
	floats  []float32 // the table, by its kind
	bytes   []byte
	ints    []uint32
	out     []uint32
	rows    int // rows make a chunk
}

func newGather(c *backend.Gather) *gather {
	g := &gather{call: c, rows: max(1, eachChunk/max(c.Dst.Cols, 1))}
	if c.Dst.Buf.Kind() == backend.U32 {
		return g
	}
	g.dst = whole(&c.Dst)
	g.then = compile(c.Then, c.Dst.Rows, c.Dst.Cols)
	g.then.flat = g.then.flat && g.dst.flat()
	g.inPlace = inPlace(&c.Dst, c.Then)
	return g
}

func (g *gather) run(x *exec, at backend.At) {
	c := g.call
	if c.Dst.Size() == 0 {
		return
	}
	g.index = integers(&c.Index, at)
	g.floats, g.bytes, g.ints = nil, nil, nil
	if table := memory(&c.Table); c.Table.Size() > 0 {
		switch c.Table.Buf.Kind() {
		case backend.F32:
			g.floats = table.F[c.Table.At(at):]
		case backend.U8:
			g.bytes = table.B[c.Table.At(at):]
		default:
			g.ints = table.U[c.Table.At(at):]
		}
	}
	cost := 0.3 * float64(c.Index.Cols)
	if g.then != nil {
		g.dst.place(at)
		g.then.place(at)
		cost += g.then.cost
	} else {
		g.out = integers(&c.Dst, at)
	}
	x.share(g, pieces(c.Dst.Rows, g.rows), float64(c.Dst.Size())*cost)
}

func (g *gather) chunk(s *scratch, c int) {
	i0 := c * g.rows
	i1 := min(i0+g.rows, g.call.Dst.Rows)
	if g.then == nil {
		g.integers(i0, i1)
		return
	}
	cols := g.dst.cols
	for lo, hi := i0*cols, i1*cols; lo < hi; {
		n := g.then.step(lo, hi)
		i, j := lo/cols, lo%cols
		v := g.dst.block(s, g.inPlace, lo, i, j, n)
		for rest, i, j := v, i, j; len(rest) > 0; i, j = i+1, 0 {
			l := min(cols-j, len(rest))
			g.row(rest[:l], i, j)
			rest = rest[l:]
		}
		g.dst.put(g.then.run(s, v, lo, i, j), lo, i, j)
		lo += n
	}
}

// row fills v with the elements of the result's row i from column j on.
func (g *gather) row(v []float32, i, j int) {
	c := g.call
	var bag []uint32
	if c.Index.Cols > 0 {
		bag = g.index[i*c.Index.RowStride():][:c.Index.Cols]
	}
	empty := true
	for _, r := range bag {
		if uint64(r) >= uint64(c.Table.Rows) {
			continue
		}
		at := int(r)*c.Table.RowStride() + j
		switch {
		case empty && g.bytes != nil:
			f32.Bytes(v, g.bytes[at:])
		case empty:
			copy(v, g.floats[at:])
		case g.bytes != nil:
			f32.AddBytes(v, g.bytes[at:])
		default:
			f32.Add(v, g.floats[at:])
		}
		empty = false
	}
	if empty {
		clear(v)
	}
}

func (g *gather) integers(i0, i1 int) {
	c := g.call
	for i := i0; i < i1; i++ {
		dst := g.out[i*c.Dst.RowStride():][:c.Dst.Cols]
		if r := g.index[i*c.Index.RowStride()]; uint64(r) < uint64(c.Table.Rows) {
			copy(dst, g.ints[int(r)*c.Table.RowStride():])
		} else {
			clear(dst)
		}
	}
}
