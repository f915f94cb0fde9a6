// Digits trains 784-128-10 on digits that are rendered on the spot, so it needs no data. It shows a few fresh ones with
// the network's answers.
//
//	go run ./examples/digits
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/digits"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func main() {
	dev := must(auto.Open(""))
	defer dev.Close()
	fresh := digits.Generate(4000, 2)
	trainSet, testSet := must(data.FromImages(dev, digits.Generate(20000, 1))), must(data.FromImages(dev, fresh))
	model := must(nn.New(dev, 784, nn.Linear(128), nn.ReLU(), nn.Linear(10)))
	history := must(train.Fit(context.Background(), model, trainSet, train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(2e-3), Epochs: 5, Batch: 128,
		Validation: testSet, Progress: os.Stdout,
	}))
	const shown = 4
	x := make([]float32, shown*784)
	for i := range x {
		x[i] = float32(fresh.Pixels[i]) / 255
	}
	logits := must(model.Predict(x))
	for i := range shown {
		fmt.Printf("\nthis is a %d; the network says %d\n%s", fresh.Labels[i], largest(logits[10*i:10*i+10]), draw(fresh, i))
	}
	fmt.Printf("\ntest accuracy %.1f %%\n", 100*history.Last().Validation.Accuracy)
}

func largest(v []float32) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}

// draw is an image in characters, two rows of pixels to a line.
func draw(images data.Images, i int) string {
	var s strings.Builder
	p := images.Row(i)
	for row := 0; row+1 < images.Height; row += 2 {
		for col := range images.Width {
			light := (int(p[row*images.Width+col]) + int(p[(row+1)*images.Width+col])) / 2
			s.WriteByte(" .:-=+*#%@"[light*10/256])
		}
		s.WriteByte('\n')
	}
	return s.String()
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
