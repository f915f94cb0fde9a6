package data_test

import (
	"bytes"
	"fmt"

	"github.com/gloss-ml/gloss/data"
)

func ExampleReadIDX() {
	file := []byte{
		0, 0, 8, 2, // unsigned bytes in two dimensions
		0, 0, 0, 2, 0, 0, 0, 3, // 2×3
		1, 2, 3,
		4, 5, 6,
	}
	x, err := data.ReadIDX(bytes.NewReader(file), "example")
	fmt.Println(x.Dims, x.Data, err)

	_, err = data.ReadIDX(bytes.NewReader(file[:15]), "example")
	fmt.Println(err)
	// Output:
	// [2 3] [1 2 3 4 5 6] <nil>
	// data: example: offset 15: the header's 2×3 promises 6 bytes, found 3: the file is cut off: unexpected EOF
}

func ExampleCheckLabels() {
	labels := []uint32{3, 1, 10}
	fmt.Println(data.CheckLabels(labels, 11))
	fmt.Println(data.CheckLabels(labels, 10))
	// Output:
	// <nil>
	// data: label 10 of row 2, counted from 0; want 0 to 9 for 10 classes
}

func ExampleImages() {
	set := data.Images{
		Pixels: []byte{10, 20, 30, 40, 50, 60, 70, 80},
		Labels: []uint32{1, 0},
		Height: 2, Width: 2,
	}
	for i := range set.Len() {
		fmt.Println(set.Labels[i], set.Row(i))
	}
	// Output:
	// 1 [10 20 30 40]
	// 0 [50 60 70 80]
}
