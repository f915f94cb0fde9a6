package nn_test

import (
	"fmt"
	"log"
	"math"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// He's initialisation for the ReLU, orthogonal rows before the outputs, and biases as one likes them.
func ExampleWeightInit() {
	dev := cpu.Open()
	defer dev.Close()
	he := nn.WeightInit(nn.KaimingNormal(nn.FanIn, nn.GainReLU))
	model, err := nn.New(dev, 2,
		nn.Linear(64, he, nn.BiasInit(nn.Zeros())), nn.ReLU(),
		nn.Linear(64, he, nn.NoBias()), nn.ReLU(),
		nn.Linear(3, nn.WeightInit(nn.Orthogonal(1)), nn.BiasInit(nn.Constant(0.5))))
	if err != nil {
		log.Fatal(err)
	}
	w, err := model.Weights()
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Printf("%-9s %d×%d\n", p.Name, p.Rows, p.Cols)
	}
	fmt.Println("last biases:", w[len(w)-3:])
	_, err = nn.New(dev, 2, nn.Linear(3, nn.WeightInit(nn.Normal(0, -1))))
	fmt.Println(err)
	// Output:
	// 0.weight  2×64
	// 0.bias    1×64
	// 2.weight  64×64
	// 4.weight  64×3
	// 4.bias    1×3
	// last biases: [0.5 0.5 0.5]
	// nn: layer 0, Linear(3): weight: Normal(0, -1): std -1: it has to be finite and not negative
}

// binary is an initialiser of one's own: −1 or 1.
type binary struct{}

func (binary) String() string { return "binary" }
func (binary) Check() error   { return nil }

func (binary) Fill(p *nn.InitParam) {
	for i := range p.W {
		p.W[i] = 1
		if p.Uniform(i) < 0.5 {
			p.W[i] = -1
		}
	}
}

func ExampleInitializer() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 1, nn.Linear(6, nn.WeightInit(binary{}), nn.NoBias()))
	if err != nil {
		log.Fatal(err)
	}
	model.Init(1)
	fmt.Println(model.Weights())
	// Output: [1 1 1 -1 -1 1] <nil>
}

// The initialisers, by the spread that each gives the weights of a layer of 100 inputs and 50 outputs.
func ExampleWeightInit_all() {
	dev := cpu.Open()
	defer dev.Close()
	for _, init := range []nn.Initializer{
		nn.UniformFanIn(), nn.KaimingUniform(nn.FanIn, nn.GainReLU), nn.KaimingNormal(nn.FanOut, nn.GainTanh), nn.XavierUniform(1),
		nn.XavierNormal(nn.GainSELU), nn.LeCunUniform(), nn.LeCunNormal(), nn.Orthogonal(1),
		nn.Uniform(-0.05, 0.05), nn.Normal(0, 0.02), nn.TruncatedNormal(0, 0.02, -0.03, 0.03), nn.Zeros(), nn.Ones(), nn.Constant(0.1),
	} {
		model, err := nn.New(dev, 100, nn.Linear(50, nn.WeightInit(init), nn.NoBias()))
		if err != nil {
			log.Fatal(err)
		}
		w, err := model.Weights()
		if err != nil {
			log.Fatal(err)
		}
		sum := 0.0
		for _, x := range w {
			sum += float64(x) * float64(x)
		}
		fmt.Printf("%-43v root of the mean square %.3f\n", init, math.Sqrt(sum/float64(len(w))))
		model.Release()
	}
	// Output:
	// UniformFanIn                                root of the mean square 0.057
	// KaimingUniform(fan-in, 1.4142135623730951)  root of the mean square 0.141
	// KaimingNormal(fan-out, 1.6666666666666667)  root of the mean square 0.233
	// XavierUniform(1)                            root of the mean square 0.115
	// XavierNormal(0.75)                          root of the mean square 0.086
	// LeCunUniform                                root of the mean square 0.099
	// LeCunNormal                                 root of the mean square 0.099
	// Orthogonal(1)                               root of the mean square 0.100
	// Uniform(-0.05, 0.05)                        root of the mean square 0.029
	// Normal(0, 0.02)                             root of the mean square 0.020
	// TruncatedNormal(0, 0.02, -0.03, 0.03)       root of the mean square 0.015
	// Zeros                                       root of the mean square 0.000
	// Ones                                        root of the mean square 1.000
	// Constant(0.1)                               root of the mean square 0.100
}
