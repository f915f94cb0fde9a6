package safetensors

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strings"
)

// File is a file that is open for reading. Its header has been checked; bytes of tensors are read when they are asked for.
type File struct {
	name    string
	r       io.ReaderAt
	size    int64
	closer  io.Closer
	header  string
	data    int64 // where the bytes begin
	tensors []Info
	meta    map[string]string
}

// Open opens a file and checks its header against its size.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a file", path)
	}
	var out *File
	if err == nil {
		out, err = Read(f, info.Size(), path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	out.closer = f
	return out, nil
}

// Read is Open for size bytes that lie anywhere; errors call them name. No more memory than about the header's size is
// taken, and that only where there are as many bytes.
func Read(r io.ReaderAt, size int64, name string) (*File, error) {
	f := &File{name: name, r: r, size: size}
	if err := f.open(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

func (f *File) open() error {
	var length [8]byte
	if f.size < 8 {
		return fmt.Errorf("%d bytes: too short for a safetensors file", f.size)
	}
	if _, err := f.r.ReadAt(length[:], 0); err != nil {
		return fmt.Errorf("byte 0: %w", err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader || int64(n) > f.size-8 {
		return fmt.Errorf("byte 0: a header of %d bytes in a file of %d: not a safetensors file, or cut off", n, f.size)
	}
	var header strings.Builder
	header.Grow(int(n))
	if _, err := io.Copy(&header, io.NewSectionReader(f.r, 8, int64(n))); err != nil {
		return fmt.Errorf("byte 8: %w", err)
	}
	f.header, f.data = header.String(), 8+int64(n)
	if err := f.scan(); err != nil {
		return err
	}
	return f.place()
}

// scan goes over the header twice: to count, and to keep.
func (f *File) scan() error {
	count, most := 0, make([]int64, 0, maxRank)
	ranks := 0
	_, err := scan(f.header, &most, func(t Info) {
		count, ranks = count+1, ranks+len(t.Shape)
		most = most[:0]
	})
	if err != nil {
		return err
	}
	f.tensors = make([]Info, 0, count)
	dims := make([]int64, 0, ranks)
	f.meta, err = scan(f.header, &dims, func(t Info) { f.tensors = append(f.tensors, t) })
	return err
}

// place wants the tensors to fill the bytes without holes and overlaps, then sorts them by name.
func (f *File) place() error {
	slices.SortFunc(f.tensors, func(a, b Info) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	end := int64(0)
	for i := range f.tensors {
		t := &f.tensors[i]
		if err := t.check(); err != nil {
			return err
		}
		switch {
		case t.from < end:
			return fmt.Errorf("tensor %q at byte %d overlaps %q, which ends at %d", t.Name, f.data+t.from, f.tensors[i-1].Name, f.data+end)
		case t.from > end:
			return fmt.Errorf("a hole before tensor %q: bytes %d to %d belong to none", t.Name, f.data+end, f.data+t.from)
		}
		end = t.to
	}
	if f.data+end != f.size {
		return fmt.Errorf("the tensors end at byte %d, the file at %d: cut off, or with something behind it", f.data+end, f.size)
	}
	slices.SortFunc(f.tensors, func(a, b Info) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(f.tensors); i++ {
		if f.tensors[i].Name == f.tensors[i-1].Name {
			return fmt.Errorf("two tensors %q", f.tensors[i].Name)
		}
	}
	return nil
}

// Close closes the file.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Name is what the file was opened as.
func (f *File) Name() string { return f.name }

// Tensors are the file's tensors by name.
func (f *File) Tensors() []Info { return f.tensors }

// Meta is an entry of the metadata.
func (f *File) Meta(key string) (value string, ok bool) {
	value, ok = f.meta[key]
	return value, ok
}

// MetaAll is the metadata but for the checksum.
func (f *File) MetaAll() map[string]string {
	all := map[string]string{}
	for k, v := range f.meta {
		if k != checksumKey {
			all[k] = v
		}
	}
	return all
}

// Lookup finds a tensor by name.
func (f *File) Lookup(name string) (Info, bool) {
	i, ok := slices.BinarySearchFunc(f.tensors, name, func(t Info, name string) int { return cmp.Compare(t.Name, name) })
	if !ok {
		return Info{}, false
	}
	return f.tensors[i], true
}

// Checked reports whether the file holds a checksum: those that others wrote do not.
func (f *File) Checked() bool { return f.meta[checksumKey] != "" }

// Verify reads the whole file and compares it with its checksum.
func (f *File) Verify() error {
	want := f.meta[checksumKey]
	key := `"` + checksumKey + `":"`
	at := strings.Index(f.header, key) // the writer's own form; a value cannot hold it, for its quotes would be escaped
	if len(want) != len(noChecksum) || at < 0 {
		return fmt.Errorf("%s: no checksum: not written by gloss, or damaged", f.name)
	}
	at += len(key)
	h := crc32.New(castagnoli)
	io.WriteString(h, lengthOf(f.header)+f.header[:at]+noChecksum+f.header[at+len(noChecksum):])
	if _, err := io.Copy(h, io.NewSectionReader(f.r, f.data, f.size-f.data)); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	if got := checksum(h.Sum32()); got != want {
		return fmt.Errorf("%s: damaged: its bytes have the checksum %s, it says %s", f.name, got, want)
	}
	return nil
}

// read fills dst with a tensor's bytes from element first on.
func read[T element](f *File, t *Info, dst []T, first int64) error {
	b := raw(dst)
	size := t.DType.size()
	if _, err := f.r.ReadAt(b, f.data+t.from+first*size); err != nil {
		return f.at(t, err)
	}
	swap(b, int(size))
	return nil
}

func (f *File) at(t *Info, err error) error {
	return fmt.Errorf("%s: tensor %q at bytes %d to %d: %w", f.name, t.Name, f.data+t.from, f.data+t.to, err)
}

func (f *File) find(name string, elements int) (Info, error) {
	t, ok := f.Lookup(name)
	if !ok {
		return t, fmt.Errorf("%s: no tensor %q", f.name, name)
	}
	if t.DType.size() == 0 || t.Elements() != int64(elements) {
		return t, f.at(&t, fmt.Errorf("%s with shape %v, want %d elements", t.DType, t.Shape, elements))
	}
	return t, nil
}

// Float64s fills dst with a tensor of F64 or F32, which has to have as many elements.
func (f *File) Float64s(name string, dst []float64) error { return floats(f, name, dst) }

// Float32s is Float64s with numbers rounded to float32.
func (f *File) Float32s(name string, dst []float32) error { return floats(f, name, dst) }

func floats[T float32 | float64](f *File, name string, dst []T) error {
	t, err := f.find(name, len(dst))
	if err != nil {
		return err
	}
	switch t.DType {
	case F32:
		return convert[float32](f, &t, dst)
	case F64:
		return convert[float64](f, &t, dst)
	}
	return f.at(&t, fmt.Errorf("%s, where F32 or F64 is wanted", t.DType))
}

// convert reads elements of type S as those of type T.
func convert[S, T float32 | float64](f *File, t *Info, dst []T) error {
	if same, ok := any(dst).([]S); ok {
		return read(f, t, same, 0)
	}
	part := make([]S, min(len(dst), 1<<12))
	for first := 0; first < len(dst); first += len(part) {
		part = part[:min(len(part), len(dst)-first)]
		if err := read(f, t, part, int64(first)); err != nil {
			return err
		}
		for i, x := range part {
			dst[first+i] = T(x)
		}
	}
	return nil
}
