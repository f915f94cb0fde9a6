// Sine fits a noisy sine: a regression with mean squared error. It prints the curve beside the one behind the data.
//
//	go run ./examples/sine
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"strings"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func main() {
	dev := must(auto.Open(""))
	defer dev.Close()
	set := must(data.FromTable(dev, data.Sine(2000, 0.2, 1)))
	model := must(nn.New(dev, 1, nn.Linear(32), nn.Tanh(), nn.Linear(32), nn.Tanh(), nn.Linear(1)))
	history := must(train.Fit(context.Background(), model, set, train.Config{
		Loss: nn.MSE(), Optimizer: nn.Adam(2e-3), Epochs: 100, Batch: 50, Seed: 1,
	}))
	var x []float32
	for i := range 25 {
		x = append(x, float32(math.Pi*(float64(i)/12-1)))
	}
	worst := 0.0
	for i, y := range must(model.Predict(x)) {
		want := math.Sin(float64(x[i]))
		worst = max(worst, math.Abs(float64(y)-want))
		fmt.Printf("x %5.2f  sine %5.2f  network %5.2f  %s\n", x[i], want, y, strings.Repeat(" ", max(0, int(20+15*y)))+"*")
	}
	fmt.Printf("loss %.4f, of which the noise is 0.04; furthest from the sine by %.2f\n", history.Last().Loss, worst)
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
