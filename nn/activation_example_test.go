package nn_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// What each activation makes of −2, 0, 1 and 4.
func Example_activations() {
	dev := cpu.Open()
	defer dev.Close()
	for _, layer := range []nn.Layer{
		nn.ReLU(), nn.LeakyReLU(0.01), nn.PReLU(), nn.ReLU6(), nn.Hardtanh(-1, 1),
		nn.ELU(1), nn.SELU(), nn.CELU(1),
		nn.Tanh(), nn.Sigmoid(), nn.LogSigmoid(), nn.Softsign(), nn.Hardsigmoid(),
		nn.GELU(), nn.GELUTanh(), nn.SiLU(), nn.Mish(), nn.Softplus(), nn.SoftplusOf(2, 20), nn.Hardswish(),
		nn.GLU(), nn.Softmax(), nn.LogSoftmax(),
	} {
		model, err := nn.New(dev, 4, layer)
		if err != nil {
			log.Fatal(err)
		}
		y, err := model.Predict([]float32{-2, 0, 1, 4})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-18v%.3f\n", layer, y)
	}
	// Output:
	// ReLU              [0.000 0.000 1.000 4.000]
	// LeakyReLU(0.01)   [-0.020 0.000 1.000 4.000]
	// PReLU             [-0.500 0.000 1.000 4.000]
	// ReLU6             [0.000 0.000 1.000 4.000]
	// Hardtanh(-1, 1)   [-1.000 0.000 1.000 1.000]
	// ELU(1)            [-0.865 0.000 1.000 4.000]
	// SELU              [-1.520 0.000 1.051 4.203]
	// CELU(1)           [-0.865 0.000 1.000 4.000]
	// Tanh              [-0.964 0.000 0.762 0.999]
	// Sigmoid           [0.119 0.500 0.731 0.982]
	// LogSigmoid        [-2.127 -0.693 -0.313 -0.018]
	// Softsign          [-0.667 0.000 0.500 0.800]
	// Hardsigmoid       [0.167 0.500 0.667 1.000]
	// GELU              [-0.046 0.000 0.841 4.000]
	// GELUTanh          [-0.045 0.000 0.841 4.000]
	// SiLU              [-0.238 0.000 0.731 3.928]
	// Mish              [-0.253 0.000 0.865 3.997]
	// Softplus          [0.127 0.693 1.313 4.018]
	// SoftplusOf(2, 20) [0.009 0.347 1.063 4.000]
	// Hardswish         [-0.333 0.000 0.667 4.000]
	// GLU               [-1.462 0.000]
	// Softmax           [0.002 0.017 0.047 0.934]
	// LogSoftmax        [-6.068 -4.068 -3.068 -0.068]
}

// A self-normalizing network: SELU, its dropout, and weights from N(0, 1/in).
func ExampleAlphaDropout() {
	dev := cpu.Open()
	defer dev.Close()
	start := nn.WeightInit(nn.KaimingNormal(nn.FanIn, nn.GainLinear))
	model, err := nn.New(dev, 20,
		nn.Linear(64, start), nn.SELU(), nn.AlphaDropout(0.1),
		nn.Linear(64, start), nn.SELU(), nn.AlphaDropout(0.1),
		nn.Linear(3, start))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Layers())
	// Output: [Linear(64) SELU AlphaDropout(0.1) Linear(64) SELU AlphaDropout(0.1) Linear(3)]
}

// A slope for each feature, which starts from 0.1; GLU then halves the width.
func ExamplePReLUPerFeature() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 8, nn.Linear(6), nn.PReLUPerFeature(nn.WeightInit(nn.Constant(0.1))), nn.GLU(), nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Printf("%s %d×%d\n", p.Name, p.Rows, p.Cols)
	}
	_, err = nn.New(dev, 8, nn.Linear(5), nn.GLU())
	fmt.Println(err)
	// Output:
	// 0.weight 8×6
	// 0.bias 1×6
	// 1.weight 1×6
	// 3.weight 3×1
	// 3.bias 1×1
	// nn: layer 1, GLU: an input of width 5: it has to be even, for a half of it gates the other
}
