package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/metrics"
)

// A network that no linear model can replace learns the exclusive or.
func ExampleFit() {
	dev := cpu.Open()
	defer dev.Close()
	x := []float32{0, 0, 0, 1, 1, 0, 1, 1}
	set, err := data.FromFloats(dev, x, 2, data.Labels([]uint32{0, 1, 1, 0}))
	if err != nil {
		log.Fatal(err)
	}
	model, err := nn.New(dev, 2, nn.Linear(8), nn.Tanh(), nn.Linear(2))
	if err != nil {
		log.Fatal(err)
	}
	history, err := train.Fit(context.Background(), model, set, train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.05), Epochs: 200, Batch: 4,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("right after 200 epochs: %.0f %%\n", 100*history[199].Accuracy)
	// Output: right after 200 epochs: 100 %
}

// Evaluate scores a model on a set that it was not trained on.
func ExampleEvaluate() {
	dev := cpu.Open()
	defer dev.Close()
	set, err := data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1))
	if err != nil {
		log.Fatal(err)
	}
	model, err := nn.New(dev, 1, nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	if err := model.SetWeights([]float32{2, 0}); err != nil { // y = 2x
		log.Fatal(err)
	}
	score, err := train.Evaluate(model, set, nn.MSE())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("mean squared error:", score.Loss)
	// Output: mean squared error: 1
}

// L-BFGS on a whole set in one call.
func ExampleMinimize() {
	dev := cpu.Open()
	defer dev.Close()
	set, err := data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1))
	if err != nil {
		log.Fatal(err)
	}
	model, err := nn.New(dev, 1, nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	history, err := train.Minimize(context.Background(), model, set, train.MinimizeConfig{Loss: nn.MSE()})
	if err != nil {
		log.Fatal(err)
	}
	y, err := model.Predict([]float32{10})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f, in at most ten iterations: %v\n", y[0], len(history) <= 10)
	// Output: 21.00, in at most ten iterations: true
}

// Measure computes metrics over a whole set, here of a binary task with one logit.
func ExampleMeasure() {
	dev := cpu.Open()
	defer dev.Close()
	set, err := data.FromFloats(dev, []float32{-2, -1, 1, 2}, 1, data.Values([]float32{0, 1, 0, 1}, 1))
	if err != nil {
		log.Fatal(err)
	}
	model, err := nn.New(dev, 1, nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	if err := model.SetWeights([]float32{1, 0}); err != nil { // the logit is x
		log.Fatal(err)
	}
	report, err := train.Measure(model, set, nn.BCEWithLogits(), metrics.F1(metrics.Positive), metrics.ROCAUC(metrics.Positive))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Metrics)
	// Output: f1 0.5  roc_auc 0.75
}

// Predict has the outputs for a whole set in the host's memory, beside the targets: a confusion matrix comes of them.
func ExamplePredict() {
	dev := cpu.Open()
	defer dev.Close()
	set, err := data.FromFloats(dev, []float32{-2, -1, 1, 2}, 1, data.Labels([]uint32{0, 1, 1, 1}))
	if err != nil {
		log.Fatal(err)
	}
	model, err := nn.New(dev, 1, nn.Linear(2, nn.NoBias()))
	if err != nil {
		log.Fatal(err)
	}
	if err := model.SetWeights([]float32{-1, 1}); err != nil { // class 1 where x > 0
		log.Fatal(err)
	}
	p, err := train.Predict(model, set, nn.CrossEntropy())
	if err != nil {
		log.Fatal(err)
	}
	confusion, err := p.Confusion()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(confusion.At(1, 0), "of class 1 taken for class 0")
	// Output: 1 of class 1 taken for class 0
}
