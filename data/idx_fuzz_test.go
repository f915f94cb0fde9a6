package data

import (
	"bytes"
	"compress/gzip"
	"slices"
	"testing"
)

// FuzzReadIDX checks that what is accepted is written back byte for byte, that
// nothing larger than the input comes out of a plain file, and that gzip
// changes neither the array nor whether there is one.
func FuzzReadIDX(f *testing.F) {
	f.Add(idxFile([]uint32{3}, 7, 2, 1))
	f.Add(zipped(f, idxFile([]uint32{2, 1, 2}, 1, 2, 3, 4)))
	w := gzip.NewWriter(nil) // reused, for a new one costs more than the rest of an input
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := ReadIDX(bytes.NewReader(file), "fuzz")
		if err != nil && (x.Dims != nil || x.Data != nil) {
			t.Fatalf("an array of %v came with the error %v", x.Dims, err)
		}
		if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
			return
		}
		if err == nil {
			dims := make([]uint32, len(x.Dims))
			for i, d := range x.Dims {
				dims[i] = uint32(d)
			}
			if back := idxFile(dims, x.Data...); !bytes.Equal(back, file) {
				t.Fatalf("read % x, which is % x when written back", file, back)
			}
		}
		var zip bytes.Buffer
		w.Reset(&zip)
		if _, err := w.Write(file); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		z, zerr := ReadIDX(&zip, "fuzz")
		if (err == nil) != (zerr == nil) || !slices.Equal(x.Dims, z.Dims) || !bytes.Equal(x.Data, z.Data) {
			t.Fatalf("plain: %v, %v; gzip: %v, %v", x.Dims, err, z.Dims, zerr)
		}
	})
}
