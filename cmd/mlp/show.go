package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
)

// show draws a few images with what the network takes them for.
func show(w io.Writer, model *nn.Model, images data.Images) error {
	if images.Channels == 3 || images.Width > 40 || images.Height > 60 {
		return nil // a terminal has no room for them
	}
	const shown = 4
	n := min(shown, len(images.Labels))
	x := make([]float32, n*images.Cols())
	for i := range x {
		x[i] = float32(images.Pixels[i]) / 255
	}
	y, err := model.Predict(x)
	if err != nil {
		return err
	}
	var pictures [][]string
	title := ""
	for i := range n {
		pictures = append(pictures, draw(images, i))
		said := fmt.Sprintf("%d, taken for %d", images.Labels[i], largest(y[i*model.Outputs():][:model.Outputs()]))
		title += fmt.Sprintf("%-*s", images.Width+2, said)
	}
	fmt.Fprintf(w, "\n%s\n", strings.TrimRight(title, " "))
	for line := range pictures[0] {
		var s strings.Builder
		for _, p := range pictures {
			s.WriteString(p[line] + "  ")
		}
		fmt.Fprintln(w, strings.TrimRight(s.String(), " "))
	}
	return nil
}

// draw is an image in characters, two rows of pixels to a line.
func draw(images data.Images, i int) (lines []string) {
	p := images.Pixels[i*images.Cols():]
	for row := 0; row+1 < images.Height; row += 2 {
		var s strings.Builder
		for col := range images.Width {
			light := (int(p[row*images.Width+col]) + int(p[(row+1)*images.Width+col])) / 2
			s.WriteByte(" .:-=+*#%@"[light*10/256])
		}
		lines = append(lines, s.String())
	}
	return lines
}

// largest is the place of the first largest number.
func largest(v []float32) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}
