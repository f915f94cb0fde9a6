package cpu

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/gloss-ml/gloss/backend"
)

// A store is the memory of a buffer: one of the three, by kind. The lock makes calls on one buffer from several
// goroutines happen one after another; calls that only read it run side by side.
type store struct {
	F  []float32
	U  []uint32
	B  []byte
	mu sync.RWMutex
	id uint64 // locks are taken in ascending order, so that no two goroutines wait for each other
}

var stores atomic.Uint64

func newStore(kind backend.Kind, n int) *store {
	m := &store{id: stores.Add(1)}
	switch kind {
	case backend.F32:
		m.F = make([]float32, n)
	case backend.U32:
		m.U = make([]uint32, n)
	default:
		m.B = make([]byte, n)
	}
	return m
}

// memory is the memory behind an operand that is present.
func memory(t *backend.Tensor) *store { return t.Buf.Mem().(*store) }

// raw is the memory from element off on, as bytes.
func (m *store) raw(off int) []byte {
	switch {
	case m.F != nil:
		return unsafe.Slice((*byte)(unsafe.Pointer(&m.F[off])), 4*(len(m.F)-off))
	case m.U != nil:
		return unsafe.Slice((*byte)(unsafe.Pointer(&m.U[off])), 4*(len(m.U)-off))
	}
	return m.B[off:]
}

// A hold is the right to use some memory, held while calls run.
type hold []held

type held struct {
	m      *store
	writes bool
}

// holdOf is what the calls need, all of them together.
func holdOf(calls ...backend.Call) hold {
	var h hold
	for _, c := range calls {
		c.Walk(func(o backend.Operand) {
			m, writes := memory(o.Tensor), o.Access&backend.Writes != 0
			i, found := slices.BinarySearchFunc(h, m, func(a held, m *store) int { return cmp.Compare(a.m.id, m.id) })
			if !found {
				h = slices.Insert(h, i, held{m: m})
			}
			h[i].writes = h[i].writes || writes
		})
	}
	return h
}

func (h hold) take() {
	for _, a := range h {
		if a.writes {
			a.m.mu.Lock()
		} else {
			a.m.mu.RLock()
		}
	}
}

func (h hold) release() {
	for _, a := range h {
		if a.writes {
			a.m.mu.Unlock()
		} else {
			a.m.mu.RUnlock()
		}
	}
}
