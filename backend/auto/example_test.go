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

// A program that knows what it trains has the device chosen for that. What the choice was made by is in its line, as in
// "cpu: AMD EPYC, 2 workers (auto: for 2-8-1 at 4 rows some 1.8µs a step, 40µs on NVIDIA …)".
func ExampleChooseFor() {
	job := auto.Job{Widths: []int{2, 8, 1}, Batch: 4}
	dev, choice, err := auto.ChooseFor("cpu", job) // "" or "auto" to have it chosen
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Close()
	fmt.Println(choice.Info.Device, "for", job)
	// Output: cpu for 2-8-1 at 4 rows
}
