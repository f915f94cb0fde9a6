package train_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// Which learning rate is the best for a small network? Eight are tried at once.
func ExampleSweep() {
	dev := cpu.Open()
	defer dev.Close()
	spirals := data.Spirals(300, 3, 0.02, 1)
	set, err := data.FromFloats(dev, spirals.X, spirals.Cols, spirals.Target())
	if err != nil {
		log.Fatal(err)
	}
	rates := []float64{1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1}
	sweep, err := train.NewSweep(set, len(rates), func(i int, dev backend.Backend) (*nn.Model, train.Config, error) {
		model, err := nn.New(dev, 2, nn.Linear(32), nn.ReLU(), nn.Linear(32), nn.ReLU(), nn.Linear(3))
		return model, train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.Adam(rates[i]), Epochs: 60, Batch: 30, Validation: set}, err
	})
	if err != nil {
		log.Fatal(err)
	}
	defer sweep.Release()
	if err := sweep.Fit(context.Background()); err != nil {
		log.Fatal(err)
	}
	best := 0
	for i := range rates {
		if sweep.History(i).Last().Validation.Loss < sweep.History(best).Last().Validation.Loss {
			best = i
		}
	}
	last := sweep.History(best).Last()
	fmt.Println("neither the smallest nor the largest:", best > 0 && best < len(rates)-1)
	fmt.Println("over 90 % are right:", last.Validation.Accuracy > 0.9)
	// Output:
	// neither the smallest nor the largest: true
	// over 90 % are right: true
}
