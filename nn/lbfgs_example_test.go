package nn_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// A plan over all of the data, minimised by L-BFGS. Package train does the same in one call, Minimize.
func ExampleLBFGS() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 1, nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	y, err := backend.Alloc(dev, backend.F32, 4)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := model.Plan(nn.PlanConfig{Rows: 4, Values: backend.Mat(y, 0, 4, 1), Loss: nn.MSE(), Train: true})
	if err != nil {
		log.Fatal(err)
	}
	defer plan.Release()
	backend.Write(dev, plan.X.Buf, plan.X.Off, []float32{0, 1, 2, 3})
	backend.Write(dev, y, 0, []float32{1, 3, 5, 7})

	opt := nn.LBFGS()
	opt.History = 10
	minimizer, err := nn.NewMinimizer(plan, opt)
	if err != nil {
		log.Fatal(err)
	}
	defer minimizer.Release()
	result, err := minimizer.Step()
	if err != nil {
		log.Fatal(err)
	}
	w, err := model.Weights()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("converged: %v, y = %.2f·x + %.2f\n", result.Converged, w[0], w[1])
	// Output: converged: true, y = 2.00·x + 1.00
}
