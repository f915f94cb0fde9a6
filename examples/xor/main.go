// Xor trains 2-8-2 on the exclusive or, the smallest task that no linear model can do.
//
//	go run ./examples/xor
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func main() {
	dev := must(auto.Open(""))
	defer dev.Close()
	x := []float32{0, 0, 0, 1, 1, 0, 1, 1}
	set := must(data.FromFloats(dev, x, 2, data.Labels([]uint32{0, 1, 1, 0})))
	model := must(nn.New(dev, 2, nn.Linear(8), nn.Tanh(), nn.Linear(2)))
	history := must(train.Fit(context.Background(), model, set, train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.05), Epochs: 200, Batch: 4,
	}))
	logits := must(model.Predict(x))
	for i := range 4 {
		answer := 0
		if logits[2*i+1] > logits[2*i] {
			answer = 1
		}
		fmt.Printf("%v xor %v = %d\n", x[2*i], x[2*i+1], answer)
	}
	fmt.Printf("loss %.4f after %d epochs\n", history.Last().Loss, len(history))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
