// Package plain runs the calls of the contract as loops over the op table's definitions, on the host's memory, in
// float32 or float64. It is what the contract means: package ref is this machine in float64, and package cpu falls
// back to it where it has nothing faster.
package plain

import (
	"encoding/binary"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// Float is the type that F32 buffers are held in.
type Float interface{ float32 | float64 }

// Mem is the memory of a buffer: one of the three, by kind.
type Mem[T Float] struct {
	F []T
	U []uint32
	B []byte
}

// New returns n zeros of a kind.
func New[T Float](kind backend.Kind, n int) *Mem[T] {
	switch kind {
	case backend.F32:
		return &Mem[T]{F: make([]T, n)}
	case backend.U32:
		return &Mem[T]{U: make([]uint32, n)}
	}
	return &Mem[T]{B: make([]byte, n)}
}

// Write copies 32-bit floats, integers or bytes in the machine's byte order to the elements from off on.
func (m *Mem[T]) Write(off int, src []byte) {
	switch {
	case m.F != nil:
		for i := range len(src) / 4 {
			m.F[off+i] = T(math.Float32frombits(binary.NativeEndian.Uint32(src[4*i:])))
		}
	case m.U != nil:
		for i := range len(src) / 4 {
			m.U[off+i] = binary.NativeEndian.Uint32(src[4*i:])
		}
	default:
		copy(m.B[off:], src)
	}
}

// Read is the way back.
func (m *Mem[T]) Read(dst []byte, off int) {
	switch {
	case m.F != nil:
		for i := range len(dst) / 4 {
			binary.NativeEndian.PutUint32(dst[4*i:], math.Float32bits(float32(m.F[off+i])))
		}
	case m.U != nil:
		for i := range len(dst) / 4 {
			binary.NativeEndian.PutUint32(dst[4*i:], m.U[off+i])
		}
	default:
		copy(dst, m.B[off:])
	}
}

// of is the memory behind an operand that is present.
func of[T Float](t *backend.Tensor) *Mem[T] { return t.Buf.Mem().(*Mem[T]) }

// floats is an F32 operand seen from its element (0, 0).
type floats[T Float] struct {
	v          []T
	row, col   int // strides; 0 where the operand is broadcast
	rows, cols int
}

// view places an F32 operand; an absent one has no elements.
func view[T Float](t *backend.Tensor, at backend.At) floats[T] {
	if !t.Present() || t.Size() == 0 {
		return floats[T]{}
	}
	return floats[T]{v: of[T](t).F[t.At(at):], row: t.RowStride(), col: 1, rows: t.Rows, cols: t.Cols}
}

// over is t broadcast over a rows×cols domain.
func (f floats[T]) over(rows, cols int) floats[T] {
	if f.rows == 1 && rows != 1 {
		f.row = 0
	}
	if f.cols == 1 && cols != 1 {
		f.col = 0
	}
	return f
}

func (f floats[T]) at(i, j int) *T { return &f.v[i*f.row+j*f.col] }

func (f floats[T]) present() bool { return f.v != nil }

func integers[T Float](t *backend.Tensor, at backend.At) []uint32 {
	if t.Size() == 0 {
		return nil
	}
	return of[T](t).U[t.At(at):]
}

// chain is a chain placed at a step, over a domain.
type chain[T Float] struct {
	fns  []placed[T]
	cols int
	e    backend.El
}

type placed[T Float] struct {
	op  *backend.Op
	arg [backend.MaxArgs]floats[T]
	c   []float64
	k   [4]uint32
	p   [4]float64
}

func place[T Float](c backend.Chain, at backend.At, rows, cols int) *chain[T] {
	ch := &chain[T]{cols: cols, fns: make([]placed[T], len(c))}
	for i := range c {
		f, p := &c[i], &ch.fns[i]
		p.op, p.p = f.Op, f.Params()
		for j := range f.Op.Args {
			switch t := &f.Arg[j]; f.Op.Args[j] {
			case 'c':
				p.c = make([]float64, f.Op.Consts)
				for l, x := range view[T](t, at).v[:f.Op.Consts] {
					p.c[l] = float64(x)
				}
			case 'k':
				copy(p.k[:], integers[T](t, at))
			default:
				p.arg[j] = view[T](t, at).over(rows, cols)
			}
		}
	}
	return ch
}

// run sends v through the chain as element (i, j) of the domain.
func (c *chain[T]) run(v float64, i, j int) float64 {
	for n := range c.fns {
		f := &c.fns[n]
		c.e = backend.El{V: v, C: f.c, K: f.k, P: f.p, Row: i, Col: j, Index: uint64(i)*uint64(c.cols) + uint64(j)}
		for a := range f.op.Args {
			if r := f.op.Args[a]; r == 'r' || r == 'm' {
				c.e.A[a] = float64(*f.arg[a].at(i, j))
			}
		}
		f.op.F(&c.e)
		for a := range f.op.Args {
			if r := f.op.Args[a]; r == 'w' || r == 'm' {
				*f.arg[a].at(i, j) = T(c.e.A[a])
			}
		}
		v = c.e.V
	}
	return v
}
