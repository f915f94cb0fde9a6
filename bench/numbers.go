package bench

import (
	"math"
	"math/rand/v2"
)

// uniform draws n numbers from [−limit, limit).
func uniform(rng *rand.Rand, n int, limit float32) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = limit * (2*rng.Float32() - 1)
	}
	return v
}

func absolute(v []float32) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(math.Abs(float64(x)))
	}
	return out
}

// strata picks count of the numbers below n, ascending: the first, the last, and one at random from each stretch in
// between, so that no stride of a kernel's tiles is missed by rule.
func strata(rng *rand.Rand, n, count int) []int {
	out := make([]int, count)
	for i := range out {
		lo, hi := i*n/count, (i+1)*n/count
		out[i] = lo + rng.IntN(hi-lo)
	}
	out[0] = 0
	if count > 1 {
		out[count-1] = n - 1
	}
	return out
}

// pickRows is the matrix of some rows of a matrix.
func pickRows(m []float32, cols int, rows []int) []float32 {
	out := make([]float32, 0, len(rows)*cols)
	for _, r := range rows {
		out = append(out, m[r*cols:(r+1)*cols]...)
	}
	return out
}

// pickCols is the matrix of some columns of a matrix.
func pickCols(m []float32, cols int, pick []int) []float32 {
	out := make([]float32, 0, len(m)/cols*len(pick))
	for r := 0; r < len(m); r += cols {
		for _, c := range pick {
			out = append(out, m[r+c])
		}
	}
	return out
}
