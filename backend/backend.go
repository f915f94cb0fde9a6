// Package backend is the contract between networks and the devices that train them.
//
// A [Backend] is a device: memory ([Buffer]) and one method that runs kernels, Do. What is to run is a [Call]: a
// struct that names its operands ([Tensor]) once and never changes afterwards. There is one call per launch geometry
// ([MatMul], [Each], [Reduce], [Xent], [Gather], [Scatter], [Permute]), not one per function: what happens to an
// element is a [Chain] of ops from the op table ([Ops]), hung on the call that made the element.
//
// Programs call the functions of this package, which check shapes, overlap and ownership once, at the door, and panic
// with a [Misuse] that names every shape. The methods of a Backend trust them. A list of calls that is run again and
// again becomes a [Program] by [Record].
//
// Errors come in three classes. Misuse panics on the caller's goroutine. Configuration and data are errors of the
// constructors. Device failures are returned by Alloc and Record, and stick for kernels, as in bufio.Writer: the first
// is kept, later calls do nothing, and Read, Sync and Close return it.
//
// Backends and their programs may be used from any goroutine. Calls are carried out in the order in which they were
// handed in; between goroutines that order is whatever the goroutines agree upon.
package backend

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// ErrUnavailable is wrapped by every error that says that a device is not there: no driver, not built in, no such
// index. The error's text says what is missing and what to do.
var ErrUnavailable = errors.New("device unavailable")

// ErrClosed is returned by Alloc and Record of a backend that has been closed.
var ErrClosed = errors.New("backend is closed")

// ErrOutOfMemory is wrapped by the error of an Alloc for which the device has no room; [MemoryError] has the figures.
var ErrOutOfMemory = errors.New("out of device memory")

// A MemoryError is an [ErrOutOfMemory] with its figures, in bytes. The device goes on: a smaller Alloc may succeed.
type MemoryError struct {
	Asked  int64 // for one buffer
	Live   int64 // in use already
	Budget int64 // that may be in use; 0 where nobody knows
}

func (e *MemoryError) Error() string {
	budget := ""
	if e.Budget > 0 {
		budget = fmt.Sprintf(" of %d", e.Budget)
	}
	return fmt.Sprintf("%v: %d bytes asked for while %d%s are in use", ErrOutOfMemory, e.Asked, e.Live, budget)
}

func (e *MemoryError) Is(target error) bool { return target == ErrOutOfMemory }

// ErrLost is wrapped by the failure of a device whose driver has given it up: the GPU was reset, or took a kernel for one that
// hangs. What was on the device is gone. Close it, open it again, and go on from a checkpoint.
var ErrLost = errors.New("device lost")

// Kind is the type of a buffer's elements.
type Kind uint8

const (
	F32 Kind = iota // 32-bit IEEE float
	U32             // 32-bit unsigned integer: labels, indices, random keys
	U8              // byte: images; read by Gather, as 0…255
)

// Size is the number of bytes of one element.
func (k Kind) Size() int {
	if k == U8 {
		return 1
	}
	return 4
}

func (k Kind) String() string {
	switch k {
	case F32:
		return "F32"
	case U32:
		return "U32"
	case U8:
		return "U8"
	}
	return "Kind(?)"
}

// Info describes an open device.
type Info struct {
	Device   string // what it was opened as: "ref", "cpu", "gonum", "gl"
	Name     string // the processor or the renderer, as the system names it
	Driver   string // the driver and its version, or how the CPU's kernels were chosen
	Software bool   // an OpenGL driver that computes on the CPU
	Workers  int    // goroutines that compute; 0 for a GPU
}

// A Backend is a device that allocates memory and runs calls. Implementations embed [Common] and leave every check of
// arguments to the functions of this package.
type Backend interface {
	// Info describes the device.
	Info() Info
	// Stats counts what the device has done since it was opened.
	Stats() Stats
	// Alloc returns n elements of zeros. It waits, and returns the first device failure.
	Alloc(kind Kind, n int) (*Buffer, error)
	// Write queues a copy of src, in the machine's byte order, to the elements from off on. src may change once Write
	// has returned.
	Write(dst *Buffer, off int, src []byte)
	// Read waits for everything queued before it and fills dst with the elements from off on. It returns the first
	// device failure, and then leaves dst alone.
	Read(dst []byte, src *Buffer, off int) error
	// Do queues the call, its operands taken at the given step and model. It keeps the call, never a copy of it.
	Do(call Call, at At)
	// Sync waits until everything queued has run and returns the first device failure.
	Sync() error
	// Close waits as Sync does, gives everything back, and returns the first device failure. Closing twice is allowed.
	Close() error

	common() *Common // by embedding Common
}

// At says which replay of a recorded step a call belongs to. It is the only thing that varies between replays: an
// operand lies at Off + Step·Advance + Model·Model.
type At struct{ Step, Model int }

// A Recorder is a backend that can compile a whole step. Record finds it through [Unwrap]; a backend that is none gets
// the plain loop over Do.
type Recorder interface {
	Record(s Step) (Runner, error)
}

// A Runner is a compiled step. Run queues n replays; given a stop that is not nil it waits for them, begins none once stop
// is set, and returns how many ran. Release gives back what the recorder made for it.
type Runner interface {
	Run(n int, stop *atomic.Bool) int
	Release()
}

// A Wrapper is a decorator: a backend that passes everything on to another.
type Wrapper interface{ Unwrap() Backend }

// Unwrap returns the backend under all decorators.
func Unwrap(b Backend) Backend {
	for {
		w, ok := b.(Wrapper)
		if !ok {
			return b
		}
		b = w.Unwrap()
	}
}
