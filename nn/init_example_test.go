package nn_test

import (
	"fmt"
	"log"

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
