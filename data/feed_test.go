package data_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
)

// numbered is a set whose row i is (i, 2i) with label i mod 7.
func numbered(t *testing.T, dev backend.Backend, n int) *data.Set {
	t.Helper()
	x, labels := make([]float32, 2*n), make([]uint32, n)
	for i := range labels {
		x[2*i], x[2*i+1], labels[i] = float32(i), float32(2*i), uint32(i%7)
	}
	set, err := data.FromFloats(dev, x, 2, data.Labels(labels))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// epoch reads the rows that a feed hands out in one epoch, in order, and checks that labels stay with their rows.
func epoch(t *testing.T, dev backend.Backend, set *data.Set, cfg data.FeedConfig, number int) (rows []int) {
	t.Helper()
	f, err := set.Feed(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	p, err := backend.Record(dev, backend.Step{Calls: f.Calls, Steps: cfg.Steps})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	x, y := make([]float32, 2*cfg.Rows), make([]uint32, cfg.Rows)
	for start := 0; start < set.Len(); start += cfg.Rows * cfg.Steps {
		if err := f.Seek(number, start); err != nil {
			t.Fatal(err)
		}
		for s := range cfg.Steps {
			p.Replay(backend.At{Step: s}, nil)
			if err := backend.Read(dev, x, f.X.Buf, f.X.Off); err != nil {
				t.Fatal(err)
			}
			if err := backend.Read(dev, y, f.Labels.Buf, f.Labels.At(backend.At{Step: s})); err != nil {
				t.Fatal(err)
			}
			for i := range cfg.Rows {
				if len(rows) == set.Len() {
					return rows // past the epoch's end
				}
				row := int(x[2*i])
				if x[2*i+1] != float32(2*row) || y[i] != uint32(row%7) {
					t.Fatalf("row %d came as %v with label %d", row, x[2*i:2*i+2], y[i])
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func TestFeed(t *testing.T) {
	dev := ref.Open()
	const n = 101
	set := numbered(t, dev, n)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	cfg := data.FeedConfig{Rows: 8, Steps: 3, Shuffle: true, Seed: 5}
	var orders [][]int
	for number := range 3 {
		order := epoch(t, dev, set, cfg, number)
		for i, row := range order {
			if want := backend.Permuted([4]uint32{5, 0, uint32(number)}, n, uint32(i)); row != int(want) {
				t.Fatalf("epoch %d: place %d holds row %d, want %d", number, i, row, want)
			}
		}
		orders = append(orders, order)
	}
	if slices.Equal(orders[0], orders[1]) || slices.Equal(orders[1], orders[2]) {
		t.Error("epochs in the same order")
	}
	for number, order := range orders {
		if slices.Sort(order); !slices.Equal(order, all) {
			t.Errorf("epoch %d does not visit every row once: %v", number, order)
		}
	}
	cfg.Shuffle = false
	if got := epoch(t, dev, set, cfg, 4); !slices.Equal(got, all) {
		t.Errorf("in the set's own order: %v", got)
	}
}

func TestSetErrors(t *testing.T) {
	dev := ref.Open()
	x := make([]float32, 8)
	for want, make := range map[string]func() (*data.Set, error){
		"no whole number of rows of 3":    func() (*data.Set, error) { return data.FromFloats(dev, x, 3, data.Labels(nil)) },
		"no whole number of rows of 0":    func() (*data.Set, error) { return data.FromFloats(dev, x, 0, data.Labels(nil)) },
		"a set of no rows":                func() (*data.Set, error) { return data.FromBytes(dev, nil, 3, data.Labels(nil)) },
		"4 rows, but 3 labels":            func() (*data.Set, error) { return data.FromFloats(dev, x, 2, data.Labels([]uint32{1, 2, 3})) },
		"4 rows, but 0 values":            func() (*data.Set, error) { return data.FromFloats(dev, x, 2, data.Values(nil, 1<<62)) },
		"4 rows without labels or values": func() (*data.Set, error) { return data.FromFloats(dev, x, 2, data.Values(x, 0)) },
	} {
		if _, err := make(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
	set := numbered(t, dev, 10)
	for _, cfg := range []data.FeedConfig{{Rows: 0, Steps: 1}, {Rows: 11, Steps: 1}, {Rows: 1}, {Rows: 4, Steps: 1 << 62}, {Rows: 4, Steps: 1 << 61}} {
		if _, err := set.Feed(cfg); err == nil {
			t.Errorf("no error for %+v", cfg)
		}
	}
	if s := dev.Stats(); s.LiveBuffers != 2 {
		t.Errorf("%d buffers alive, want the set's two", s.LiveBuffers)
	}
}
