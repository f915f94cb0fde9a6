// Package data reads, generates and splits labelled data sets, and puts them on a device.
//
// The IDX format, in which MNIST and its relatives are published, is read by
// [ReadIDX] and [OpenIDX], plain or gzip-compressed; [LoadImages] pairs a file
// of images with its file of labels, and [LoadMNIST] finds MNIST's four files
// in a folder. Pixels stay the bytes that they are in the file, a quarter of
// the size of float32: scaling them belongs to the device that trains on them.
//
// Files are not trusted. What a header promises is never allocated before the
// data behind it has been seen, and every error names the file and the byte at
// which it stops making sense.
package data

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"os"
	"strings"
)

// IDX is an array of unsigned bytes with the dimensions that its file gives
// it, the last one varying fastest. The product of Dims is len(Data).
type IDX struct {
	Dims []int
	Data []byte
}

// OpenIDX reads the IDX file at path, as [ReadIDX] does.
func OpenIDX(path string) (IDX, error) {
	f, err := os.Open(path)
	if err != nil {
		return IDX{}, fmt.Errorf("data: %w", err)
	}
	defer f.Close()
	return ReadIDX(f, path)
}

// ReadIDX reads one IDX array of unsigned bytes with one to four dimensions,
// plain or gzip-compressed: the first two bytes tell which. It reads r to its
// end, and data after the array is an error. The name stands for r in errors.
//
// Whatever the header promises, the buffers never hold more than three times
// the bytes read so far plus 64 KiB, and reading stops at the first byte that
// the header does not promise. An array that is cut off gives an error that
// wraps [io.ErrUnexpectedEOF].
func ReadIDX(r io.Reader, name string) (IDX, error) {
	s, err := openSource(r, name)
	if err != nil {
		return IDX{}, err
	}
	dims, want, err := s.header()
	if err != nil {
		return IDX{}, err
	}
	data, err := s.body(want, "the header's "+shape(dims)+" promises "+count(want))
	if err != nil {
		return IDX{}, err
	}
	if err := s.end(shape(dims)); err != nil {
		return IDX{}, err
	}
	return IDX{Dims: dims, Data: data}, nil
}

const (
	maxIDXDims  = 4
	idxUbyte    = 0x08
	idxHeadSize = 4
)

// idxTypes names the element types of the format that are not read.
var idxTypes = map[byte]string{
	0x09: "int8", 0x0b: "int16", 0x0c: "int32", 0x0d: "float32", 0x0e: "float64",
}

// idxHeader is the number of bytes before the data of an array with n dimensions.
func idxHeader(n int) int64 { return idxHeadSize + 4*int64(n) }

// source is a stream that knows where it is, for errors and for the bound on memory.
type source struct {
	r    io.Reader
	name string
	off  int64
	zip  bool
}

func openSource(r io.Reader, name string) (*source, error) {
	br := bufio.NewReader(r)
	s := &source{r: br, name: name}
	magic, err := br.Peek(2)
	if err != nil && err != io.EOF {
		return nil, s.errorf(0, "%w", err)
	}
	if len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		return s, nil
	}
	zr, err := gzip.NewReader(br)
	if err != nil {
		return nil, s.errorf(0, "starts as a gzip file, but its gzip header is damaged: %w", unexpected(err))
	}
	s.r, s.zip = zr, true
	return s, nil
}

// header reads the magic number and the dimensions, and returns with them the
// number of bytes that they promise.
func (s *source) header() (dims []int, want int, err error) {
	magic, err := s.body(idxHeadSize, "an IDX file starts with a magic number of 4 bytes")
	if err != nil {
		return nil, 0, err
	}
	if magic[0] != 0 || magic[1] != 0 {
		return nil, 0, s.errorf(0, "want an IDX magic number, 00 00 08 and the number of dimensions; found % x: is this an IDX file?", magic)
	}
	if magic[2] != idxUbyte {
		if known := idxTypes[magic[2]]; known != "" {
			return nil, 0, s.errorf(2, "the elements are %s (type 0x%02x); only unsigned bytes (type 0x08) can be read: convert the file", known, magic[2])
		}
		return nil, 0, s.errorf(2, "want the type of unsigned bytes, 0x08; found 0x%02x, which is no IDX type: is this an IDX file?", magic[2])
	}
	n := int(magic[3])
	if n < 1 || n > maxIDXDims {
		return nil, 0, s.errorf(3, "want 1 to %d dimensions, found %d", maxIDXDims, n)
	}
	raw, err := s.body(4*n, fmt.Sprintf("%d dimensions take %d bytes", n, 4*n))
	if err != nil {
		return nil, 0, err
	}
	size := uint64(1)
	for i := range n {
		d := binary.BigEndian.Uint32(raw[4*i:])
		at := idxHeader(i)
		if d == 0 {
			return nil, 0, s.errorf(at, "dimension %d of %d is 0; want at least 1", i+1, n)
		}
		hi, lo := bits.Mul64(size, uint64(d))
		if hi != 0 || lo > math.MaxInt {
			return nil, 0, s.errorf(at, "dimension %d of %d, %d, makes the size overflow; want at most %d bytes in all", i+1, n, d, math.MaxInt)
		}
		size = lo
		dims = append(dims, int(d))
	}
	return dims, int(size), nil
}

// body reads n bytes into a buffer that grows with what has been read, since n
// may be a lie.
func (s *source) body(n int, why string) ([]byte, error) {
	const first = 64 << 10
	buf := make([]byte, min(n, first))
	got := 0
	for {
		m, err := io.ReadFull(s.r, buf[got:])
		got += m
		s.off += int64(m)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, s.errorf(s.off, "%s, found %d: the file is cut off: %w", why, got, io.ErrUnexpectedEOF)
		}
		if err != nil {
			return nil, s.errorf(s.off, "%w", err)
		}
		if got == n {
			return buf, nil
		}
		grown := make([]byte, got+min(got, n-got)) // doubling alone could overflow an int
		copy(grown, buf)
		buf = grown
	}
}

// end checks that nothing follows, which also makes gzip compare its checksum.
func (s *source) end(shape string) error {
	var one [1]byte
	_, err := io.ReadFull(s.r, one[:])
	switch {
	case err == io.EOF:
		return nil
	case err != nil:
		return s.errorf(s.off, "after the last element: %w", unexpected(err))
	}
	return s.errorf(s.off, "want the end of the file after the header's %s, found more data", shape)
}

func (s *source) errorf(at int64, format string, args ...any) error {
	state := ""
	if s.zip {
		state = " after decompression"
	}
	return fmt.Errorf("data: %s: offset %d%s: %w", s.name, at, state, fmt.Errorf(format, args...))
}

// unexpected turns the io.EOF of a stream that ends too early into the error
// that says so: io.EOF itself would tell a caller that all went well.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func count(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// shape writes dimensions as 60000×28×28.
func shape(dims []int) string {
	s := make([]string, len(dims))
	for i, d := range dims {
		s[i] = fmt.Sprint(d)
	}
	return strings.Join(s, "×")
}
