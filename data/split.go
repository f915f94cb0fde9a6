package data

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data/internal/draw"
)

// SplitLast cuts 0…n−1 in two without changing the order: the first fraction·n row numbers, rounded to the nearest, and
// the rest, as one does with rows that are ordered in time. Subset takes the rows. The error says that the fraction
// does not lie between 0 and 1, or that a part would be empty.
func SplitLast(n int, fraction float64) (train, rest []int, err error) {
	k, err := share(n, fraction)
	if err != nil {
		return nil, nil, err
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all[:k:k], all[k:], nil
}

// SplitShuffled cuts a random order of 0…n−1 in two as [SplitLast] does, with its errors. The order is a function of
// seed and n, the same on every machine.
func SplitShuffled(n int, fraction float64, seed uint64) (train, rest []int, err error) {
	k, err := share(n, fraction)
	if err != nil {
		return nil, nil, err
	}
	all := shuffled(n, seed)
	return all[:k:k], all[k:], nil
}

// SplitStratified is [SplitShuffled] with about the same share of each label in both parts: of a label's c rows,
// fraction·c rounded up or down go to train, so that the whole comes as near to fraction·n as that allows. Both parts
// have rows of every label: the error may also say that a label has only one row.
func SplitStratified(labels []uint32, fraction float64, seed uint64) (train, rest []int, err error) {
	k, err := share(len(labels), fraction)
	if err != nil {
		return nil, nil, err
	}
	left, err := quotas(labels, fraction, k)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range shuffled(len(labels), seed) {
		if l := labels[row]; left[l] > 0 {
			left[l]--
			train = append(train, row)
		} else {
			rest = append(rest, row)
		}
	}
	return train, rest, nil
}

// quotas says how many rows of each label go to the first part: rounded down, then up by largest remainder until there
// are k.
func quotas(labels []uint32, fraction float64, k int) (map[uint32]int, error) {
	count := map[uint32]int{}
	for _, l := range labels {
		count[l]++
	}
	type class struct {
		label uint32
		over  float64 // what rounding down took away
	}
	quota := make(map[uint32]int, len(count))
	var open []class // those that may be rounded up
	for label, c := range count {
		if c < 2 {
			return nil, fmt.Errorf("data: label %d has only one row: a stratified split needs at least 2 of every label", oneRow(count))
		}
		want := fraction * float64(c)
		q := min(int(want), c-1)
		switch over := want - float64(q); {
		case q == 0: // neither part may go without
			q = 1
		case over > 0 && q < c-1:
			open = append(open, class{label, over})
		}
		quota[label] = q
		k -= q
	}
	slices.SortFunc(open, func(a, b class) int { return cmp.Or(cmp.Compare(b.over, a.over), cmp.Compare(a.label, b.label)) })
	for _, c := range open[:min(max(k, 0), len(open))] {
		quota[c.label]++
	}
	return quota, nil
}

// oneRow is the smallest label that occurs once, so that the error does not depend on the order of a map.
func oneRow(count map[uint32]int) uint32 {
	least := uint32(math.MaxUint32)
	for label, c := range count {
		if c == 1 {
			least = min(least, label)
		}
	}
	return least
}

// share is the number of rows in the first part.
func share(n int, fraction float64) (int, error) {
	if !(fraction > 0 && fraction < 1) {
		return 0, fmt.Errorf("data: splitting off a fraction of %v: want one between 0 and 1", fraction)
	}
	if int64(n) > math.MaxUint32 {
		return 0, fmt.Errorf("data: splitting %d rows: want at most %d", n, uint32(math.MaxUint32))
	}
	k := int(math.Round(fraction * float64(n)))
	if k < 1 || k >= n {
		return 0, fmt.Errorf("data: splitting %d rows into %d and %d: want at least one row in each part", n, k, n-k)
	}
	return k, nil
}

// shuffled is a random order of 0…n−1.
func shuffled(n int, seed uint64) []int {
	s := draw.New(seed, kindSplit, 0) // not the seed itself, which would give the first epoch's order
	key := [4]uint32{s.Word(), s.Word()}
	order := make([]int, n)
	for i := range order {
		order[i] = int(backend.Permuted(key, uint32(n), uint32(i)))
	}
	return order
}
