package bench

import (
	"math"
	"slices"
)

// exactRanks is how many samples the exact distribution is counted for: as many as a moment suffices for.
const exactRanks = 100

// rankTest is the two-sided p value of the Mann-Whitney U test: how likely two sets of samples differ at least as much
// as these do where both come from one distribution. Times are anything but normal, and it asks nothing of them. Equal
// samples share their rank. Without samples on either side nothing can be told, and p is 1.
//
// Mann, Whitney: On a test of whether one of two random variables is stochastically larger than the other, 1947.
func rankTest(a, b []float64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 1
	}
	ranks := doubleRanks(slices.Concat(a, b))
	sum := 0
	for _, r := range ranks[:len(a)] {
		sum += r
	}
	if len(ranks) <= exactRanks {
		return exactP(ranks, len(a), sum)
	}
	return normalP(ranks, len(a), sum)
}

// doubleRanks are twice the ranks, whole numbers even where equal samples share the mean of theirs.
func doubleRanks(v []float64) []int {
	sorted := slices.Sorted(slices.Values(v))
	ranks := make([]int, len(v))
	for i, x := range v {
		first, _ := slices.BinarySearch(sorted, x)
		last, _ := slices.BinarySearchFunc(sorted, x, func(e, x float64) int {
			if e <= x {
				return -1
			}
			return 1
		})
		ranks[i] = first + 1 + last
	}
	return ranks
}

// exactP counts the ways of choosing m of the ranks by their sum, and of those the share whose sum is at least as far
// from the middle.
func exactP(ranks []int, m, sum int) float64 {
	n := len(ranks)
	total := n * (n + 1) // of all doubled ranks
	ways := make([][]float64, m+1)
	for k := range ways {
		ways[k] = make([]float64, total+1)
	}
	ways[0][0] = 1
	for i, r := range ranks {
		for k := min(m, i+1); k > 0; k-- {
			for s := total; s >= r; s-- {
				ways[k][s] += ways[k-1][s-r]
			}
		}
	}
	var all, far float64
	for s, w := range ways[m] {
		all += w
		if offMiddle(n, m, s) >= offMiddle(n, m, sum) {
			far += w
		}
	}
	return far / all
}

// offMiddle is n times how far a sum of m of n doubled ranks is from what it is on average.
func offMiddle(n, m, sum int) int {
	d := n*sum - m*n*(n+1)
	return max(d, -d)
}

// normalP is the limit for many samples, corrected for ties and for sums being whole.
func normalP(ranks []int, m, sum int) float64 {
	n := float64(len(ranks))
	counts := map[int]float64{}
	for _, r := range ranks {
		counts[r]++
	}
	ties := 0.0
	for _, t := range counts {
		ties += t*t*t - t
	}
	variance := float64(m) * (n - float64(m)) / 12 * (n + 1 - ties/(n*(n-1)))
	if variance <= 0 {
		return 1 // all samples are equal
	}
	off := float64(offMiddle(len(ranks), m, sum)) / (2 * n)
	return math.Erfc(max(0, off-0.5) / math.Sqrt(2*variance))
}
