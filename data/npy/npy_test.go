package npy_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/data/npy"
	"github.com/gloss-ml/gloss/internal/need"
)

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	x := []float32{1, -2.5, 3e-20, float32(math.Inf(1)), 0, 7}
	for _, shape := range [][]int{{6}, {2, 3}, {1, 6, 1}, {3, 2, 1}} {
		if err := npy.WriteFile(path, x, shape...); err != nil {
			t.Fatal(err)
		}
		a, err := npy.ReadFile(path)
		if err != nil || !slices.Equal(a.Shape, shape) || a.Type != "f4" || !slices.Equal(a.Float32(), x) {
			t.Errorf("%v: %v %v, %v", shape, a, a.Float32(), err)
		}
		if info, _ := os.Stat(path); (info.Size()-24)%64 != 0 {
			t.Errorf("%v: the numbers begin at byte %d", shape, info.Size()-24)
		}
	}
	zipped := filepath.Join(dir, "x.npz")
	if err := npy.WriteZipFile(zipped, func(z *npy.Zip) error {
		return errors.Join(npy.Add(z, "x", x, 2, 3), npy.Add(z, "y", []int64{-100, 0, 9}, 3), npy.Add(z, "none", []uint8{}, 0, 4), npy.Add(z, "one", []float64{5}))
	}); err != nil {
		t.Fatal(err)
	}
	all, err := npy.ReadZipFile(zipped)
	if err != nil || !slices.Equal(npy.Names(all), []string{"none", "one", "x", "y"}) {
		t.Fatalf("%v, %v", npy.Names(all), err)
	}
	if l, err := all["y"].Labels(); err != nil || !slices.Equal(l, []uint32{math.MaxUint32 - 99, 0, 9}) {
		t.Errorf("labels %v, %v", l, err)
	}
	if b, err := all["none"].Bytes(); err != nil || len(b) != 0 || !slices.Equal(all["none"].Shape, []int{0, 4}) {
		t.Errorf("nothing: %v %v %v", b, all["none"].Shape, err)
	}
	if v := all["one"].Float64(); len(all["one"].Shape) != 0 || !slices.Equal(v, []float64{5}) {
		t.Errorf("one number: %v", v)
	}
	if _, err := all["x"].Labels(); err == nil || !strings.Contains(err.Error(), "number 1 is -2.5") {
		t.Error(err)
	}
	if _, err := all["x"].Bytes(); err == nil {
		t.Error("floats are bytes")
	}
}

// file is one with that header.
func file(dict string, raw string) string {
	return fmt.Sprintf("\x93NUMPY\x01\x00%c%c%s%s", len(dict)%256, len(dict)/256, dict, raw)
}

