package nn_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// Batch normalisation goes between a layer without a bias, which it would take away again, and its activation. Keras'
// settings are Epsilon(1e-3) and Momentum(0.01).
func ExampleBatchNorm() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 3, nn.Linear(4, nn.NoBias()), nn.BatchNorm(), nn.ReLU(), nn.Linear(2))
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name, p.Rows, p.Cols)
	}
	stats, err := model.RunningStats()
	fmt.Println(stats, err)
	// Output:
	// 0.weight 3 4
	// 1.weight 1 4
	// 1.bias 1 4
	// 3.weight 4 2
	// 3.bias 1 2
	// [{1.running_mean [0 0 0 0]} {1.running_var [1 1 1 1]}] <nil>
}

// A block as transformers have it, twice, and two heads.
func ExampleResidual() {
	dev := cpu.Open()
	defer dev.Close()
	block := nn.Residual(nn.LayerNorm(), nn.Linear(64), nn.GELU(), nn.Linear(16))
	model, err := nn.New(dev, 8, nn.Linear(16), block, block, nn.RMSNorm(),
		nn.Concat(nn.Linear(10), nn.Sequence(nn.Linear(8), nn.Tanh(), nn.Linear(1))))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Outputs(), "outputs,", len(model.Params()), "parameters")
	_, err = nn.New(dev, 8, nn.Linear(16), nn.Residual(nn.Linear(64), nn.ReLU()))
	fmt.Println(err)
	// Output:
	// 11 outputs, 21 parameters
	// nn: layer 1, Residual(Linear(64), ReLU): 16 columns go in and 64 come out: what is added has to have one width
}
