package parallel

import "testing"

func TestDo(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		times := make([]int, n)
		Do(n, func(i int) { times[i]++ })
		for i, k := range times {
			if k != 1 {
				t.Fatalf("piece %d of %d is done %d times", i, n, k)
			}
		}
	}
}
