package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/internal/atomicfile"
)

// ReadZip reads the arrays of a .npz file, by name: numpy.savez's and savez_compressed's. Together they may have most bytes; a
// file that says or turns out to have more is an error, before the memory is taken: a small file can hold very many zeros.
func ReadZip(r io.ReaderAt, size, most int64) (map[string]*Array, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("npy: this is no .npz file: %w", err)
	}
	all := map[string]*Array{}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("npy: %q in it is no array", f.Name)
		}
		if all[name] != nil {
			return nil, fmt.Errorf("npy: two arrays are called %q", name)
		}
		if f.UncompressedSize64 > uint64(most) {
			return nil, fmt.Errorf("npy: array %q has %d bytes; %d are left of those that may be read", name, f.UncompressedSize64, most)
		}
		a, err := readEntry(f)
		if err != nil {
			return nil, fmt.Errorf("npy: array %q: %w", name, err)
		}
		all[name] = a
		most -= int64(f.UncompressedSize64)
	}
	return all, nil
}

// readEntry reads one array. The zip package reads no more than the entry says that it has, and checks its sum.
func readEntry(f *zip.File) (*Array, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	limited := &io.LimitedReader{R: in, N: int64(f.UncompressedSize64)}
	a, err := Read(limited)
	if err != nil {
		return nil, err
	}
	if n, err := io.Copy(io.Discard, in); n > 0 || err != nil {
		return nil, fmt.Errorf("%d bytes behind its numbers: %v", n, err)
	}
	return a, nil
}

// ReadZipFile is ReadZip of a file, which may hold at most 4 GiB of numbers.
func ReadZipFile(path string) (map[string]*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	all, err := ReadZip(f, info.Size(), 4<<30)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// A Zip writes a .npz file.
type Zip struct{ z *zip.Writer }

// NewZip begins one.
func NewZip(w io.Writer) *Zip { return &Zip{zip.NewWriter(w)} }

// Add adds an array. Arrays are not compressed, so that numpy can map them.
func Add[T Number](z *Zip, name string, data []T, shape ...int) error {
	w, err := z.z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return err
	}
	return Write(w, data, shape...)
}

// Close ends it.
func (z *Zip) Close() error { return z.z.Close() }

// WriteZipFile writes a file, which is there whole or not at all: add adds its arrays.
func WriteZipFile(path string, add func(z *Zip) error) error {
	return atomicfile.Write(path, func(f *os.File) error {
		z := NewZip(f)
		if err := add(z); err != nil {
			return err
		}
		return z.Close()
	})
}

// Names are the arrays' names, sorted.
func Names(all map[string]*Array) []string {
	var names []string
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
