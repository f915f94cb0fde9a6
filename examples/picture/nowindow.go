//go:build !(cgo && glfw && (linux || windows))

package main

import (
	"fmt"
	"image"
	"image/draw"
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/auto"
)

// show trains without a window, for want of the tag glfw.
func show(o options, img *image.RGBA, name string) error {
	dev, choice, err := auto.Choose("")
	if err != nil {
		return err
	}
	defer dev.Close()
	fmt.Println("built without -tags glfw: training without a window, on", choice)
	l, err := newLearner(dev, img, o.batch)
	if err != nil {
		return err
	}
	steps := o.steps
	if steps == 0 {
		steps = 2000
	}
	for l.steps < steps {
		if err := l.learn(min(500, steps-l.steps)); err != nil {
			return err
		}
		fmt.Printf("%s after %d steps: %.1f dB\n", name, l.steps, -10*math.Log10(l.loss))
	}
	learned, err := l.painting()
	if err != nil {
		return err
	}
	if o.output == "" {
		o.output = "picture.png"
	}
	both := image.NewRGBA(image.Rect(0, 0, 2*l.size.X, l.size.Y))
	draw.Draw(both, image.Rectangle{Max: l.size}, img, image.Point{}, draw.Src)
	draw.Draw(both, image.Rect(l.size.X, 0, 2*l.size.X, l.size.Y), learned, image.Point{}, draw.Src)
	if err := write(o.output, both); err != nil {
		return err
	}
	fmt.Println("the picture and what the network knows of it are in", o.output)
	return nil
}

// painting reads what the network makes of every pixel.
func (l *learner) painting() (*image.RGBA, error) {
	l.paint.Run(1)
	rgb := make([]float32, 3*l.size.X*l.size.Y)
	if err := backend.Read(l.dev, rgb, l.painter.Output.Buf, l.painter.Output.Off); err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rectangle{Max: l.size})
	for i, v := range rgb {
		img.Pix[i/3*4+i%3] = uint8(255*v + 0.5)
		img.Pix[i/3*4+3] = 255
	}
	return img, nil
}
