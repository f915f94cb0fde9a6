package train_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// The model that is left is that of the best epoch, not of the last one.
func ExampleEarlyStopping() {
	dev := cpu.Open()
	defer dev.Close()
	learn := must(data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{1, 4, 9, 16}, 1)))
	check := must(data.FromFloats(dev, []float32{1.5, 2.5}, 1, data.Values([]float32{2.25, 6.25}, 1)))
	model := must(nn.New(dev, 1, nn.Linear(16), nn.Tanh(), nn.Linear(1)))
	stop := train.NewEarlyStopping()
	stop.Patience = 20
	history, err := train.Fit(context.Background(), model, learn, train.Config{
		Loss: nn.MSE(), Optimizer: nn.Adam(0.05), Epochs: 1000, Batch: 4,
		Validation: check, Callbacks: []train.Callback{stop.Callback()},
	})
	if err != nil {
		log.Fatal(err)
	}
	score := must(train.Evaluate(model, check, nn.MSE()))
	fmt.Println("stopped before the last epoch:", len(history) < 1000)
	fmt.Println("the model has the best loss:", score.Loss == stop.State.Best)
	fmt.Println("it is that of 20 epochs before:", stop.State.BestEpoch == len(history)-20)
	// Output:
	// stopped before the last epoch: true
	// the model has the best loss: true
	// it is that of 20 epochs before: true
}

// As many epochs as there is time for.
func ExampleTimeBudget() {
	dev := cpu.Open()
	defer dev.Close()
	set := must(data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1)))
	model := must(nn.New(dev, 1, nn.Linear(1)))
	_, err := train.Fit(context.Background(), model, set, train.Config{
		Loss: nn.MSE(), Optimizer: nn.SGD(0.01), Epochs: 1e9, Batch: 4,
		Callbacks: []train.Callback{train.TimeBudget(20 * time.Millisecond), {End: func(h train.History, err error) {
			fmt.Println("at least one epoch:", len(h) > 0)
		}}},
	})
	fmt.Println("error:", err)
	// Output:
	// at least one epoch: true
	// error: <nil>
}

// The rates that are worth a try for a model and its data, before it is trained.
func ExampleFindLR() {
	dev := cpu.Open()
	defer dev.Close()
	set := must(data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1)))
	model := must(nn.New(dev, 1, nn.Linear(1, nn.WeightInit(nn.Zeros()))))
	opt := nn.SGD(0)
	cfg := train.Config{Loss: nn.MSE(), Optimizer: opt, Epochs: 100, Batch: 4}
	curve := must(train.FindLR(context.Background(), model, set, cfg, nil))
	rate := must(curve.Suggest())
	fmt.Println("steepest between 0.001 and 0.1:", rate.Steepest > 0.001 && rate.Steepest < 0.1)
	if err := (train.LRCurve{Rates: curve.Rates[:1], Losses: []float64{41}, Smoothed: []float64{41}}).WriteCSV(os.Stdout); err != nil {
		log.Fatal(err)
	}
	opt.LR = rate.Steepest
	must(train.Fit(context.Background(), model, set, cfg))
	fmt.Println("trained to a loss below 1:", must(train.Evaluate(model, set, nn.MSE())).Loss < 1)
	// Output:
	// steepest between 0.001 and 0.1: true
	// rate,loss,smoothed
	// 1e-07,41,41
	// trained to a loss below 1: true
}
