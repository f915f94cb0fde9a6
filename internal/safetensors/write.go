package safetensors

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"

	"github.com/gloss-ml/gloss/internal/atomicfile"
)

// Tensor is one to write. Data is a []float64, []int64, []float32, []uint32 or []byte, as long as the shape says.
type Tensor struct {
	Name  string
	Shape []int
	Data  any
}

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
		h := crc32.New(castagnoli)
		w := bufio.NewWriterSize(io.MultiWriter(f, h), 1<<18)
		w.WriteString(lengthOf(header) + header)
		for _, p := range parts {
			if err := p.write(w); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		at := bytes.Index([]byte(header), []byte(`"`+checksumKey+`":"`)) + len(checksumKey) + 4
		_, err := f.WriteAt([]byte(checksum(h.Sum32())), int64(8+at))
		return err
	})
}

// A part is a tensor in its place.
type part struct {
	Tensor
	dtype DType
	bytes []byte // in the machine's order
}

// layout sorts the tensors, by falling size of their elements and then by name, and makes the header.
func layout(tensors []Tensor, meta map[string]string) (parts []part, header string, err error) {
	for _, t := range tensors {
		p := part{Tensor: t}
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		elements := 0
		switch x := t.Data.(type) {
		case []float64:
			p.dtype, p.bytes, elements = F64, raw(x), len(x)
		case []int64:
			p.dtype, p.bytes, elements = I64, raw(x), len(x)
		case []float32:
			p.dtype, p.bytes, elements = F32, raw(x), len(x)
		case []uint32:
			p.dtype, p.bytes, elements = U32, raw(x), len(x)
		case []byte:
			p.dtype, p.bytes, elements = U8, x, len(x)
		default:
			return nil, "", fmt.Errorf("tensor %q: elements of %T", t.Name, t.Data)
		}
		if n != elements || t.Name == metaKey {
			return nil, "", fmt.Errorf("tensor %q: %d elements for the shape %v", t.Name, elements, t.Shape)
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
		b = fmt.Appendf(b, `,%s:{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, quoted(p.Name), p.dtype, shape, at, at+len(p.bytes))
		at += len(p.bytes)
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

func (p *part) write(w io.Writer) error {
	if littleEndian {
		_, err := w.Write(p.bytes)
		return err
	}
	size := int(p.dtype.size())
	for b := p.bytes; len(b) > 0; {
		some := slices.Clone(b[:min(len(b), 1<<16)])
		swap(some, size)
		if _, err := w.Write(some); err != nil {
			return err
		}
		b = b[len(some):]
	}
	return nil
}
