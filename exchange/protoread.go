package exchange

import (
	"encoding/binary"
	"errors"
)

// field is one of a protocol buffer: a number, or bytes that are part of the file's.
type field struct {
	id    int
	wire  int
	value uint64
	bytes []byte
}

var errProto = errors.New("this is no protocol buffer, or one that is cut off")

// fields goes through a message.
func fields(m []byte, visit func(f field) error) error {
	for len(m) > 0 {
		tag, n := binary.Uvarint(m)
		if n <= 0 || tag>>3 == 0 || tag>>3 > 1<<28 {
			return errProto
		}
		m = m[n:]
		f := field{id: int(tag >> 3), wire: int(tag & 7)}
		switch f.wire {
		case 0:
			if f.value, n = binary.Uvarint(m); n <= 0 {
				return errProto
			}
		case 1:
			if n = 8; len(m) < n {
				return errProto
			}
			f.value = binary.LittleEndian.Uint64(m)
		case 2:
			size, k := binary.Uvarint(m)
			if k <= 0 || size > uint64(len(m)-k) {
				return errProto
			}
			n = k + int(size)
			f.bytes = m[k:n:n]
		case 5:
			if n = 4; len(m) < n {
				return errProto
			}
			f.value = uint64(binary.LittleEndian.Uint32(m))
		default:
			return errProto
		}
		if err := visit(f); err != nil {
			return err
		}
		m = m[n:]
	}
	return nil
}

// varints are a repeated number, packed or not.
func (f *field) varints(to []int64) ([]int64, error) {
	if f.wire == 0 {
		return append(to, int64(f.value)), nil
	}
	for m := f.bytes; len(m) > 0; {
		v, n := binary.Uvarint(m)
		if n <= 0 {
			return nil, errProto
		}
		to, m = append(to, int64(v)), m[n:]
	}
	return to, nil
}
