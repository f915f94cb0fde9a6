package backendtest

import (
	"math"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// moved is the call with its operands where they lie at the given step and model: a call of its own, in which nothing
// advances. Programs have to do what these do.
func moved(call backend.Call, at backend.At) backend.Call {
	var d backend.Call
	switch c := call.(type) {
	case *backend.MatMul:
		e := *c
		e.Then = slices.Clone(c.Then)
		d = &e
	case *backend.Each:
		e := *c
		e.Do = slices.Clone(c.Do)
		d = &e
	case *backend.Reduce:
		e := *c
		for i := range e.Out {
			e.Out[i].Map, e.Out[i].Then = slices.Clone(e.Out[i].Map), slices.Clone(e.Out[i].Then)
		}
		d = &e
	case *backend.Xent:
		e := *c
		e.Then = slices.Clone(c.Then)
		d = &e
	case *backend.Gather:
		e := *c
		e.Then = slices.Clone(c.Then)
		d = &e
	case *backend.Scatter:
		e := *c
		d = &e
	case *backend.Permute:
		e := *c
		d = &e
	}
	d.Walk(func(o backend.Operand) {
		t := o.Tensor
		t.Off += at.Step*t.Advance + at.Model*t.Model
		t.Advance, t.Model = 0, 0
	})
	return d
}

// unroll runs n steps as single calls.
func unroll(b backend.Backend, s backend.Step, n int) {
	for step := range n {
		for m := range max(s.Models, 1) {
			for _, c := range s.Calls {
				backend.Do(b, moved(c, backend.At{Step: step, Model: m}))
			}
		}
	}
}

// bitsOf reads a buffer of any kind, one word for each element.
func bitsOf(b backend.Backend, buf *backend.Buffer) ([]uint32, error) {
	out := make([]uint32, buf.Len())
	switch buf.Kind() {
	case backend.U32:
		return out, backend.Read(b, out, buf, 0)
	case backend.U8:
		c := make([]byte, buf.Len())
		err := backend.Read(b, c, buf, 0)
		for i, x := range c {
			out[i] = uint32(x)
		}
		return out, err
	}
	f := make([]float32, buf.Len())
	err := backend.Read(b, f, buf, 0)
	for i, x := range f {
		out[i] = math.Float32bits(x)
	}
	return out, err
}

// sameBuffers compares buffers pair by pair, bit for bit.
func (w *world) sameBuffers(what string, got, want []*backend.Buffer, except ...*backend.Buffer) {
	w.t.Helper()
	for i := range got {
		if slices.Contains(except, got[i]) {
			continue
		}
		g, err := bitsOf(w.b, got[i])
		w.must(err)
		v, err := bitsOf(w.b, want[i])
		w.must(err)
		for p := range g {
			if g[p] != v[p] {
				w.t.Errorf("%s: element %d of buffer %d (%d %v) is %x (%v), want %x (%v)", what, p, i, len(g), got[i].Kind(),
					g[p], math.Float32frombits(g[p]), v[p], math.Float32frombits(v[p]))
				break
			}
		}
	}
}
