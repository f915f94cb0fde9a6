package nn_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// What a model is made of, what a step of its training takes on the device, and how large a batch may be.
func ExampleModel_Summary() {
	dev := cpu.Open()
	defer dev.Close()
	m, err := nn.New(dev, 784, nn.Linear(128), nn.ReLU(), nn.Residual(nn.Linear(128), nn.Tanh()), nn.Linear(10))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Summary())

	step := nn.MemoryConfig{Batch: 128, Loss: nn.CrossEntropy(), Train: true, Optimizer: nn.Adam(1e-3)}
	memory, err := m.Memory(step)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(memory)
	rows, err := m.LargestBatch(step, 1<<30)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("over 100,000 rows in a GiB:", rows > 100_000)
	// Output:
	// n×784 inputs
	// place  layer          output  parameters  multiply-adds a row
	// 0      Linear(128)     n×128     100,480              100,352
	// 1      ReLU            n×128           0                    0
	// 2      Residual        n×128      16,512               16,384
	// 2.0      Linear(128)   n×128      16,512               16,384
	// 2.1      Tanh          n×128           0                    0
	// 3      Linear(10)       n×10       1,290                1,280
	//        total            n×10     118,282              118,016
	//
	// memory                   bytes
	// parameters             473,344  462.2 KiB
	// gradients              473,344  462.2 KiB
	// optimizer's state      946,688  924.5 KiB
	// activations            589,828    576 KiB
	// tables of the steps         68       68 B
	// batch                  401,920  392.5 KiB
	// total                2,885,192    2.8 MiB
	//
	// over 100,000 rows in a GiB: true
}
