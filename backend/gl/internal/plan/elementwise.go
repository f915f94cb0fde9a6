package plan

import (
	"github.com/gloss-ml/gloss/backend"
)

// perGroup is the number of invocations of a work group, in every kernel.
const perGroup = 256

// elements is the work of n elements that go through chains.
func elements(n float64, chains ...backend.Chain) (w Work) {
	w.Bytes = 4 * n
	for _, ch := range chains {
		w.MultiplyAdds += 8 * n * float64(len(ch)) // of the order of a polynomial
		for i := range ch {
			w.Bytes += 4 * n * float64(len(ch[i].Op.Args))
		}
	}
	return w
}

// area is the number of elements of rows and columns of the window.
func (w window) area() float64 { return float64(w[rows].len()) * float64(w[cols].len()) }

func each(c *backend.Each, env *Env) []Launch {
	if c.Dst.Rows == 0 || c.Dst.Cols == 0 {
		return nil
	}
	work := func(w window) Work { return elements(w.area(), c.Do) }
	return cut(window{rows: whole(c.Dst.Rows), cols: whole(c.Dst.Cols)}, env, work, []axis{rows, cols}, func(w window) Launch {
		b := newBuilder("Each", "each", env, w)
		b.elements(b.visitsEach())
		b.operand("DST", &c.Dst, b.side(rows), b.side(cols), true)
		b.chain("chain_do", c.Do, b.side(rows), b.side(cols))
		b.depth(1)
		return b.done()
	})
}

// gather sums bags of rows, or takes one row for each of the result. A table that is not bound whole is gone through in
// parts: where there is one index for each row, each launch writes those rows that it finds, or else each adds to what those
// before it have left in Dst, index by index.
func gather(c *backend.Gather, env *Env) []Launch {
	if c.Dst.Rows == 0 || c.Dst.Cols == 0 {
		return nil
	}
	integers, bag := c.Dst.Buf.Kind() == backend.U32, c.Index.Cols
	build := func(w window) Launch {
		parted := !w[inner].all() && bag == 1
		b := newBuilder("Gather", "gather", env, w)
		b.elements(b.visitsEach())
		b.l.loops *= 2 + w[deep].len()
		b.visits("TABLE0", "TABLE_ROWS", w[inner])
		b.operand("DST", &c.Dst, b.side(rows), b.side(cols), true)
		of := b.side(inner)
		if w[deep].len() > 1 {
			of.axis = deep // index by index, for the order of the sum
		}
		b.operand("TABLE", &c.Table, of, b.side(cols), false)
		b.operand("INDEX", &c.Index, b.side(rows), b.side(deep), false)
		first, last := w[deep].first() && w[inner].first(), w[deep].last() && w[inner].last()
		if parted {
			b.define("PARTED")
			if w[inner].last() {
				b.define("REST") // indices past the end
			}
			first, last = true, true
		}
		if !(first && last) && touches(c.Then, &c.Dst, env) {
			fail("%w", errChunkedAlias)
		}
		if integers {
			b.define("INTEGERS")
		} else {
			b.number("BAG_LO", w[deep].lo)
			b.number("BAG_HI", w[deep].hi)
			if !first {
				b.define("CONTINUES")
			}
			var then backend.Chain
			if last {
				then = c.Then
			}
			b.chain("chain_then", then, b.side(rows), b.side(cols))
		}
		b.depth(1)
		return b.done()
	}
	work := func(w window) Work {
		n := elements(w.area(), c.Then)
		n.Bytes += 8 * w.area() * float64(w[deep].len())
		return n
	}
	w := window{rows: whole(c.Dst.Rows), cols: whole(c.Dst.Cols), deep: whole(bag), inner: whole(c.Table.Rows)}
	var out []Launch
	for lo := 0; lo == 0 || lo < bag; lo += env.cut() {
		w[deep].lo, w[deep].hi = lo, min(lo+env.cut(), bag)
		out = append(out, cut(w, env, work, []axis{rows, cols}, build)...)
	}
	return out
}

