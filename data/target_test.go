package data_test

import (
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
)

// TestReadTarget: what a set was made with comes back, and nothing else.
func TestReadTarget(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	x, labels, values, weights := []float32{1, 2}, []uint32{3, 1}, []float32{4, 5, 6, 7}, []float32{0.5, 2}
	set, err := data.FromFloats(dev, x, 1, data.Labels(labels).And(data.Values(values, 2)).Weighted(weights))
	if err != nil {
		t.Fatal(err)
	}
	l, v, w, err := set.ReadTarget()
	if !slices.Equal(l, labels) || !slices.Equal(v, values) || !slices.Equal(w, weights) || err != nil {
		t.Error(l, v, w, err)
	}
	plain, err := data.FromFloats(dev, x, 1, data.Labels(labels))
	if err != nil {
		t.Fatal(err)
	}
	if l, v, w, err = plain.ReadTarget(); !slices.Equal(l, labels) || v != nil || w != nil || err != nil {
		t.Error(l, v, w, err)
	}
}
