package nn

import "github.com/gloss-ml/gloss/backend"

// arena hands out a plan's memory: small tensors side by side in larger buffers, which keeps buffers few.
type arena struct {
	dev    backend.Backend
	all    []*backend.Buffer
	chunks []*backend.Buffer // of all, those that are shared
	place
}

// A place is where the next tensor of an arena may lie: in which chunk, and from where on.
type place struct{ chunk, used int }

const (
	arenaFirst = 1 << 12 // elements of the first chunk: a toy network has no other, and there may be thousands of it
	arenaChunk = 1 << 16 // of those that follow
	arenaAlign = 64
)

// take returns room for n elements. After a return to an earlier place the same tensors come to lie in the same memory.
func (a *arena) take(n int) (*backend.Buffer, int, error) {
	for ; a.chunk < len(a.chunks); a.place = (place{a.chunk + 1, 0}) {
		if buf, off := a.chunks[a.chunk], a.used; off+n <= buf.Len() {
			a.used += (n + arenaAlign - 1) / arenaAlign * arenaAlign
			return buf, off, nil
		}
	}
	size := arenaFirst
	if len(a.chunks) > 0 {
		size = arenaChunk
	}
	buf, err := a.own(backend.F32, max(n, size))
	if err != nil {
		return nil, 0, err
	}
	a.chunks = append(a.chunks, buf)
	return a.take(n)
}

func (a *arena) tensor(p *Plan, rows, cols int) backend.Tensor {
	buf, off, err := a.take(rows * cols)
	p.fail(err)
	return backend.Mat(buf, off, rows, cols)
}

func (a *arena) own(kind backend.Kind, n int) (*backend.Buffer, error) {
	buf, err := backend.Alloc(a.dev, kind, n)
	if err == nil {
		a.all = append(a.all, buf)
	}
	return buf, err
}

func (a *arena) release() {
	for _, b := range a.all {
		b.Release()
	}
	a.all, a.chunks = nil, nil
}
