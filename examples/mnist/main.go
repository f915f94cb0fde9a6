// Mnist is the program of the README: 784-128-10 on MNIST's four files, in the folder "mnist" or the one that is named.
//
//	go run ./examples/mnist DIR
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func main() {
	dev := must(auto.Open(""))
	defer dev.Close()
	mnist := must(data.LoadMNIST(folder()))
	trainSet, testSet := must(data.FromImages(dev, mnist.Train)), must(data.FromImages(dev, mnist.Test))
	model := must(nn.New(dev, 784, nn.Linear(128), nn.ReLU(), nn.Linear(10)))
	history := must(train.Fit(context.Background(), model, trainSet, train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(2e-3), Epochs: 5, Batch: 128,
		Validation: testSet, Progress: os.Stdout,
	}))
	fmt.Printf("test accuracy %.1f %%\n", 100*history.Last().Validation.Accuracy)
}

func folder() string {
	if len(os.Args) > 1 {
		return os.Args[1]
	}
	return "mnist"
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
