package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// idxFile is an IDX file of unsigned bytes whose header may promise anything.
func idxFile(dims []uint32, body ...byte) []byte {
	b := []byte{0, 0, idxUbyte, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, body...)
}

func zipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadIDX(t *testing.T) {
	long := bytes.Repeat([]byte{1, 2, 3, 4, 5}, 60000) // several times the first buffer
	cases := []struct {
		name string
		dims []uint32
		body []byte
	}{
		{"labels", []uint32{3}, []byte{7, 2, 1}},
		{"images", []uint32{2, 1, 3}, []byte{1, 2, 3, 4, 5, 6}},
		{"four dimensions", []uint32{1, 2, 1, 2}, []byte{0, 255, 0, 255}},
		{"first buffer exactly", []uint32{64 << 10}, bytes.Repeat([]byte{9}, 64<<10)},
		{"first buffer and one", []uint32{64<<10 + 1}, bytes.Repeat([]byte{9}, 64<<10+1)},
		{"long", []uint32{60000, 5}, long},
	}
	for _, c := range cases {
		file := idxFile(c.dims, c.body...)
		readers := map[string]io.Reader{
			"plain":         bytes.NewReader(file),
			"gzip":          bytes.NewReader(zipped(t, file)),
			"byte by byte":  iotest.OneByteReader(bytes.NewReader(file)),
			"data with EOF": iotest.DataErrReader(bytes.NewReader(file)),
		}
		for how, r := range readers {
			t.Run(c.name+"/"+how, func(t *testing.T) {
				x, err := ReadIDX(r, "f")
				if err != nil {
					t.Fatal(err)
				}
				for i, d := range c.dims {
					if len(x.Dims) != len(c.dims) || x.Dims[i] != int(d) {
						t.Fatalf("dimensions %v, want %v", x.Dims, c.dims)
					}
				}
				if !bytes.Equal(x.Data, c.body) {
					t.Errorf("%d bytes of data that differ from the %d written", len(x.Data), len(c.body))
				}
				if cap(x.Data) != len(c.body) {
					t.Errorf("capacity %d for %d bytes", cap(x.Data), len(c.body))
				}
			})
		}
	}
}

