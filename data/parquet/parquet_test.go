package parquet_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	written "github.com/parquet-go/parquet-go"

	"github.com/gloss-ml/gloss/data/parquet"
	"github.com/gloss-ml/gloss/data/tabular"
)

type row struct {
	Length float64  `parquet:"length"`
	Count  int32    `parquet:"count"`
	Wide   *int64   `parquet:"wide,optional"`
	Half   *float32 `parquet:"half,optional"`
	Good   bool     `parquet:"good"`
	Kind   string   `parquet:"kind,dict,zstd"`
	Note   *string  `parquet:"note,optional,snappy"`
}

func file[T any](t testing.TB, rows []T, opts ...written.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := written.NewGenericWriter[T](&b, opts...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	seven, half, note := int64(7), float32(0.5), "x"
	rows := []row{{1.5, 1, nil, &half, true, "a", nil}, {2.5, -2, &seven, nil, false, "b", &note}, {3.5, 3, nil, nil, true, "a", nil}}
	text := file(t, rows, written.MaxRowsPerRowGroup(2))
	f, err := parquet.Read(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	const want = "[{Name:length Kind:number Numbers:[1.5 2.5 3.5] Codes:[] Levels:[]} {Name:count Kind:number Numbers:[1 -2 3] Codes:[] Levels:[]} " +
		"{Name:wide Kind:number Numbers:[NaN 7 NaN] Codes:[] Levels:[]} {Name:half Kind:number Numbers:[0.5 NaN NaN] Codes:[] Levels:[]} " +
		"{Name:good Kind:number Numbers:[1 0 1] Codes:[] Levels:[]} {Name:kind Kind:category Numbers:[] Codes:[0 1 0] Levels:[a b]} " +
		"{Name:note Kind:category Numbers:[] Codes:[-1 0 -1] Levels:[x]}]"
	if got := fmt.Sprintf("%+v", f.Columns); got != want || f.Len() != 3 {
		t.Errorf("%d rows:\n%s\nwant\n%s", f.Len(), got, want)
	}
	some, err := parquet.Read(bytes.NewReader(text), int64(len(text)), "kind", "count")
	if err != nil || strings.Join(some.Names(), " ") != "count kind" {
		t.Errorf("%v, %v", some, err)
	}
	// And on to inputs.
	prep, err := tabular.Recipe{Target: "kind"}.Fit(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if table, err := prep.Table(f, nil); err != nil || table.Len() != 3 {
		t.Errorf("%v", err)
	}
}

func TestErrors(t *testing.T) {
	text := file(t, []row{{Kind: "a"}})
	nested := file(t, []struct{ A []int64 }{{[]int64{1, 2}}})
	for want, err := range map[string]error{
		`no column is called "size": there are length, count`: second(parquet.Read(bytes.NewReader(text), int64(len(text)), "size")),
		"column A lies in a group or a list":                  second(parquet.Read(bytes.NewReader(nested), int64(len(nested)))),
		"parquet: ":                                           second(parquet.Read(strings.NewReader("hello, world"), 12)),
		"no such file":                                        second(parquet.ReadFile("none.parquet")),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "cut.parquet")
	if err := os.WriteFile(path, text[:len(text)-5], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := parquet.ReadFile(path); err == nil || !strings.HasPrefix(err.Error(), path+": parquet: ") {
		t.Error(err)
	}
}

func second(_ *tabular.Frame, err error) error { return err }

// TestCutOff: a file that is cut off anywhere is an error, and never the end of the program.
func TestCutOff(t *testing.T) {
	note := "x"
	text := file(t, []row{{Kind: "a", Count: 3, Note: &note}, {Kind: "b"}})
	for n := range text {
		if _, err := parquet.Read(bytes.NewReader(text[:n]), int64(n)); err == nil {
			t.Errorf("%d of %d bytes are a file", n, len(text))
		}
	}
}

// A file of Parquet becomes a frame, as one of CSV does.
func ExampleReadFile() {
	_, err := parquet.ReadFile("none.parquet")
	fmt.Println(err)
	// Output: parquet: open none.parquet: no such file or directory
}
