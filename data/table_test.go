package data_test

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
)

func TestFromTable(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	for name, c := range map[string]struct {
		table   data.Table
		labels  int
		values  int
		classes int
	}{
		"labels":           {data.Blobs(7, 3, 4, 1, 1), 1, 0, 3},
		"values":           {data.Friedman1(7, 5, 1, 1), 0, 1, 0},
		"two values":       {data.Table{X: []float32{1}, Cols: 1, Values: []float32{2, 3}, Outputs: 2}, 0, 2, 0},
		"one value, no 1s": {data.Table{X: []float32{1, 2}, Cols: 1, Values: []float32{2, 3}}, 0, 1, 0},
		"two heads":        {data.Table{X: []float32{1, 2}, Cols: 1, Labels: []uint32{4, 0xFFFFFF9C}, Values: []float32{2, 3}, Weights: []float32{0, 1}}, 1, 1, 5},
	} {
		set, err := data.FromTable(dev, c.table)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		labels, values := set.Target()
		if set.Len() != c.table.Len() || set.Cols() != c.table.Cols || labels != c.labels || values != c.values || set.Classes() != c.classes || set.Weighted() != (c.table.Weights != nil) {
			t.Errorf("%s: %d×%d, %d labels, %d values, %d classes", name, set.Len(), set.Cols(), labels, values, set.Classes())
		}
		set.Release()
	}
	for want, table := range map[string]data.Table{
		"2 rows, but 3 codes":   {X: []float32{1, 2}, Cols: 1, Labels: []uint32{1, 1}, Codes: []uint32{1, 2, 3}, CodeCols: 2},
		"2 rows, but 1 weights": {X: []float32{1, 2}, Cols: 1, Labels: []uint32{1, 1}, Weights: []float32{1}},
		"row 1 has weight -1":   {X: []float32{1, 2}, Cols: 1, Labels: []uint32{1, 1}, Weights: []float32{1, -1}},
		"no whole number":       {X: []float32{1, 2, 3}, Cols: 2, Labels: []uint32{1}},
		"2 rows, but 1 labels":  {X: []float32{1, 2}, Cols: 1, Labels: []uint32{1}},
		"1 rows, but 0 values":  {X: []float32{1}, Cols: 1},
		"0 values are no whole": {},
		"a set of no rows":      data.Moons(0, 0, 1),
	} {
		if _, err := data.FromTable(dev, table); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
	if n := (data.Table{}).Len(); n != 0 {
		t.Errorf("a table without anything has %d rows", n)
	}
	if s := dev.Stats(); s.LiveBuffers != 0 {
		t.Errorf("%d buffers alive at the end", s.LiveBuffers)
	}
}