func TestReadIDXErrors(t *testing.T) {
	good := idxFile([]uint32{3}, 7, 2, 1)
	zip := zipped(t, good)
	badSum := slices.Clone(zip)
	badSum[len(badSum)-8] ^= 1
	huge := []string{"offset 15", "1152921504606846976 bytes, found 3"}
	hugeIs := io.ErrUnexpectedEOF
	if bits.UintSize == 32 { // then no slice can hold it, which is known from the header
		huge, hugeIs = []string{"offset 8", "overflow"}, nil
	}
	cases := []struct {
		name  string
		file  []byte
		is    error
		wants []string
	}{
		{"empty", nil, io.ErrUnexpectedEOF, []string{"offset 0", "4 bytes, found 0"}},
		{"half a magic number", good[:2], io.ErrUnexpectedEOF, []string{"offset 2", "4 bytes, found 2"}},
		{"half a dimension", good[:6], io.ErrUnexpectedEOF, []string{"offset 6", "1 dimensions take 4 bytes, found 2"}},
		{"truncated", good[:9], io.ErrUnexpectedEOF, []string{"offset 9", "3 promises 3 bytes, found 1"}},
		{"no data", good[:8], io.ErrUnexpectedEOF, []string{"offset 8", "3 bytes, found 0"}},
		{"truncated at a full buffer", idxFile([]uint32{1 << 20}, make([]byte, 64<<10)...), io.ErrUnexpectedEOF,
			[]string{"offset 65544", "1048576 bytes, found 65536"}},
		{"trailing byte", append(slices.Clone(good), 0), nil, []string{"offset 11", "end of the file", "found more"}},
		{"another format", []byte("\x89PNG\r\n\x1a\n"), nil, []string{"offset 0", "89 50 4e 47", "IDX file?"}},
		{"float32", []byte{0, 0, 0x0d, 1}, nil, []string{"offset 2", "float32", "convert"}},
		{"unknown type", []byte{0, 0, 0x77, 1}, nil, []string{"offset 2", "0x77"}},
		{"no dimensions", []byte{0, 0, 8, 0}, nil, []string{"offset 3", "found 0"}},
		{"five dimensions", []byte{0, 0, 8, 5}, nil, []string{"offset 3", "1 to 4", "found 5"}},
		{"zero dimension", idxFile([]uint32{4, 0, 1 << 31}), nil, []string{"offset 8", "dimension 2 of 3 is 0"}},
		{"2^60 bytes", idxFile([]uint32{1 << 30, 1 << 30}, 1, 2, 3), hugeIs, huge},
		{"2^64 bytes", idxFile([]uint32{1 << 31, 1 << 31, 4}, 1), nil, []string{"dimension ", "overflow"}},
		{"2^124 bytes", idxFile([]uint32{1 << 31, 1 << 31, 1 << 31, 1 << 31}, 1), nil, []string{"overflow"}},
		{"gzip header alone", zip[:5], io.ErrUnexpectedEOF, []string{"offset 0", "gzip header"}},
		{"gzip cut off", zip[:14], io.ErrUnexpectedEOF, []string{"after decompression", "cut off"}},
		{"gzip without its end", zip[:len(zip)-4], io.ErrUnexpectedEOF, []string{"offset 11 after decompression", "last element"}},
		{"gzip checksum", badSum, gzip.ErrChecksum, []string{"offset 11 after decompression"}},
		{"gzip with a trailing byte", zipped(t, append(slices.Clone(good), 0)), nil, []string{"found more"}},
		{"gzip twice", zipped(t, zip), nil, []string{"offset 0 after decompression", "1f 8b"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x, err := ReadIDX(bytes.NewReader(c.file), "my 100%d file")
			if err == nil {
				t.Fatalf("no error; read %v", x.Dims)
			}
			for _, want := range append(c.wants, "data: my 100%d file: offset") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "%!") {
				t.Errorf("error %q is badly formatted", err)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %q does not wrap %q", err, c.is)
			}
			if x.Dims != nil || x.Data != nil {
				t.Errorf("an array came with the error: %v", x)
			}
		})
	}
}

func TestReadIDXReaderError(t *testing.T) {
	broken := errors.New("the disk is on fire")
	for _, n := range []int{0, 1, 6, 9, 11} {
		r := io.MultiReader(bytes.NewReader(idxFile([]uint32{3}, 7, 2, 1)[:n]), iotest.ErrReader(broken))
		if _, err := ReadIDX(r, "f"); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: error %v, want the reader's", n, err)
		}
	}
}

func TestReadIDXAllocatesWhatIsThere(t *testing.T) {
	const limit = 1 << 20
	for name, file := range map[string][]byte{
		"promises 2^60":      idxFile([]uint32{1 << 30, 1 << 30}, 1, 2, 3),
		"promises 2^62 - 1":  idxFile([]uint32{1<<31 - 1, 1<<31 - 1}, 1, 2, 3),
		"promises 2^32, zip": zipped(t, idxFile([]uint32{1 << 31, 2}, 1, 2, 3)),
		"bomb":               zipped(t, idxFile([]uint32{10}, make([]byte, 16<<20)...)),
	} {
		t.Run(name, func(t *testing.T) {
			r := bytes.NewReader(file)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := ReadIDX(r, "f")
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("no error")
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > limit {
				t.Errorf("allocated %d bytes, want at most %d: %v", got, limit, err)
			}
			if name == "bomb" && r.Len() < len(file)/2 {
				t.Errorf("read %d of the %d compressed bytes; want it to stop at the first byte too many", len(file)-r.Len(), len(file))
			}
		})
	}
}

func TestOpenIDX(t *testing.T) {
	path := filepath.Join(t.TempDir(), "labels")
	if _, err := OpenIDX(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("missing file: error %v, want fs.ErrNotExist with the path", err)
	}
	// The name says nothing of the compression: the content does.
	if err := os.WriteFile(path, zipped(t, idxFile([]uint32{2}, 4, 2)), 0o666); err != nil {
		t.Fatal(err)
	}
	x, err := OpenIDX(path)
	if err != nil || !bytes.Equal(x.Data, []byte{4, 2}) {
		t.Errorf("read %v, %v; want 4 2", x.Data, err)
	}
}
