package data_test

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
)

func ExampleSpirals() {
	t := data.Spirals(4, 2, 0.01, 1)
	for i := range t.Len() {
		fmt.Printf("%5.2f %d\n", t.Row(i), t.Labels[i])
	}
	// Output:
	// [ 0.67  0.19] 0
	// [ 0.08 -0.19] 1
	// [-0.99  0.07] 0
	// [-0.51  0.30] 1
}

func ExampleMoons() {
	t := data.Moons(4, 0.05, 1)
	for i := range t.Len() {
		fmt.Printf("%5.2f %d\n", t.Row(i), t.Labels[i])
	}
	// Output:
	// [ 0.25  0.92] 0
	// [ 1.58 -0.31] 1
	// [-0.66  0.73] 0
	// [ 1.02 -0.46] 1
}

func ExampleBlobs() {
	t := data.Blobs(6, 3, 2, 0.5, 1)
	for i := range t.Len() {
		fmt.Printf("%5.1f %d\n", t.Row(i), t.Labels[i])
	}
	// Output:
	// [ -4.6   3.7] 0
	// [ -0.9   0.1] 1
	// [ -5.7   1.3] 2
	// [ -4.7   1.7] 0
	// [ -0.7   0.9] 1
	// [ -4.9   0.6] 2
}

func ExampleSine() {
	t := data.Sine(3, 0.1, 1)
	for i := range t.Len() {
		fmt.Printf("%5.2f %5.2f\n", t.Row(i), t.Values[i])
	}
	// Output:
	// [-0.44] -0.54
	// [ 0.09] -0.02
	// [ 2.91]  0.31
}

func ExampleFriedman1() {
	t := data.Friedman1(2, 6, 1, 1)
	for i := range t.Len() {
		fmt.Printf("%.2f %.2f\n", t.Row(i), t.Values[i])
	}
	// Output:
	// [0.04 0.76 0.11 0.38 0.25 0.41] 10.17
	// [0.72 0.19 0.23 0.95 0.95 0.26] 21.19
}

func ExampleFromTable() {
	dev := ref.Open()
	defer dev.Close()
	set, err := data.FromTable(dev, data.Moons(100, 0.1, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer set.Release()
	fmt.Println(set.Len(), set.Cols(), set.Classes())
	// Output:
	// 100 2 2
}

func ExampleTable_Subset() {
	t := data.Table{X: []float32{0, 1, 2, 3}, Cols: 1, Labels: []uint32{5, 6, 7, 8}}
	s := t.Subset([]int{3, 0})
	fmt.Println(s.X, s.Labels)
	// Output:
	// [3 0] [8 5]
}

func ExampleImages_Subset() {
	set := data.Images{Pixels: []byte{10, 20, 30, 40}, Labels: []uint32{1, 0}, Height: 1, Width: 2}
	s := set.Subset([]int{1})
	fmt.Println(s.Pixels, s.Labels)
	// Output:
	// [30 40] [0]
}

func ExampleSplitLast() {
	train, rest, err := data.SplitLast(10, 0.7)
	fmt.Println(train, rest, err)
	_, _, err = data.SplitLast(10, 70)
	fmt.Println(err)
	// Output:
	// [0 1 2 3 4 5 6] [7 8 9] <nil>
	// data: splitting off a fraction of 70: want one between 0 and 1
}

func ExampleSplitShuffled() {
	all := data.Moons(1000, 0.1, 1)
	train, rest, err := data.SplitShuffled(all.Len(), 0.8, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(all.Subset(train).Len(), all.Subset(rest).Len())
	// Output:
	// 800 200
}

// Both parts hold a quarter of zeros, as the whole does.
func ExampleSplitStratified() {
	labels := []uint32{0, 0, 1, 1, 1, 1, 1, 1}
	train, rest, err := data.SplitStratified(labels, 0.5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range [][]int{train, rest} {
		count := [2]int{}
		for _, row := range part {
			count[labels[row]]++
		}
		fmt.Println(count)
	}
	// Output:
	// [1 3]
	// [1 3]
}