func TestTypesAndOrders(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []float64
	}{
		"big-endian":  {file("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", "\x01\x00\xff\xfe"), []float64{256, -2}},
		"columns":     {file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\x01\x04\x02\x05\x03\x06"), []float64{1, 2, 3, 4, 5, 6}},
		"booleans":    {file("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "\x01\x00"), []float64{1, 0}},
		"other order": {file("{'shape': (1L,), 'fortran_order': False, 'descr': '<i8'}", "\xff\xff\xff\xff\xff\xff\xff\xff"), []float64{-1}},
		"version 2":   {"\x93NUMPY\x02\x00\x39\x00\x00\x00{'descr': '<u4', 'fortran_order': False, 'shape': (1,), }\x07\x00\x00\x00", []float64{7}},
	} {
		a, err := npy.Read(strings.NewReader(c.text))
		if err != nil || !slices.Equal(a.Float64(), c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for want, text := range map[string]string{
		"this is no file of numpy's":                                          "hello",
		"version 9 of the format":                                             "\x93NUMPY\x09\x00\x00\x00",
		"a header of 4294967295 bytes; 65536 is the most":                     "\x93NUMPY\x02\x00\xff\xff\xff\xff",
		"the header: unexpected EOF":                                          "\x93NUMPY\x01\x00\x50\x00{",
		"says no type, order and shape":                                       file("{'descr': '<f4'}", ""),
		"an array of '|O': numbers can be read":                               file("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", ""),
		"an array of [: numbers":                                              file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", ""),
		"an array of f2":                                                      file("{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }", ""),
		"a shape of (9999999999999,9999999999999)":                            file("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999,9999999999999), }", ""),
		"3 bytes of numbers, 8 are to be there for [2] of f4: unexpected EOF": file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "abc"),
	} {
		if _, err := npy.Read(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), "npy: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	long := filepath.Join(t.TempDir(), "long.npy")
	if err := os.WriteFile(long, []byte(file("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", "ab")), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := npy.ReadFile(long); err == nil || !strings.Contains(err.Error(), "there is more in it") {
		t.Error(err)
	}
}

// TestBombs: little files that claim or hold very much take no memory.
func TestBombs(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("x.npy")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, file("{'descr': '|u1', 'fortran_order': False, 'shape': (1073741824,), }", ""))
	zeros := make([]byte, 1<<20)
	for range 256 {
		w.Write(zeros)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	lies := file("{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000,), }", "12345678")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := npy.ReadZip(bytes.NewReader(b.Bytes()), int64(b.Len()), 64<<20); err == nil || !strings.Contains(err.Error(), "bytes; 67108864 are left") {
		t.Errorf("%d bytes that hold 256 MiB: %v", b.Len(), err)
	}
	if _, err := npy.Read(strings.NewReader(lies)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}

// TestNumpy: numpy reads ours, and we read numpy's.
func TestNumpy(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import numpy").CombinedOutput(); err != nil {
		need.Lacking(t, "numpy", errors.Join(fmt.Errorf("Debian: python3-numpy: %s", out), err))
	}
	dir := t.TempDir()
	if err := npy.WriteZipFile(filepath.Join(dir, "ours.npz"), func(z *npy.Zip) error {
		return errors.Join(npy.Add(z, "a", []float32{1, 2, 3, 4, 5, 6}, 2, 3), npy.Add(z, "b", []uint8{1, 0}, 2))
	}); err != nil {
		t.Fatal(err)
	}
	script := exec.Command(python, "-c", `
import numpy as np
z = np.load("ours.npz")
assert z["a"].tolist() == [[1, 2, 3], [4, 5, 6]] and z["a"].dtype == np.float32 and z["b"].tolist() == [1, 0]
a = np.arange(24).reshape(2, 3, 4)
np.savez_compressed("theirs.npz", f=np.asfortranarray(a.astype(np.float32)), i=a.astype(">i2"), b=a > 5, s=np.float64(2.5), e=np.zeros((0, 3)))
`)
	script.Dir = dir
	if out, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	all, err := npy.ReadZipFile(filepath.Join(dir, "theirs.npz"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 24 {
		if f, n, b := all["f"].Float32()[i], all["i"].Float64()[i], all["b"].Float64()[i]; f != float32(i) || n != float64(i) || (b == 1) != (i > 5) {
			t.Fatalf("element %d: %v %v %v", i, f, n, b)
		}
	}
	if !reflect.DeepEqual(all["s"].Float64(), []float64{2.5}) || all["e"].Len() != 0 {
		t.Errorf("%v, %d", all["s"].Float64(), all["e"].Len())
	}
}

func FuzzNPY(f *testing.F) {
	f.Add([]byte(file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }", "abcdefgh")))
	f.Add([]byte(file("{'descr': '>i8', 'fortran_order': False, 'shape': (), }", "abcdefgh")))
	var b bytes.Buffer
	z := npy.NewZip(&b)
	npy.Add(z, "x", []float32{1, 2}, 2)
	z.Close()
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		const limit = 1 << 20 // of what is unpacked
		n := need.Taken(func() { read(t, text, limit) })
		if most := uint64(16*len(text) + 16*limit); n > most {
			t.Fatalf("%d bytes were taken for a file of %d, at most %d may be", n, len(text), most)
		}
	})
}

// read reads an array, and an archive of them, wherever a text is one.
func read(t *testing.T, text []byte, limit int64) {
	if a, err := npy.Read(bytes.NewReader(text)); err == nil {
		n := 1
		for _, s := range a.Shape {
			n *= s
		}
		if len(a.Float32()) != n {
			t.Fatalf("%d numbers in a shape of %v", a.Len(), a.Shape)
		}
	}
	all, err := npy.ReadZip(bytes.NewReader(text), int64(len(text)), limit)
	if err == nil {
		for _, name := range npy.Names(all) {
			all[name].Labels()
		}
	}
}

func Example() {
	var b bytes.Buffer
	if err := npy.Write(&b, []float32{1, 2, 3, 4, 5, 6}, 2, 3); err != nil {
		fmt.Println(err)
	}
	a, err := npy.Read(&b)
	fmt.Println(a.Shape, a.Type, a.Float32(), err)
	// Output: [2 3] f4 [1 2 3 4 5 6] <nil>
}
