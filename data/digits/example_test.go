package digits_test

import (
	"fmt"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/digits"
)

// Images to train on and others to test with: any two seeds will do.
func ExampleGenerate() {
	train := digits.Generate(20000, 1)
	test := digits.Generate(4000, 2)
	fmt.Println(train.Len(), test.Len(), train.Height, train.Width)
	fmt.Println(train.Labels[:10])
	// Output:
	// 20000 4000 28 28
	// [8 9 2 0 1 3 5 7 6 4]
}

// Printed digits, without the variety of handwriting.
func ExampleStyle_Generate() {
	images, err := digits.Style{}.Generate(0, 10, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	var seven data.Images
	for i, label := range images.Labels {
		if label == 7 {
			seven = images.Subset([]int{i})
		}
	}
	for row := 4; row < 24; row += 2 { // a terminal's characters are twice as high as wide
		fmt.Print("|")
		for _, v := range seven.Pixels[row*digits.Size+6 : row*digits.Size+22] {
			fmt.Printf("%c", " .:*#"[int(v)*5/256])
		}
		fmt.Println("|")
	}
	// Output:
	// | .############. |
	// | .############. |
	// |          :##.  |
	// |         *##    |
	// |        ##*     |
	// |      .##*      |
	// |     .##*       |
	// |    :###        |
	// |   .###         |
	// |   ###*         |
}
