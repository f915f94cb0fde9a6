package nn_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

func ExampleNew() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 784, nn.Linear(128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(10))
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Printf("%-9s %d×%d\n", p.Name, p.Rows, p.Cols)
	}
	_, err = nn.New(dev, 784, nn.Linear(128), nn.ReLU(), nn.Linear(0))
	fmt.Println(err)
	// Output:
	// 0.weight  784×128
	// 0.bias    1×128
	// 3.weight  128×10
	// 3.bias    1×10
	// nn: layer 2, Linear(0): a width of 0: at least 1 is needed
}

func ExampleModel_Predict() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 2, nn.Linear(1), nn.ReLU())
	if err != nil {
		log.Fatal(err)
	}
	if err := model.SetWeights([]float32{1, 2, -3}); err != nil { // y = max(a + 2b − 3, 0)
		log.Fatal(err)
	}
	y, err := model.Predict([]float32{1, 2, 0, 1})
	fmt.Println(y, err)
	row := make([]float32, 1) // to be used again for each row
	err = model.PredictInto(row, []float32{3, 3})
	fmt.Println(row, err)
	// Output:
	// [2 0] <nil>
	// [6] <nil>
}

// A plan is what package train drives: here one step of gradient descent by hand.
func ExampleModel_Plan() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 1, nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	if err := model.SetWeights([]float32{1, 0}); err != nil {
		log.Fatal(err)
	}
	state, err := nn.NewState(model, nn.SGD(0.1))
	if err != nil {
		log.Fatal(err)
	}
	target, err := backend.Alloc(dev, backend.F32, 2)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := model.Plan(nn.PlanConfig{
		Rows: 2, Values: backend.Mat(target, 0, 2, 1), Loss: nn.MSE(), Train: true, State: state,
	})
	if err != nil {
		log.Fatal(err)
	}
	backend.Write(dev, plan.X.Buf, plan.X.Off, []float32{1, 2})
	backend.Write(dev, target, 0, []float32{3, 5})
	if err := plan.Begin(0, 1); err != nil {
		log.Fatal(err)
	}
	backend.Do(dev, plan.Calls...)
	results, err := plan.Results(1)
	if err != nil {
		log.Fatal(err)
	}
	w, err := model.Weights()
	fmt.Println(results[0].Loss, w, err)
	// Output: 6.5 [1.8 0.5] <nil>
}