// touches reports whether an operand of the chain may share an element with dst.
func touches(ch backend.Chain, dst *backend.Tensor, env *Env) bool {
	for i := range ch {
		for j := range ch[i].Op.Args {
			t := &ch[i].Arg[j]
			if t.Buf != dst.Buf || !t.Present() {
				continue
			}
			if t.Advance == dst.Advance && t.Model == dst.Model {
				if t.Overlaps(dst, env.At) {
					return true
				}
				continue
			}
			tlo, thi := env.reach(t)
			lo, hi := env.reach(dst)
			if tlo < hi && lo < thi {
				return true
			}
		}
	}
	return false
}

// scatter goes through the indices in parts where the device has them so. Each adds to what the one before it has left in
// Dst: the same sum, to the bit.
func scatter(c *backend.Scatter, env *Env) []Launch {
	if c.Dst.Rows == 0 || c.Dst.Cols == 0 {
		return nil
	}
	bag := max(1, c.Index.Cols)
	items := c.Index.Rows * c.Index.Cols
	if items > maxDomain {
		fail("%d indices; 2³¹ is the most", items)
	}
	few := items <= 128 || float64(c.Dst.Cols)*float64(items) <= 4096
	build := func(w window) Launch {
		name := "scatter"
		if few {
			name = "scatter_few"
		}
		b := newBuilder("Scatter", name, env, w)
		n := b.visitsEach()
		b.number("BAG", bag)
		b.number("ITEM_LO", w[deep].lo)
		b.number("ITEM_HI", w[deep].hi)
		of := side{deep, extent{c.Index.Rows, w[deep].lo / bag, ceil(w[deep].hi, bag)}}
		b.operand("DST", &c.Dst, b.side(rows), b.side(cols), true)
		b.operand("SRC", &c.Src, of, b.side(cols), false)
		b.operand("INDEX", &c.Index, of, uncut(c.Index.Cols), false)
		beta := c.Beta
		if !w[deep].first() {
			beta = 1
		}
		if beta != 0 {
			b.define("BETA %s", b.float(beta))
		}
		if few {
			b.elements(n)
			b.l.loops *= 2 + 2*w[deep].len()
			b.depth(1)
		} else {
			b.part.Ints = 66
			b.groups(w[rows].len())
			b.l.loops = 2 * w[deep].len()
			b.depth(ceil(w[cols].len(), perGroup), cols)
		}
		return b.done()
	}
	work := func(w window) Work {
		n := elements(w.area())
		n.Bytes += 4 * float64(w[deep].len()) * (float64(w[rows].len()) + float64(w[cols].len()))
		return n
	}
	w := window{rows: whole(c.Dst.Rows), cols: whole(c.Dst.Cols), deep: whole(items)}
	var out []Launch
	for lo := 0; lo == 0 || lo < items; lo += env.cut() {
		w[deep].lo, w[deep].hi = lo, min(lo+env.cut(), items)
		out = append(out, cut(w, env, work, []axis{rows, cols}, build)...)
	}
	return out
}

func permute(c *backend.Permute, env *Env) []Launch {
	if c.Dst.Rows == 0 || c.Dst.Cols == 0 {
		return nil
	}
	if int64(c.Dst.Rows)*int64(c.Dst.Cols) >= 1<<32 {
		fail("an order of %d×%d numbers; they have 32 bits", c.Dst.Rows, c.Dst.Cols)
	}
	work := func(w window) Work { return Work{MultiplyAdds: 100 * w.area(), Bytes: 4 * w.area()} }
	return cut(window{rows: whole(c.Dst.Rows), cols: whole(c.Dst.Cols)}, env, work, []axis{rows, cols}, func(w window) Launch {
		b := newBuilder("Permute", "permute", env, w)
		b.elements(b.visitsEach())
		b.l.loops *= 64
		b.number("WIDTH", c.Dst.Cols)
		b.number("N", c.N)
		left, right := backend.OrderBits(uint32(c.N))
		b.number("LEFT_BITS", left)
		b.number("RIGHT_BITS", right)
		b.operand("DST", &c.Dst, b.side(rows), b.side(cols), true)
		b.operand("KEY", &c.Key, uncut(1), uncut(4), false)
		b.depth(1)
		return b.done()
	})
}
