package auto_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend/auto"
)

// A program that lets its user choose opens "": the environment variable GLOSS_DEVICE, else a GPU, else the CPU.
func ExampleOpen() {
	dev, err := auto.Open("cpu")
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Close()
	fmt.Println(dev.Info().Device)
	_, err = auto.Open("abacus")
	fmt.Println(err != nil)
	// Output:
	// cpu
	// true
}
