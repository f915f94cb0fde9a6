// Twolayer is the first program that most people write about neural networks, in gloss: a network of two layers that
// learns 100 random samples by plain gradient descent, once with four tanh units and once with ReLU units.
//
//	go run ./examples/twolayer
//	go run ./examples/twolayer -hidden 16
//
// The articles that it is found in often write the backward pass by hand and get it wrong: the derivative of tanh taken
// at its output as if that were its input, the gradient of the hidden layer computed from weights that were updated a
// line before, or the 2/n of the mean left out. What they mean, and what this computes, is the true gradient of the mean
// squared error: dW = xᵀ·dy, db = Σ dy, dx = dy·Wᵀ, tanh′ = 1 − y², all of them before any weight changes.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

const samples, steps, rate = 100, 1000, 0.01

func main() {
	hidden := flag.Int("hidden", 8, "ReLU units of the second network")
	flag.Parse()
	dev, err := auto.Open("")
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Close()
	for _, net := range []struct {
		name   string
		layers []nn.Layer
	}{
		{"2-4-1, tanh", tanhNet()},
		{fmt.Sprintf("2-%d-1, ReLU", *hidden), reluNet(*hidden)},
	} {
		losses, err := learn(dev, net.layers)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(net.name)
		for i := 0; i < steps; i += 100 {
			fmt.Printf("  step %4d  loss %.6f\n", i, losses[i])
		}
		fmt.Printf("  step %4d  loss %.6f\n", steps-1, losses[steps-1])
	}
}

func tanhNet() []nn.Layer { return []nn.Layer{nn.Linear(4), nn.Tanh(), nn.Linear(1)} }

func reluNet(hidden int) []nn.Layer { return []nn.Layer{nn.Linear(hidden), nn.ReLU(), nn.Linear(1)} }

// learn returns the loss of each step, before the step's update.
func learn(dev backend.Backend, layers []nn.Layer) ([]float64, error) {
	model, err := nn.New(dev, 2, layers...)
	if err != nil {
		return nil, err
	}
	start, err := model.Weights()
	if err != nil {
		return nil, err
	}
	draw := uniform(7)
	for i := range start {
		start[i] = 2*draw() - 1
	}
	if err := model.SetWeights(start); err != nil {
		return nil, err
	}
	set, err := data.FromTable(dev, table())
	if err != nil {
		return nil, err
	}
	history, err := train.Fit(context.Background(), model, set, train.Config{
		Loss: nn.MSE(), Optimizer: nn.SGD(rate), Epochs: steps, Batch: samples,
	})
	losses := make([]float64, len(history))
	for i, epoch := range history {
		losses[i] = epoch.Loss
	}
	return losses, err
}

// table is 100 random points of the square [−1, 1)² with a wave over them.
func table() data.Table {
	draw := uniform(1)
	t := data.Table{Cols: 2}
	for range samples {
		a, b := 2*draw()-1, 2*draw()-1
		t.X = append(t.X, a, b)
		t.Values = append(t.Values, float32(math.Sin(3*float64(a))*float64(b)))
	}
	return t
}

// uniform draws from [0, 1): the linear congruential generator of Numerical Recipes, so that testdata/trajectories.py
// draws the same.
func uniform(seed uint32) func() float32 {
	return func() float32 {
		seed = seed*1664525 + 1013904223
		return float32(seed>>8) / (1 << 24)
	}
}
