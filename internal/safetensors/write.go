package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"unsafe"

	"github.com/gloss-ml/gloss/internal/atomicfile"
)

// Tensor is one to write. Data is a []float64, []int64, []float32, []uint32 or []byte, as long as the shape says, or a
// [Source] of float64 or float32.
type Tensor struct {
	Name  string
	Shape []int
	Data  any
}

// A Source reads elements of a tensor, from first on, into dst, in order, when they are to be written.
type Source[T float32 | float64] func(dst []T, first int) error

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(sum uint32) string { return fmt.Sprintf("%08x", sum) }

// lengthOf is what stands before a header.
func lengthOf(header string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header))))
}

// Save writes a file with a checksum: all of it, or, where that fails, none, and what was there before stays.
func Save(path string, tensors []Tensor, meta map[string]string) error {
	parts, header, err := layout(tensors, meta)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.Write(path, func(f *os.File) error {
		h, w := crc32.New(castagnoli), newBehind(f)
		err := writeAll(io.MultiWriter(h, w), header, parts)
		if closed := w.Close(); closed != nil { // which is why err is, if it is
			err = closed
		}
		if err != nil {
			return err
		}
		at := bytes.Index([]byte(header), []byte(`"`+checksumKey+`":"`)) + len(checksumKey) + 4
		_, err = f.WriteAt([]byte(checksum(h.Sum32())), int64(8+at))
		return err
	})
}

func writeAll(w io.Writer, header string, parts []part) error {
	if _, err := io.WriteString(w, lengthOf(header)+header); err != nil {
		return err
	}
	some := raw(make([]float64, room/8)) // aligned for elements of all sizes
	for _, p := range parts {
		if err := p.write(w, some); err != nil {
			return fmt.Errorf("tensor %q: %w", p.Name, err)
		}
	}
	return nil
}

// A part is a tensor in its place.
type part struct {
	Tensor
	dtype    DType
	elements int
	write    func(w io.Writer, some []byte) error // some is room to work in
}

// layout sorts the tensors, by falling size of their elements and then by name, and makes the header.
func layout(tensors []Tensor, meta map[string]string) (parts []part, header string, err error) {
	for _, t := range tensors {
		p := part{Tensor: t, elements: 1}
		for _, d := range t.Shape {
			p.elements *= d
		}
		given := p.elements
		switch x := t.Data.(type) {
		case []float64:
			p.dtype, p.write, given = F64, whole(x), len(x)
		case []int64:
			p.dtype, p.write, given = I64, whole(x), len(x)
		case []float32:
			p.dtype, p.write, given = F32, whole(x), len(x)
		case []uint32:
			p.dtype, p.write, given = U32, whole(x), len(x)
		case []byte:
			p.dtype, p.write, given = U8, whole(x), len(x)
		case Source[float64]:
			p.dtype, p.write = F64, x.write(p.elements)
		case Source[float32]:
			p.dtype, p.write = F32, x.write(p.elements)
		default:
			return nil, "", fmt.Errorf("tensor %q: elements of %T", t.Name, t.Data)
		}
		if p.elements != given || t.Name == metaKey {
			return nil, "", fmt.Errorf("tensor %q: %d elements for the shape %v", t.Name, given, t.Shape)
		}
		parts = append(parts, p)
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.dtype.size(), a.dtype.size()), cmp.Compare(a.Name, b.Name))
	})
	header, err = headerOf(parts, meta)
	return parts, header, err
}

func headerOf(parts []part, meta map[string]string) (string, error) {
	all := map[string]string{checksumKey: noChecksum}
	for k, v := range meta {
		if k == checksumKey {
			return "", fmt.Errorf("metadata %q is the checksum's name", k)
		}
		all[k] = v
	}
	if len(all) > maxMeta {
		return "", fmt.Errorf("%d entries in the metadata: at most %d", len(all)-1, maxMeta-1)
	}
	b := fmt.Appendf(nil, "{%s:%s", quoted(metaKey), quoted(all))
	at := 0
	for i, p := range parts {
		if len(p.Shape) > maxRank {
			return "", fmt.Errorf("tensor %q has %d dimensions: at most %d", p.Name, len(p.Shape), maxRank)
		}
		if i > 0 && parts[i-1].Name == p.Name {
			return "", fmt.Errorf("two tensors %q", p.Name)
		}
		shape := []byte("[]")
		if len(p.Shape) > 0 {
			shape = quoted(p.Shape)
		}
		end := at + p.elements*int(p.dtype.size())
		b = fmt.Appendf(b, `,%s:{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, quoted(p.Name), p.dtype, shape, at, end)
		at = end
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	if len(b) > maxHeader {
		return "", fmt.Errorf("a header of %d bytes: at most %d", len(b), maxHeader)
	}
	return string(b), nil
}

// quoted is JSON without escapes for web pages.
func quoted(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // strings and integers can be written
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// whole writes elements that are in memory.
func whole[T element](x []T) func(io.Writer, []byte) error {
	return func(w io.Writer, some []byte) error {
		for b := raw(x); len(b) > 0; b = b[min(len(b), len(some)):] {
			if err := put(w, some[:copy(some, b)], int(unsafe.Sizeof(x[0]))); err != nil {
				return err
			}
		}
		return nil
	}
}

// write writes n elements, a part at a time.
func (read Source[T]) write(n int) func(io.Writer, []byte) error {
	return func(w io.Writer, some []byte) error {
		size := int(unsafe.Sizeof(T(0)))
		x := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(some))), len(some)/size)
		for first := 0; first < n; first += len(x) {
			x = x[:min(len(x), n-first)]
			if err := read(x, first); err != nil {
				return err
			}
			if err := put(w, some[:len(x)*size], size); err != nil {
				return err
			}
		}
		return nil
	}
}

// put writes elements of that size in the file's order.
func put(w io.Writer, b []byte, size int) error {
	swap(b, size)
	_, err := w.Write(b)
	return err
}
