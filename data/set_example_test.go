package data_test

import (
	"fmt"
	"log"
	"os"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
)

// MNIST's images stay bytes on the device; batches see them as numbers from 0 to 1.
func ExampleLoadMNIST() {
	dev := cpu.Open()
	defer dev.Close()
	mnist, err := data.LoadMNIST("no such folder")
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := data.FromImages(dev, mnist.Train)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len(), set.Cols(), set.Classes())
	// Output: data: the folder of MNIST's four files: stat no such folder: no such file or directory
}

func ExampleFromFloats() {
	dev := cpu.Open()
	defer dev.Close()
	set, err := data.FromFloats(dev, []float32{0, 0, 0, 1, 1, 0, 1, 1}, 2, data.Labels([]uint32{0, 1, 1, 0}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len(), "rows of", set.Cols(), "and", set.Classes(), "classes")
	_, err = data.FromFloats(dev, []float32{0, 0, 0, 1}, 2, data.Values([]float32{1, 2, 3}, 1))
	fmt.Println(err)
	// Output:
	// 4 rows of 2 and 2 classes
	// data: 2 rows, but 3 values in rows of 1
}

// A set that the device has no room for is streamed to it from where it is, here a file of floats, row after row.
func ExampleStream() {
	dev := cpu.Open()
	defer dev.Close()
	f, err := os.Open("testdata/rows.f32")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	rows, err := data.FileRows(f, 0, backend.F32, 4, 2)
	if err != nil {
		log.Fatal(err)
	}
	set, err := data.Stream(dev, rows, data.Labels([]uint32{0, 1, 1, 0}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len(), "rows of", set.Cols(), "and", dev.Stats().LiveBytes, "bytes on the device")
	// Output: 4 rows of 2 and 0 bytes on the device
}
