package data

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/data/internal/draw"
)

// partition checks that the two parts hold each of n rows once.
func partition(t *testing.T, what string, n int, train, rest []int) {
	t.Helper()
	all := slices.Sorted(slices.Values(slices.Concat(train, rest)))
	for i, row := range all {
		if i != row {
			t.Fatalf("%s: rows %v of %d", what, all, n)
		}
	}
	if len(all) != n || len(train) == 0 || len(rest) == 0 {
		t.Fatalf("%s: %d and %d rows of %d", what, len(train), len(rest), n)
	}
}

func TestSplits(t *testing.T) {
	for n := 2; n < 40; n++ {
		for _, fraction := range []float64{0.1, 0.25, 0.5, 0.8, 0.99} {
			train, rest, err := SplitLast(n, fraction)
			k := int(math.Round(fraction * float64(n)))
			if k == 0 || k == n {
				if err == nil {
					t.Errorf("%v of %d rows leaves a part empty: no error", fraction, n)
				}
				continue
			}
			partition(t, "last", n, train, rest)
			if len(train) != k || rest[0] != k || !slices.IsSorted(train) || !slices.IsSorted(rest) {
				t.Errorf("%v of %d rows in order: %v, %v", fraction, n, train, rest)
			}
			train, rest, err = SplitShuffled(n, fraction, uint64(n))
			if err != nil || len(train) != k {
				t.Errorf("%v of %d rows shuffled: %v, %v, %v", fraction, n, train, rest, err)
			}
			partition(t, "shuffled", n, train, rest)
			if cap(train) != len(train) {
				t.Errorf("appending to train writes into rest")
			}
		}
	}
}

// TestStratified draws class sizes and fractions.
func TestStratified(t *testing.T) {
	s := draw.New(9, 0, 0)
	for trial := range 300 {
		var labels []uint32
		sizes := map[uint32]int{}
		for class := range 1 + s.Below(6) {
			label := uint32(class * class * 1000)
			sizes[label] = 2 + s.Below(1+1<<s.Below(9))
			labels = append(labels, slices.Repeat([]uint32{label}, sizes[label])...)
		}
		fraction := 0.02 + 0.96*s.Uniform()
		n := len(labels)
		k, err := share(n, fraction)
		if err != nil {
			continue
		}
		train, rest, err := SplitStratified(labels, fraction, uint64(trial))
		if err != nil {
			t.Fatal(err)
		}
		partition(t, "stratified", n, train, rest)
		got := map[uint32]int{}
		for _, row := range train {
			got[labels[row]]++
		}
		forced := 0 // rows that go where they go so that no part lacks a label
		for label, size := range sizes {
			want := fraction * float64(size)
			if !(math.Abs(float64(got[label])-want) < 1) || got[label] == 0 || got[label] == size {
				t.Errorf("%d of label %d's %d rows at %v", got[label], label, size, fraction)
			}
			if want < 1 || want > float64(size-1) {
				forced++
			}
		}
		if d := len(train) - k; d > forced || d < -forced {
			t.Errorf("%d rows of %d at %v, want %d; %d labels leave no choice", len(train), n, fraction, k, forced)
		}
	}
}

func TestSplitSeeds(t *testing.T) {
	labels := make([]uint32, 1000)
	for i := range labels {
		labels[i] = uint32(i % 7)
	}
	hash := fnv.New64a()
	for _, seed := range []uint64{1, 2} {
		a, _, err := SplitShuffled(1000, 0.5, seed)
		b, _, err2 := SplitStratified(labels, 0.3, seed)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for _, row := range slices.Concat(a, b) {
			hash.Write(binary.LittleEndian.AppendUint32(nil, uint32(row)))
		}
		fixed := 0
		for i, row := range a {
			if i == row {
				fixed++
			}
		}
		if fixed > 5 { // ½ expected
			t.Errorf("seed %d: %d rows stay where they are", seed, fixed)
		}
	}
	const want = 0xfa410a2a100d931
	if got := hash.Sum64(); got != want { // whole numbers: the same on every platform
		t.Errorf("hash %#x, want %#x", got, uint64(want))
	}
}

func TestSplitErrors(t *testing.T) {
	for _, c := range []struct {
		n        int
		fraction float64
		want     string
	}{
		{10, 0, "a fraction of 0: want one between 0 and 1"},
		{10, 1, "a fraction of 1: want one"},
		{10, -0.5, "a fraction of -0.5"},
		{10, 80, "a fraction of 80"},
		{10, math.NaN(), "a fraction of NaN"},
		{10, 0.01, "10 rows into 0 and 10: want at least one row in each part"},
		{10, 0.99, "10 rows into 10 and 0"},
		{0, 0.5, "0 rows into 0 and 0"},
		{1, 0.5, "1 rows into 1 and 0"},
		{-4, 0.5, "-4 rows into"},
	} {
		_, _, last := SplitLast(c.n, c.fraction)
		_, _, shuffled := SplitShuffled(c.n, c.fraction, 1)
		_, _, stratified := SplitStratified(make([]uint32, max(0, c.n)), c.fraction, 1)
		if c.n < 0 {
			stratified = last
		}
		for _, err := range []error{last, shuffled, stratified} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v of %d: error %v, want one that says %q", c.fraction, c.n, err, c.want)
			}
		}
	}
	_, _, err := SplitStratified([]uint32{5, 5, 5, 9, 3, 3}, 0.5, 1)
	if err == nil || !strings.Contains(err.Error(), "label 9 has only one row") {
		t.Errorf("a label with one row: error %v", err)
	}
}
