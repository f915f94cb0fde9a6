package backendtest

import (
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// Checked returns b as a device that looks at everything it does: each call, those of programs too, is also computed by its
// definition in float64, from what the operands hold before it, and every buffer that it touches is compared afterwards with
// the contract's bounds, so that also what it was not to write is as it was. The first elements that differ are errors of t, with the
// call and its shapes. Run a network's own training on it, a step or two, where a driver or a kernel is under suspicion:
//
//	dev = backendtest.Checked(t, dev)
//
// It is slow, thousands of times, and calls run one at a time. Operands have to be finite.
func Checked(t testing.TB, b backend.Backend) backend.Backend { return &checked{Backend: b, t: t} }

// checked is no Wrapper: what is under it would be found and record programs by itself.
type checked struct {
	backend.Backend
	t  testing.TB
	mu sync.Mutex
}

func (c *checked) Do(call backend.Call, at backend.At) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.Helper()
	here := moved(call, at)
	w := &world{t: c.t, b: c.Backend, blocks: map[*backend.Buffer]*block{}}
	here.Walk(func(o backend.Operand) {
		k := w.blocks[o.Tensor.Buf]
		if k == nil {
			k = w.image(o.Tensor.Buf)
		}
		if k.t.Buf == nil || o.Access&backend.Writes != 0 {
			k.t = *o.Tensor
		}
	})
	if c.t.Failed() { // the device's, or of a call before this one: what follows from it says nothing
		c.Backend.Do(call, at)
		return
	}
	for i, f := range flushes {
		w.flush, w.again = f, i > 0
		w.predict(here)
	}
	c.Backend.Do(call, at)
	w.check(backend.Describe(here))
}

// image takes a buffer as it is.
func (w *world) image(buf *backend.Buffer) *block {
	k := &block{buf: buf}
	var err error
	switch buf.Kind() {
	case backend.F32:
		k.f = make([]float32, buf.Len())
		err = backend.Read(w.b, k.f, buf, 0)
	case backend.U32:
		k.u = make([]uint32, buf.Len())
		err = backend.Read(w.b, k.u, buf, 0)
	default:
		k.c = make([]byte, buf.Len())
		err = backend.Read(w.b, k.c, buf, 0)
	}
	w.must(err)
	w.blocks[buf] = k
	w.order = append(w.order, k)
	return k
}
