package data_test

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
)

func TestFromTable(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	for name, c := range map[string]struct {
		table   data.Table
		kind    backend.Kind
		outputs int
		classes int
	}{
		"labels":           {data.Blobs(7, 3, 4, 1, 1), backend.U32, 1, 3},
		"values":           {data.Friedman1(7, 5, 1, 1), backend.F32, 1, 0},
		"two values":       {data.Table{X: []float32{1}, Cols: 1, Values: []float32{2, 3}, Outputs: 2}, backend.F32, 2, 0},
		"one value, no 1s": {data.Table{X: []float32{1, 2}, Cols: 1, Values: []float32{2, 3}}, backend.F32, 1, 0},
	} {
		set, err := data.FromTable(dev, c.table)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		kind, cols := set.Target()
		if set.Len() != c.table.Len() || set.Cols() != c.table.Cols || kind != c.kind || cols != c.outputs || set.Classes() != c.classes {
			t.Errorf("%s: %d×%d, target %v of %d, %d classes", name, set.Len(), set.Cols(), kind, cols, set.Classes())
		}
		set.Release()
	}
	for want, table := range map[string]data.Table{
		"both labels and values": {X: []float32{1}, Cols: 1, Labels: []uint32{1}, Values: []float32{1}},
		"no whole number":        {X: []float32{1, 2, 3}, Cols: 2, Labels: []uint32{1}},
		"2 rows, but 1 labels":   {X: []float32{1, 2}, Cols: 1, Labels: []uint32{1}},
		"1 rows, but 0 labels":   {X: []float32{1}, Cols: 1},
		"0 values are no whole":  {},
		"a set of no rows":       data.Moons(0, 0, 1),
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
