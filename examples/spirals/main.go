// Spirals trains a network to tell the arms of two spirals apart, and draws what it has learned: the plane in the
// colours of the answers, the points on top.
//
//	go run ./examples/spirals -o spirals.png
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"os"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func main() {
	file := flag.String("o", "spirals.png", "the picture's file")
	epochs := flag.Int("epochs", 300, "epochs to train")
	flag.Parse()
	dev := must(auto.Open(""))
	defer dev.Close()
	points := data.Spirals(1000, 2, 0.02, 1)
	set := must(data.FromTable(dev, points))
	model := must(nn.New(dev, 2, nn.Linear(64), nn.GELU(), nn.Linear(64), nn.GELU(), nn.Linear(2)))
	history := must(train.Fit(context.Background(), model, set, train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(5e-3), Epochs: *epochs, Batch: 100, Seed: 1,
	}))
	picture := must(draw(model, points, 480))
	out := must(os.Create(*file))
	if err := png.Encode(out, picture); err != nil {
		log.Fatal(err)
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("accuracy %.1f %% after %d epochs; the plane as the network sees it is in %s\n", 100*history.Last().Accuracy, len(history), *file)
}

// Colours that people with any colour vision can tell apart.
var arms = [2]color.RGBA{{0, 114, 178, 255}, {230, 159, 0, 255}}

// draw asks the model for every pixel of a size×size picture of the square that holds the points.
func draw(model *nn.Model, points data.Table, size int) (image.Image, error) {
	half := float32(0)
	for _, v := range points.X {
		half = max(half, float32(math.Abs(float64(v)))*1.1)
	}
	x := make([]float32, 0, 2*size*size)
	for row := range size {
		for col := range size {
			x = append(x, (2*float32(col)/float32(size)-1)*half, (1-2*float32(row)/float32(size))*half)
		}
	}
	logits, err := model.Predict(x)
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for i := range size * size {
		p := 1 / (1 + math.Exp(float64(logits[2*i]-logits[2*i+1])))
		img.SetRGBA(i%size, i/size, pale(p))
	}
	for i := range points.Len() {
		p := points.Row(i)
		col, row := int((p[0]/half+1)/2*float32(size)), int((1-p[1]/half)/2*float32(size))
		for d := range 9 {
			img.SetRGBA(col+d%3-1, row+d/3-1, arms[points.Labels[i]])
		}
	}
	return img, nil
}

// pale is between the two colours by the probability of the second, washed out so that points stand out on it.
func pale(p float64) color.RGBA {
	mix := func(a, b uint8) uint8 {
		return uint8(255 - 0.45*(255-((1-p)*float64(a)+p*float64(b))))
	}
	return color.RGBA{mix(arms[0].R, arms[1].R), mix(arms[0].G, arms[1].G), mix(arms[0].B, arms[1].B), 255}
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
