package cpu

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
)

// A scatter adds rows to where their indices say. Workers share the columns: the order of the rows is the contract's.
type scatter struct {
	call     *backend.Scatter
	dst, src operand
	index    []uint32
	cols     int // columns make a chunk
}

func newScatter(c *backend.Scatter) *scatter {
	return &scatter{call: c, dst: whole(&c.Dst), src: whole(&c.Src), cols: 64}
}

func (t *scatter) run(x *exec, at backend.At) {
	c := t.call
	if c.Dst.Size() == 0 {
		return
	}
	t.dst.place(at)
	t.src.place(at)
	t.index = integers(&c.Index, at)
	work := float64(c.Dst.Size())*0.2 + float64(c.Src.Size()*c.Index.Cols)*0.4
	x.share(t, pieces(c.Dst.Cols, t.cols), work)
}

func (t *scatter) chunk(_ *scratch, i int) {
	c := t.call
	j := i * t.cols
	n := min(t.cols, c.Dst.Cols-j)
	for r := range c.Dst.Rows {
		f32.Scale(t.dst.data[r*t.dst.stride+j:][:n], c.Beta)
	}
	if len(t.index) == 0 {
		return
	}
	for i := range c.Src.Rows {
		for _, r := range t.index[i*c.Index.RowStride():][:c.Index.Cols] {
			if uint64(r) < uint64(c.Dst.Rows) {
				f32.Add(t.dst.data[int(r)*t.dst.stride+j:][:n], t.src.data[i*t.src.stride+j:])
			}
		}
	}
}
