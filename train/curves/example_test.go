package curves_test

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/curves"
)

// The losses of a training, on a dark ground. To a file it is
//
//	err := curves.Save("losses.png", curves.Options{}, curves.History(history)...)
func ExampleWrite() {
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
	history, err := train.Fit(context.Background(), model, set, train.Config{Loss: nn.MSE(), Optimizer: nn.Adam(0.1), Epochs: 20, Batch: 4})
	if err != nil {
		log.Fatal(err)
	}
	panels := curves.History(history)
	panels[0].LogY = true
	var svg bytes.Buffer
	err = curves.Write(&svg, "svg", curves.Options{Title: "y = 2x + 1", Dark: true}, panels...)
	fmt.Println(bytes.Contains(svg.Bytes(), []byte("<svg")), err)
	// Output: true <nil>
}

// What a search for a learning rate met.
func ExampleRates() {
	var svg bytes.Buffer
	err := curves.Write(&svg, "svg", curves.Options{}, curves.Rates([]float64{1e-4, 1e-3, 1e-2, 1e-1}, []float64{2.3, 2.1, 0.9, 5}))
	fmt.Println(bytes.Contains(svg.Bytes(), []byte("best 0.9 at learning rate 0.01")), err)
	// Output: true <nil>
}
