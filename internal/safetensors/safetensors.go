// Package safetensors reads and writes the file format of that name: the length of a header, the header, which is JSON and
// says what every tensor is called, its type, its shape and where its bytes are, and the bytes. There is nothing in such a
// file that could run. The format is https://github.com/huggingface/safetensors; what is written here is read there.
//
// Files of this package hold a checksum over all of their bytes in the metadata, which other readers pass over.
package safetensors

import (
	"fmt"
	"math"
	"unsafe"
)

// DType is the type of a tensor's elements, as the header calls it.
type DType string

// The types that can be read and written. Others may lie in a file beside them.
const (
	F64  DType = "F64"
	I64  DType = "I64"
	F32  DType = "F32"
	U32  DType = "U32"
	U8   DType = "U8"
	Bool DType = "BOOL"
)

// size is the number of bytes of an element, 0 for types that are not known.
func (d DType) size() int64 {
	switch d {
	case F64, I64, "U64":
		return 8
	case F32, U32, "I32":
		return 4
	case "F16", "BF16", "I16", "U16":
		return 2
	case U8, Bool, "I8", "F8_E4M3", "F8_E5M2":
		return 1
	}
	return 0
}

// Limits of what is read, so that a small file cannot ask for much memory.
const (
	maxHeader = 100_000_000 // the format's own
	maxRank   = 16
	maxMeta   = 4096 // entries of the metadata
)

const (
	metaKey     = "__metadata__"
	checksumKey = "gloss.crc32c"
	noChecksum  = "00000000" // what stands there while the checksum is computed
)

// Info is what the header says of a tensor.
type Info struct {
	Name  string
	DType DType
	Shape []int64

	from, to int64 // bytes of the data
}

// Elements is the number of elements of a tensor of a known type.
func (t *Info) Elements() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// check wants the bytes that the shape and the type make, where the type is known.
func (t *Info) check() error {
	if t.from > t.to {
		return fmt.Errorf("tensor %q ends at byte %d, before it begins at %d", t.Name, t.to, t.from)
	}
	size := t.DType.size()
	if size == 0 {
		return nil
	}
	n, empty := size, false
	for _, d := range t.Shape {
		empty = empty || d == 0
	}
	for _, d := range t.Shape {
		switch {
		case empty:
			n = 0
		case d > math.MaxInt64/n:
			return fmt.Errorf("tensor %q of shape %v has more elements than can be counted", t.Name, t.Shape)
		default:
			n *= d
		}
	}
	if n != t.to-t.from {
		return fmt.Errorf("tensor %q of %s with shape %v has %d bytes, want %d", t.Name, t.DType, t.Shape, t.to-t.from, n)
	}
	return nil
}

// An element is what tensors of the known types hold.
type element interface {
	float64 | int64 | float32 | uint32 | uint8
}

// littleEndian is whether this machine keeps numbers as the file does.
var littleEndian = func() bool {
	x := uint16(1)
	return *(*byte)(unsafe.Pointer(&x)) == 1
}()

// raw is the memory of x as bytes, in the machine's order.
func raw[T element](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(x[0])))
}

// swap turns the bytes of every element of so many bytes around, where the machine's order is not the file's.
func swap(b []byte, size int) {
	if littleEndian || size == 1 {
		return
	}
	for ; len(b) > 0; b = b[size:] {
		for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
	}
}
