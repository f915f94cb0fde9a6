package digits_test

import (
	"context"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/digits"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestDifficulty holds what Default promises: a hidden layer is needed, and is enough.
func TestDifficulty(t *testing.T) {
	images, epochs, low, high, linear := 20000, 5, 0.97, 0.995, 0.95
	if testing.Short() {
		images, epochs, low, linear = 5000, 5, 0.90, 0.90
	}
	dev := cpu.Open()
	defer dev.Close()
	set := must(data.FromImages(dev, digits.Generate(images, 1)))
	fresh := must(data.FromImages(dev, digits.Generate(4000, 2)))
	score := func(layers ...nn.Layer) float64 {
		model := must(nn.New(dev, digits.Size*digits.Size, layers...))
		must(train.Fit(context.Background(), model, set, train.Config{
			Loss: nn.CrossEntropy(), Optimizer: nn.Adam(2e-3), Epochs: epochs, Batch: 128,
		}))
		return must(train.Evaluate(model, fresh, nn.CrossEntropy())).Accuracy
	}
	mlp := score(nn.Linear(128), nn.ReLU(), nn.Linear(digits.Classes))
	one := score(nn.Linear(digits.Classes))
	t.Logf("right on new images: %.4f with a hidden layer, %.4f without", mlp, one)
	if !(mlp >= low && mlp <= high) {
		t.Errorf("784-128-10 is right on %.4f of new images, want %v to %v", mlp, low, high)
	}
	if !(one < linear) {
		t.Errorf("a linear model is right on %.4f of new images, want less than %v", one, linear)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
