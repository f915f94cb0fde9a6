package data_test

import (
	"slices"
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
		"codes are no whole":    {Codes: []uint32{1, 2, 3}, CodeCols: 2, Labels: []uint32{1}},
		"2 rows, but 3 labels":  {Codes: []uint32{1, 2}, Labels: []uint32{1, 1, 1}},
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

func TestCodes(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	codes := []uint32{3, 1, 1 << 31, 4, 0, 0xFFFFFFFF}
	table := data.Table{Codes: codes, CodeCols: 2, Values: []float32{1, 2, 3}}
	last := table.Subset([]int{2, 0})
	if table.Len() != 3 || last.Len() != 2 || !slices.Equal(last.Codes, []uint32{0, 0xFFFFFFFF, 3, 1}) || last.Values[0] != 3 {
		t.Errorf("%d rows; %+v", table.Len(), last)
	}
	if one := (data.Table{Codes: codes, Labels: make([]uint32, 6)}).Subset([]int{3}); one.Len() != 1 || one.Codes[0] != 4 {
		t.Errorf("%+v", one)
	}
	set, err := data.FromTable(dev, table)
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != 3 || set.Cols() != 0 || set.Codes() != 2 || !slices.Equal(set.MaxCodes(), []int{3, 4}) {
		t.Errorf("%d×%d, %d codes up to %v", set.Len(), set.Cols(), set.Codes(), set.MaxCodes())
	}
	feed, err := set.Feed(data.FeedConfig{Rows: 2, Steps: 1})
	if err != nil || feed.X.Present() || len(feed.Calls) != 0 {
		t.Fatal(err, feed.X)
	}
	defer feed.Release()
	if err := feed.Seek(0, 1); err != nil {
		t.Fatal(err)
	}
	got := make([]uint32, 4)
	if err := backend.Read(dev, got, feed.Codes.Buf, feed.Codes.Off); err != nil || !slices.Equal(got, codes[2:]) {
		t.Errorf("%v, %v", got, err)
	}
	both, err := data.FromFloats(dev, []float32{1, 2}, 1, data.Labels([]uint32{0, 1}).And(data.Values([]float32{1, 2}, 1).Weighted([]float32{1, 0}).Codes([]uint32{1, 0xFFFFFFFF}, 1)))
	if err != nil || !both.Weighted() || both.Codes() != 1 || both.MaxCodes()[0] != 1 {
		t.Errorf("And lost a part: %v", err)
	}
	if _, err := data.FromCodes(dev, codes, 0, data.Labels(nil)); err == nil {
		t.Error("rows of 0 codes")
	}
}
