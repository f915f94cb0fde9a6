package backendtest

import (
	"hash/fnv"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// A world is what one test puts on a device: tensors, each in a buffer of its own between guard words, and what they
// have to hold. Everything that no call was to write must keep its bits: guards, gaps between rows, and inputs.
type world struct {
	t        testing.TB
	b        backend.Backend
	rng      *rand.Rand
	blocks   map[*backend.Buffer]*block
	order    []*block
	loose    []*backend.Buffer // released with the rest, and not compared
	programs []*backend.Program
	gap      int           // elements between the rows of tensors made from now on
	flush    flush         // of the evaluation that runs
	again    bool          // expectations add alternatives
	whole    bool          // inputs are whole numbers, whose sums and products are exact
	seen     [3]backend.El // what ops see, once: they are given away by address
}

// newWorld starts a world whose random numbers depend on the test's name alone. The end of the test releases its
// buffers and checks that the device counts none of them any longer.
func newWorld(t testing.TB, b backend.Backend) *world {
	h := fnv.New64a()
	h.Write([]byte(t.Name()))
	w := &world{t: t, b: b, rng: rand.New(rand.NewPCG(h.Sum64(), 1)), blocks: map[*backend.Buffer]*block{}, flush: flushes[0]}
	before := b.Stats()
	t.Cleanup(func() {
		w.clear()
		if after := b.Stats(); !t.Failed() && (after.LiveBuffers != before.LiveBuffers || after.LiveBytes != before.LiveBytes) {
			t.Errorf("after all was released %d buffers of %d bytes are live, before %d of %d",
				after.LiveBuffers, after.LiveBytes, before.LiveBuffers, before.LiveBytes)
		}
	})
	return w
}

// clear releases the buffers made so far.
func (w *world) clear() {
	for _, k := range w.order {
		k.buf.Release()
	}
	for _, b := range w.loose {
		b.Release()
	}
	for _, p := range w.programs {
		p.Release()
	}
	w.blocks, w.order, w.loose, w.programs = map[*backend.Buffer]*block{}, nil, nil, nil
}

// A block is a buffer and the host's image of it.
type block struct {
	buf    *backend.Buffer
	t      backend.Tensor
	f      []float32
	u      []uint32
	c      []byte
	expect []bound // what elements of f have to be after the calls, where known
	known  []bool
	others map[int][]bound // what they may be instead
}

// fill draws an element.
type fill func(r *rand.Rand) float32

// alloc makes a buffer of n elements.
func alloc(t testing.TB, b backend.Backend, kind backend.Kind, n int) *backend.Buffer {
	t.Helper()
	buf, err := backend.Alloc(b, kind, n)
	if err != nil {
		t.Fatalf("Alloc of %d %v: %v", n, kind, err)
	}
	return buf
}

// room makes a buffer for a rows×cols tensor between guards of 1 to 9 elements and returns where the tensor lies.
func (w *world) room(kind backend.Kind, rows, cols int) (backend.Tensor, int) {
	w.t.Helper()
	before, after := 1+w.rng.IntN(9), 1+w.rng.IntN(9)
	stride := cols + w.gap
	n := before + rows*stride + after
	t := backend.Mat(alloc(w.t, w.b, kind, n), before, rows, cols)
	if w.gap > 0 {
		t.Stride = stride
	}
	return t, n
}

func (w *world) keep(k *block) backend.Tensor {
	w.blocks[k.buf] = k
	w.order = append(w.order, k)
	return k.t
}

// floats makes an F32 tensor whose elements are drawn in order, row by row.
func (w *world) floats(rows, cols int, gen fill) backend.Tensor {
	w.t.Helper()
	t, n := w.room(backend.F32, rows, cols)
	k := &block{buf: t.Buf, t: t, f: make([]float32, n)}
	for i := range k.f {
		k.f[i] = 1e6 * (w.rng.Float32() + 1) // a canary that spoils what reads it
	}
	for i := range rows {
		for j := range cols {
			k.f[t.Off+i*t.RowStride()+j] = gen(w.rng)
		}
	}
	backend.Write(w.b, t.Buf, 0, k.f)
	return w.keep(k)
}

// ints makes a U32 tensor.
func (w *world) ints(rows, cols int, gen func(r *rand.Rand) uint32) backend.Tensor {
	w.t.Helper()
	t, n := w.room(backend.U32, rows, cols)
	k := &block{buf: t.Buf, t: t, u: make([]uint32, n)}
	for i := range k.u {
		k.u[i] = w.rng.Uint32()
	}
	for i := range rows {
		for j := range cols {
			k.u[t.Off+i*t.RowStride()+j] = gen(w.rng)
		}
	}
	backend.Write(w.b, t.Buf, 0, k.u)
	return w.keep(k)
}

// bytes makes a U8 tensor of random bytes.
func (w *world) bytes(rows, cols int) backend.Tensor {
	w.t.Helper()
	t, n := w.room(backend.U8, rows, cols)
	k := &block{buf: t.Buf, t: t, c: make([]byte, n)}
	for i := range k.c {
		k.c[i] = byte(w.rng.Uint32())
	}
	backend.Write(w.b, t.Buf, 0, k.c)
	return w.keep(k)
}

// row makes a 1×n tensor of the given numbers.
func (w *world) row(x ...float32) backend.Tensor {
	w.t.Helper()
	return w.floats(1, len(x), listed(x...))
}

// rowInts makes a 1×n U32 tensor of the given numbers.
func (w *world) rowInts(x ...uint32) backend.Tensor {
	w.t.Helper()
	i := -1
	return w.ints(1, len(x), func(*rand.Rand) uint32 { i++; return x[i] })
}

func index(t *backend.Tensor, i, j int) int { return t.Off + i*t.RowStride() + j }

// get is the element of t that element (i, j) of the domain reads, as the device may see it.
func (w *world) get(t *backend.Tensor, i, j int) float64 {
	if t.Rows == 1 {
		i = 0
	}
	if t.Cols == 1 {
		j = 0
	}
	return w.flush(float64(w.blocks[t.Buf].f[index(t, i, j)]))
}

func (w *world) getInt(t *backend.Tensor, i, j int) uint32 { return w.blocks[t.Buf].u[index(t, i, j)] }

// want says what element (i, j) of t has to be after the calls.
func (w *world) want(t *backend.Tensor, i, j int, b bound) {
	k := w.blocks[t.Buf]
	if k.expect == nil {
		k.expect, k.known = make([]bound, len(k.f)), make([]bool, len(k.f))
	}
	p := index(t, i, j)
	if w.again && b != k.expect[p] {
		if k.others == nil {
			k.others = map[int][]bound{}
		}
		k.others[p] = append(k.others[p], b)
		return
	}
	k.expect[p], k.known[p] = b, true
}

func (w *world) wantInt(t *backend.Tensor, i, j int, v uint32) { w.blocks[t.Buf].u[index(t, i, j)] = v }
