package cpu_test

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend/cpu"
)

// Results do not depend on the number of workers; leave it out to use all cores.
func ExampleOpen() {
	dev := cpu.Open(cpu.Workers(2))
	defer dev.Close()
	fmt.Println(dev.Info().Device, dev.Info().Workers)
	gonum := cpu.Open(cpu.Gonum)
	defer gonum.Close()
	fmt.Println(gonum.Info().Device)
	// Output:
	// cpu 2
	// gonum
}
