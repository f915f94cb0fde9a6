package backend

import "slices"

// MaxArgs is the number of operands that an op can have, and MaxConsts the length of a row of constants.
const (
	MaxArgs   = 6
	MaxConsts = 8
)

// An Op is a function of one element: a row of the op table. The running value V goes in and comes out; operands are
// read, written or both, by a role for each letter of Args:
//
//	r  read, m×n, or broadcast: 1×n, m×1, 1×1
//	w  written, m×n
//	m  read and written, m×n
//	c  a 1×Consts row of float constants, the same for every element
//	k  a 1×4 row of integers that keys random draws: seed, seed, step, salt
//
// F is the definition: devices agree with it within the contract's tolerance (package backendtest). A device without
// a fast loop for an op runs F itself.
type Op struct {
	Name   string // the device function is op_<Name>
	Args   string
	Consts int // length of the row behind a 'c'
	F      func(e *El)

	// Grad is the gradient's op for an op with no operands: given V = dy and, as its one operand, x or y as Wants says,
	// it leaves V = dx. The pair is checked by finite differences in float64.
	Grad  *Op
	Wants Want

	// GLSL defines op_<Name> for an op that is not in the table, in the form that package shaders documents.
	GLSL string
}

// Want says what a gradient's op reads beside dy.
type Want uint8

const (
	WantNothing Want = iota
	WantX            // the input of the forward op
	WantY            // its output
)

// An El is one element on its way through a chain, in float64. A definition reads and writes V and A, and notes in S
// and SA the largest magnitude among the terms that it adds or subtracts: the scale of the rounding error that a
// device may make. It may read the element's place.
type El struct {
	V        float64
	A        [MaxArgs]float64 // operands r, m before; w, m after
	C        []float64        // the row behind 'c'
	K        [4]uint32        // the row behind 'k'
	P        [4]float64       // the op's parameters
	Row, Col int
	Index    uint64 // Row·columns + Col: counts the elements of the call's domain
	S        float64
	SA       [MaxArgs]float64
}

// A Fn is an op with its operands and parameters. Parameters are part of the kernel: what changes from step to step is
// an operand. They are float32, so that every device computes with the same numbers.
type Fn struct {
	Op  *Op
	Arg [MaxArgs]Tensor
	P   [4]float32
}

// Params are the parameters as the definition sees them.
func (f *Fn) Params() (p [4]float64) {
	for i, x := range f.P {
		p[i] = float64(x)
	}
	return p
}

// A Chain is what happens to each element of a result, op by op.
type Chain []Fn

// Then is c followed by more, in a slice of its own.
func (c Chain) Then(more ...Fn) Chain { return slices.Concat(c, more) }

// largest is the scale of a sum.
func largest(terms ...float64) float64 {
	s := 0.0
	for _, t := range terms {
		if t < 0 {
			t = -t
		}
		if t > s {
			s = t
		}
	}
	return s
}

// fn builds an Fn from operands; the constructors of the op files are thin wrappers around it.
func fn(op *Op, args ...Tensor) Fn {
	f := Fn{Op: op}
	copy(f.Arg[:], args)
	return f
}

func fnp(op *Op, p [4]float32, args ...Tensor) Fn {
	f := fn(op, args...)
	f.P = p
	return f
}

// Ops is the op table, in the order of its files.
func Ops() []*Op {
	return slices.Concat(arithmeticOps, activationOps, lossOps, randomOps, optimizerOps)
}

// Find returns the row of that name, or nil.
func Find(name string) *Op {
	for _, op := range Ops() {
		if op.Name == name {
			return op
		}
	}
	return nil
}
