// Picture trains a small network on a picture, from a pixel's place to its colour, and shows what it has learned.
//
// With the tag glfw it does so live, in a window: the network trains in the window's own OpenGL context, and its output is
// drawn from the buffer that the last kernel wrote, without a copy.
//
//	go run -tags glfw ./examples/picture                 a picture that the program paints
//	go run -tags glfw ./examples/picture -image cat.jpg  another one
//
// Without the tag it trains on the device that GLOSS_DEVICE names, and writes the two pictures side by side.
//
//	go run ./examples/picture -steps 2000 -o picture.png
package main

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

type options struct {
	image  string
	size   int
	batch  int
	steps  int
	output string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("picture: ")
	var o options
	flag.StringVar(&o.image, "image", "", "a PNG or JPEG `file` to learn; without it the program paints one")
	flag.IntVar(&o.size, "size", 160, "`pixels` of the longer side of what is learned")
	flag.IntVar(&o.batch, "batch", 1024, "`pixels` a step")
	flag.IntVar(&o.steps, "steps", 0, "`steps` after which to stop; 0: when the window is closed, or 2000 without a window")
	flag.StringVar(&o.output, "o", "", "a PNG `file` for what there is to see in the end")
	flag.Parse()
	if err := o.check(flag.NArg()); err != nil {
		log.Print(err)
		flag.Usage()
		os.Exit(2)
	}
	img, name, err := picture(o.image, o.size)
	if err == nil {
		err = show(o, img, name)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func (o options) check(args int) error {
	switch {
	case args > 0:
		return errors.New("only flags are expected")
	case o.size < 8 || o.size > 512:
		return fmt.Errorf("-size %d: 8 to 512", o.size)
	case o.batch < 1:
		return fmt.Errorf("-batch %d: at least 1", o.batch)
	case o.steps < 0:
		return fmt.Errorf("-steps %d: at least 0", o.steps)
	}
	return nil
}

// learner is a network that learns a picture, and a second plan of it that paints all pixels.
type learner struct {
	dev     backend.Backend
	trainer *train.Trainer
	painter *nn.Plan
	paint   *backend.Program
	size    image.Point
	steps   int
	loss    float64 // mean squared error over the last steps' pixels
}

func newLearner(dev backend.Backend, img *image.RGBA, batch int) (*learner, error) {
	table := pixels(img)
	set, err := data.FromTable(dev, table)
	if err != nil {
		return nil, err
	}
	model, err := nn.New(dev, table.Cols, nn.Linear(64), nn.ReLU(), nn.Linear(64), nn.ReLU(), nn.Linear(64), nn.ReLU(),
		nn.Linear(3), nn.Sigmoid())
	if err != nil {
		return nil, err
	}
	l := &learner{dev: dev, size: img.Bounds().Size()}
	if l.trainer, err = train.New(model, set, train.Config{
		Loss: nn.MSE(), Optimizer: nn.Adam(5e-3), Batch: min(batch, table.Len()), Seed: 1,
	}); err != nil {
		return nil, err
	}
	if l.painter, err = model.Plan(nn.PlanConfig{Rows: table.Len()}); err != nil {
		return nil, err
	}
	backend.Write(dev, l.painter.X.Buf, l.painter.X.Off, table.X)
	l.paint, err = backend.Record(dev, backend.Step{Calls: l.painter.Calls})
	return l, err
}

// learn runs up to n steps.
func (l *learner) learn(n int) error {
	for done := 0; done < n; {
		results, _, err := l.trainer.Advance(n - done)
		if err != nil {
			return err
		}
		sum := 0.0
		for _, r := range results {
			sum += r.Loss
		}
		l.loss = sum / float64(len(results))
		l.steps += len(results)
		done += len(results)
	}
	return nil
}

func write(file string, img image.Image) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := png.Encode(f, img); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", file, err)
	}
	return f.Close()
}
