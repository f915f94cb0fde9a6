package nn_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// The optimizers with their defaults, which are PyTorch's, and how many numbers each keeps for a weight.
func ExampleOptimizer() {
	momentum := nn.SGD(0.1)
	momentum.Momentum, momentum.Nesterov = 0.9, true
	amsgrad := nn.Adam(1e-3)
	amsgrad.AMSGrad = true
	for _, opt := range []nn.Optimizer{
		nn.SGD(0.1), momentum, nn.Adam(1e-3), amsgrad, nn.AdamW(1e-3), nn.NAdam(2e-3), nn.RAdam(1e-3),
		nn.RMSprop(0.01), nn.Adagrad(0.01), nn.Lion(1e-4),
	} {
		fmt.Println(opt, opt.Slots(), opt.Check())
	}
	// Output:
	// SGD 0 <nil>
	// SGD 1 <nil>
	// Adam 2 <nil>
	// Adam 3 <nil>
	// AdamW 2 <nil>
	// NAdam 2 <nil>
	// RAdam 2 <nil>
	// RMSprop 1 <nil>
	// Adagrad 1 <nil>
	// Lion 1 <nil>
}

// AdamW with the rate warmed up and then lowered to 0 by half a cosine over 10,000 steps.
func ExampleAdamW() {
	opt := nn.AdamW(3e-4)
	opt.WeightDecay = 0.05
	opt.Schedule = nn.Warmup(500, nn.CosineDecay(9500, 0))
	rate, err := opt.Rate(5250)
	fmt.Printf("%.2g %v\n", rate, err)
	opt.Beta2 = 1
	fmt.Println(opt.Check())
	// Output:
	// 0.00015 <nil>
	// beta2 1: 0 ≤ beta2 < 1 is needed
}

// What goes around an update: gradients clipped by their norm, no decay on biases and norms, and a moving average of the
// weights to evaluate with.
func ExampleNewState() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 2, nn.Linear(4), nn.LayerNorm(), nn.Tanh(), nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	state, err := nn.NewState(model, nn.AdamW(1e-3), nn.ClipNorm(1), nn.ClipValue(0.5),
		nn.Group(0.1, 1, func(p nn.Param) bool { return p.Name == "0.weight" }), nn.NoDecayOnBiasAndNorm(), nn.Averaged(nn.EMA(0.999)), nn.L1(1e-5), nn.MaxNorm(3))
	if err != nil {
		log.Fatal(err)
	}
	defer state.Release()
	average, err := state.Average() // after some steps
	fmt.Println(len(average), err)
	fmt.Println(nn.SWA(1000, 100).Share(1000), nn.SWA(1000, 100).Share(1100), nn.SWA(1000, 100).Share(1150))
	// Output:
	// 25 <nil>
	// 1 0.5 0
}
