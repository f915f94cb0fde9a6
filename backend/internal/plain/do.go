package plain

import (
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// Do runs a call whose buffers hold *Mem[T].
func Do[T Float](call backend.Call, at backend.At) {
	switch c := call.(type) {
	case *backend.MatMul:
		matMul[T](c, at)
	case *backend.Each:
		each[T](c, at)
	case *backend.Reduce:
		reduce[T](c, at)
	case *backend.Xent:
		xent[T](c, at)
	case *backend.Gather:
		gather[T](c, at)
	case *backend.Scatter:
		scatter[T](c, at)
	case *backend.Permute:
		permute[T](c, at)
	default:
		panic(fmt.Sprintf("plain: unknown call %T", call))
	}
}

func matMul[T Float](c *backend.MatMul, at backend.At) {
	dst, a, b := view[T](&c.Dst, at), view[T](&c.A, at), view[T](&c.B, at)
	k := c.A.Cols
	if c.TransA {
		k = c.A.Rows
		a.row, a.col = a.col, a.row
	}
	if c.TransB {
		b.row, b.col = b.col, b.row
	}
	then := place[T](c.Then, at, dst.rows, dst.cols)
	for i := range dst.rows {
		for j := range dst.cols {
			var s T
			if c.Beta != 0 {
				s = T(c.Beta) * *dst.at(i, j)
			}
			for l := range k {
				s += *a.at(i, l) * *b.at(l, j)
			}
			*dst.at(i, j) = T(then.run(float64(s), i, j))
		}
	}
}

func each[T Float](c *backend.Each, at backend.At) {
	dst := view[T](&c.Dst, at)
	do := place[T](c.Do, at, c.Dst.Rows, c.Dst.Cols)
	for i := range c.Dst.Rows {
		for j := range c.Dst.Cols {
			v := do.run(0, i, j)
			if dst.present() {
				*dst.at(i, j) = T(v)
			}
		}
	}
}

func reduce[T Float](c *backend.Reduce, at backend.At) {
	m, n := c.Shape()
	for o := range c.Out {
		r := &c.Out[o]
		if !r.Dst.Present() {
			continue
		}
		do, then := place[T](r.Map, at, c.Rows, c.Cols), place[T](r.Then, at, m, n)
		for i := range m {
			for j := range n {
				v, arg := fold(c, r.By, do, i, j)
				if r.By == backend.ArgMax {
					integers[T](&r.Dst, at)[i*r.Dst.RowStride()+j] = arg
					continue
				}
				d := view[T](&r.Dst, at).at(i, j)
				if r.Beta != 0 {
					v += float64(r.Beta) * float64(*d)
				}
				*d = T(then.run(v, i, j))
			}
		}
	}
}

// fold is the result (i, j) of a reduction, and where its maximum is.
func fold[T Float](c *backend.Reduce, by backend.By, do *chain[T], i, j int) (float64, uint32) {
	ilo, ihi, jlo, jhi := 0, c.Rows, 0, c.Cols
	switch c.Axis {
	case backend.OverRows:
		jlo, jhi = j, j+1
	case backend.OverCols:
		ilo, ihi = i, i+1
	}
	acc, arg := 0.0, backend.NoRow
	if by != backend.Sum {
		acc = math.Inf(-1)
	}
	for i := ilo; i < ihi; i++ {
		for j := jlo; j < jhi; j++ {
			v := do.run(0, i, j)
			switch {
			case by == backend.Sum:
				acc += v
			case v > acc || arg == backend.NoRow:
				acc = v
				switch c.Axis {
				case backend.OverRows:
					arg = uint32(i)
				case backend.OverCols:
					arg = uint32(j)
				default:
					arg = uint32(i*c.Cols + j)
				}
			}
		}
	}
	return acc, arg
}

func gather[T Float](c *backend.Gather, at backend.At) {
	index, table := integers[T](&c.Index, at), c.Table
	if c.Dst.Buf.Kind() == backend.U32 {
		dst := integers[T](&c.Dst, at)
		for i := range c.Dst.Rows {
			r := index[i*c.Index.RowStride()]
			for j := range c.Dst.Cols {
				v := uint32(0)
				if uint64(r) < uint64(table.Rows) {
					v = integers[T](&table, at)[int(r)*table.RowStride()+j]
				}
				dst[i*c.Dst.RowStride()+j] = v
			}
		}
		return
	}
	dst := view[T](&c.Dst, at)
	then := place[T](c.Then, at, dst.rows, dst.cols)
	for i := range dst.rows {
		for j := range dst.cols {
			s := 0.0
			for l := range c.Index.Cols {
				r := index[i*c.Index.RowStride()+l]
				if uint64(r) >= uint64(table.Rows) {
					continue
				}
				p := table.At(at) + int(r)*table.RowStride() + j
				if table.Buf.Kind() == backend.U8 {
					s += float64(of[T](&table).B[p])
				} else {
					s += float64(of[T](&table).F[p])
				}
			}
			*dst.at(i, j) = T(then.run(s, i, j))
		}
	}
}

func scatter[T Float](c *backend.Scatter, at backend.At) {
	dst, src := view[T](&c.Dst, at), view[T](&c.Src, at)
	for i := range dst.rows {
		for j := range dst.cols {
			if d := dst.at(i, j); c.Beta == 0 {
				*d = 0
			} else {
				*d *= T(c.Beta)
			}
		}
	}
	index := integers[T](&c.Index, at)
	for i := range src.rows {
		for l := range c.Index.Cols {
			r := index[i*c.Index.RowStride()+l]
			if uint64(r) >= uint64(dst.rows) {
				continue
			}
			for j := range src.cols {
				*dst.at(int(r), j) += *src.at(i, j)
			}
		}
	}
}

func permute[T Float](c *backend.Permute, at backend.At) {
	var key [4]uint32
	copy(key[:], integers[T](&c.Key, at))
	dst := integers[T](&c.Dst, at)
	for i := range c.Dst.Rows {
		for j := range c.Dst.Cols {
			p := uint64(key[3]) + uint64(i*c.Dst.Cols+j)
			v := backend.NoRow
			if p < uint64(c.N) {
				v = backend.Permuted(key, uint32(c.N), uint32(p))
			}
			dst[i*c.Dst.RowStride()+j] = v
		}
	}
}
