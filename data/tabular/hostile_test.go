package tabular_test

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/internal/need"
)

// TestManyColumns: a line of separators is told at once.
func TestManyColumns(t *testing.T) {
	for _, c := range []tabular.CSV{{}, {NoHeader: true}} {
		_, err := tabular.Read(strings.NewReader(strings.Repeat(",", 1<<17)+"\n"), c)
		if want := `csv:1: 131073 fields; 65536 are the most: is ',' what stands between them?`; err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if f, err := tabular.Read(strings.NewReader("a"+strings.Repeat(",", 1<<16-1)+"\n"), tabular.CSV{}); err != nil || len(f.Columns) != 1<<16 {
		t.Error(err)
	}
}

// FuzzRead: no text brings the reader down, and what it reads is whole.
func FuzzRead(f *testing.F) {
	for _, s := range []string{people, "a;b\n1,5;\"x\n\"\n", "\xef\xbb\xbfa\tb\r\n", "a\n\"", "a,b\n1\n", "1,2\n", "a|b\n|\n", ",,\n,,\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var frame *tabular.Frame
		var err error
		n := need.Taken(func() { frame, err = tabular.Read(strings.NewReader(s), tabular.CSV{}) })
		if most := uint64(64*len(s) + 1<<24); n > most {
			t.Fatalf("%d bytes were taken for a file of %d, at most %d may be", n, len(s), most)
		}
		if err != nil {
			return
		}
		for _, c := range frame.Columns {
			if n := len(c.Numbers) + len(c.Codes); n != frame.Len() || c.Kind != tabular.Number && c.Kind != tabular.Category {
				t.Fatalf("column %q of %v has %d values, the frame %d rows", c.Name, c.Kind, n, frame.Len())
			}
			for _, code := range c.Codes {
				if int(code) >= len(c.Levels) {
					t.Fatalf("column %q: code %d of %d levels", c.Name, code, len(c.Levels))
				}
			}
		}
		p, err := tabular.Recipe{}.Fit(frame, nil)
		if err != nil {
			return
		}
		table, err := p.Table(frame, nil)
		if err != nil {
			t.Fatalf("what was learned from does not fit: %v", err)
		}
		for _, v := range table.X {
			if v != v {
				t.Fatal("a NaN among the inputs")
			}
		}
	})
}
