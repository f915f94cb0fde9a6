package tabular_test

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/internal/need"
)

// BenchmarkCSV reads MNIST's 60,000 training images as a table of 785 columns, makes inputs of it, and converts ten of it one
// after another, which is larger than 1 GB: `go test -run '^$' -bench CSV -benchtime 1x ./data/tabular`.
func BenchmarkCSV(b *testing.B) {
	header, rows := mnistRows(b)
	text := func(times int) io.Reader {
		parts := []io.Reader{strings.NewReader(header)}
		for range times {
			parts = append(parts, bytes.NewReader(rows))
		}
		return io.MultiReader(parts...)
	}
	recipe := tabular.Recipe{Target: "label"}
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(rows)))
		for range b.N {
			if f, err := tabular.Read(text(1), tabular.CSV{}); err != nil || f.Len() != 60_000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("inputs", func(b *testing.B) {
		b.SetBytes(int64(len(rows)))
		for range b.N {
			f, err := tabular.Read(text(1), tabular.CSV{})
			if err != nil {
				b.Fatal(err)
			}
			prep, err := recipe.Fit(f, nil)
			if err == nil {
				_, err = prep.Table(f, nil)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("convert", func(b *testing.B) {
		b.SetBytes(10 * int64(len(rows)))
		for range b.N {
			open := func() (io.ReadCloser, error) { return io.NopCloser(text(10)), nil }
			c, err := tabular.Convert(open, tabular.Conversion{Recipe: recipe, Holdout: 0.1, Dir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			c.Close()
		}
	})
}

// mnistRows is the table's text.
func mnistRows(b *testing.B) (header string, rows []byte) {
	m, err := data.LoadMNIST(need.MNIST(b))
	if err != nil {
		b.Fatal(err)
	}
	header = "label"
	for i := range m.Train.Cols() {
		header += fmt.Sprintf(",p%d", i)
	}
	rows = make([]byte, 0, 120e6)
	for i, l := range m.Train.Labels {
		rows = strconv.AppendUint(rows, uint64(l), 10)
		for _, p := range m.Train.Row(i) {
			rows = strconv.AppendUint(append(rows, ','), uint64(p), 10)
		}
		rows = append(rows, '\n')
	}
	return header + "\n", rows
}
