package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func saved(t testing.TB, tensors []Tensor, meta map[string]string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := Save(path, tensors, meta); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(b []byte) (*File, error) { return Read(bytes.NewReader(b), int64(len(b)), "file") }

// file is one with that header and so many bytes of data.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

var examples = []Tensor{
	{"bytes", []int{3}, []byte{1, 2, 3}},
	{"a", []int{2, 2}, []float32{1, 2, 3, 4}},
	{"scalar", nil, []int64{-7}},
	{"\"é\\\n", []int{1, 2}, []float64{0.1, -0.2}},
	{"none", []int{0, 5}, []uint32{}},
}

// TestBytes: a file's bytes are what the format says, down to the padding.
func TestBytes(t *testing.T) {
	b := saved(t, []Tensor{{"b", []int{1}, []float32{1}}, {"u", []int{2}, []byte{5, 6}}, {"a", []int{1}, []float32{-2}}}, map[string]string{"k": "<v>"})
	header := `{"__metadata__":{"gloss.crc32c":"XXXXXXXX","k":"<v>"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},` +
		`"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"u":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := append(file(header, 0), 0, 0, 0, 0xc0, 0, 0, 0x80, 0x3f, 5, 6)
	at := bytes.Index(want, []byte("XXXXXXXX"))
	copy(want[at:], b[at:at+8])
	if !bytes.Equal(b, want) {
		t.Errorf("got  %q\nwant %q", b, want)
	}
}

func TestRoundTrip(t *testing.T) {
	meta := map[string]string{"": "", "a\"b": "\x7f ü 日"}
	f, err := open(saved(t, examples, meta))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Verify(); err != nil || !f.Checked() || !maps.Equal(f.MetaAll(), meta) {
		t.Errorf("%v, %v, %q", err, f.Checked(), f.MetaAll())
	}
	if len(f.Tensors()) != len(examples) {
		t.Errorf("%d tensors", len(f.Tensors()))
	}
	four, two := make([]float32, 4), make([]float64, 2)
	if err := f.Float32s("a", four); err != nil || !slices.Equal(four, []float32{1, 2, 3, 4}) {
		t.Error(four, err)
	}
	if err := f.Float64s("\"é\\\n", two); err != nil || !slices.Equal(two, []float64{0.1, -0.2}) {
		t.Error(two, err)
	}
	if err := f.Float32s("\"é\\\n", four[:2]); err != nil || four[0] != 0.1 {
		t.Error(four, err)
	}
	wide := make([]float64, 4)
	if err := f.Float64s("a", wide); err != nil || wide[3] != 4 {
		t.Error(wide, err)
	}
	for _, c := range []struct{ name, want string }{{"b", `no tensor "b"`}, {"bytes", "U8 with shape [3], want 4 elements"}} {
		if err := f.Float32s(c.name, four); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	if err := f.Float32s("bytes", four[:3]); err == nil || !strings.Contains(err.Error(), "U8, where F32 or F64 is wanted") {
		t.Error(err)
	}
}

// TestOtherWriters: files as other programs write them, with spaces, other orders and types that are not known here.
func TestOtherWriters(t *testing.T) {
	for _, b := range [][]byte{
		file(`{}`, 0),
		file(`{"a":{"shape":[2],"data_offsets":[4,8],"dtype":"F16"}, "b" : {"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}}   `, 8),
		file(`{"x":{"dtype":"F8_NEW","shape":[7,3],"data_offsets":[0,5]},"__metadata__":{"format":"pt"}}`, 5),
		file(`{"a":{"dtype":"F32","shape":[0,9999999999],"data_offsets":[0,0]}}`, 0),
	} {
		f, err := open(b)
		if err != nil {
			t.Errorf("%s: %v", b, err)
			continue
		}
		if err := f.Verify(); err == nil || f.Checked() {
			t.Error("a checksum in a file without one")
		}
	}
}

func TestErrors(t *testing.T) {
	entry := func(name, dtype, shape, offsets string) string {
		return fmt.Sprintf(`"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%s]}`, name, dtype, shape, offsets)
	}
	a := entry("a", "F32", "1", "0,4")
	cases := []struct {
		want string
		file []byte
	}{
		{"too short", []byte("1234567")},
		{"a header of 17 bytes in a file of 12", append([]byte{17, 0, 0, 0, 0, 0, 0, 0}, "{  }"...)},
		{"not a safetensors file", []byte("\xff\xff\xff\xff\xff\xff\xff\xff{}")},
		{"begins with {", file(` {}`, 0)},
		{"follows the header's end", file(`{}{`, 0)},
		{`two tensors "a"`, file(`{`+a+`,`+entry("a", "F32", "1", "4,8")+`}`, 8)},
		{`two entries "__metadata__"`, file(`{"__metadata__":{},"__metadata__":{}}`, 0)},
		{`two entries "k"`, file(`{"__metadata__":{"k":"1","k":"2"}}`, 0)},
		{`'"' is wanted`, file(`{"__metadata__":{"k":1}}`, 0)},
		{"belong to none", file(`{`+entry("a", "F32", "1", "4,8")+`}`, 8)},
		{`overlaps "a"`, file(`{`+a+`,`+entry("b", "F32", "1", "3,7")+`}`, 7)},
		{"the tensors end at byte", file(`{`+a+`}`, 5)},
		{"cut off", file(`{`+a+`}`, 3)},
		{"before it begins", file(`{`+entry("a", "F32", "1", "4,0")+`}`, 4)},
		{"has 4 bytes, want 8", file(`{`+entry("a", "F32", "2", "0,4")+`}`, 4)},
		{"more elements than can be counted", file(`{`+entry("a", "F32", "99999999999,99999999999", "0,4")+`}`, 4)},
		{"an integer from 0 on", file(`{`+entry("a", "F32", "-1", "0,4")+`}`, 4)},
		{"an integer from 0 on", file(`{`+entry("a", "F32", "01", "0,4")+`}`, 4)},
		{"is wanted", file(`{`+entry("a", "F32", "1.5", "0,4")+`}`, 4)},
		{"more than 16 dimensions", file(`{`+entry("a", "F32", strings.Repeat("1,", 16)+"1", "0,4")+`}`, 4)},
		{`has an entry that is not one of`, file(`{"a":{"dtype":"F32","size":[1],"data_offsets":[0,4]}}`, 4)},
		{`once each`, file(`{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}`, 4)},
		{"lacks one of", file(`{"a":{"dtype":"F32","shape":[1]}}`, 4)},
		{"does not end", file(`{"a`, 0)},
		{"not UTF-8", file("{\"\xff\":{}}", 0)},
		{"control character", file("{\"a\nb\":{}}", 0)},
	}
	for _, c := range cases {
		if _, err := open(c.file); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "file: ") {
			t.Errorf("%q: error %v, want one that says %q", c.file, err, c.want)
		}
	}
	for _, c := range []struct {
		want   string
		tensor Tensor
	}{
		{"2 elements for the shape [3]", Tensor{"a", []int{3}, []float32{1, 2}}},
		{"elements of []int", Tensor{"a", []int{1}, []int{1}}},
		{"__metadata__", Tensor{"__metadata__", []int{1}, []float32{1}}},
	} {
		if err := Save(filepath.Join(t.TempDir(), "x"), []Tensor{c.tensor}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	twice := []Tensor{{"a", []int{1}, []float32{1}}, {"a", []int{1}, []float32{1}}}
	if err := Save(filepath.Join(t.TempDir(), "x"), twice, nil); err == nil || !strings.Contains(err.Error(), `two tensors "a"`) {
		t.Error(err)
	}
}

// TestEveryBit flips every bit of a file: its header does not hold, or its checksum.
func TestEveryBit(t *testing.T) {
	good := saved(t, examples, map[string]string{"gloss.format": "1"})
	for i := range good {
		for bit := range 8 {
			bad := slices.Clone(good)
			bad[i] ^= 1 << bit
			if f, err := open(bad); err == nil && f.Verify() == nil {
				t.Errorf("bit %d of byte %d of %d", bit, i, len(good))
			}
		}
		if _, err := open(good[:i]); err == nil {
			t.Errorf("the first %d bytes", i)
		}
	}
}

// FuzzSafetensors: a file is read or refused, with no more memory than four times its size and a constant, and what is read
// is written again to the same tensors.
func FuzzSafetensors(f *testing.F) {
	f.Add(saved(f, examples, map[string]string{"a": "b"}))
	f.Add(file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4))
	f.Add(file(`{"__metadata__":{"\u00e9":"\ud83d\ude00"}}`, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x, err := open(b)
		runtime.ReadMemStats(&after)
		if took, most := after.TotalAlloc-before.TotalAlloc, uint64(4*len(b)+1<<20); took > most {
			t.Fatalf("%d bytes taken for a file of %d", took, len(b))
		}
		if err != nil {
			return
		}
		var tensors []Tensor
		for _, info := range x.Tensors() {
			if info.DType != F32 {
				return
			}
			v := make([]float32, info.Elements())
			if err := x.Float32s(info.Name, v); err != nil {
				t.Fatal(err)
			}
			shape := make([]int, len(info.Shape))
			for i, d := range info.Shape {
				shape[i] = int(d)
			}
			tensors = append(tensors, Tensor{info.Name, shape, v})
		}
		if x.Checked() {
			return
		}
		again, err := open(saved(t, tensors, x.MetaAll()))
		if err != nil {
			t.Fatal(err)
		}
		for i, info := range again.Tensors() {
			if was := x.Tensors()[i]; was.Name != info.Name || !slices.Equal(was.Shape, info.Shape) {
				t.Fatalf("%+v was %+v", info, was)
			}
		}
	})
}

// TestMemory: headers that are made to take much memory do not.
func TestMemory(t *testing.T) {
	var many, deep strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&many, `,"%x":{"dtype":"U8","shape":[],"data_offsets":[%d,%d]}`, i, i, i+1)
		fmt.Fprintf(&deep, `,"%x":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[%d,%d]}`, i, i, i+1)
	}
	for _, header := range []string{many.String(), deep.String()} {
		b := file("{"+header[1:]+"}", 40_000)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := open(b); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > uint64(4*len(b)+1<<20) {
			t.Errorf("%d bytes taken for a file of %d", took, len(b))
		}
	}
}
