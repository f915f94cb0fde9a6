// Package digits makes labelled images of the ten digits, as many as are asked for, without a file: the Go fonts'
// outlines, shifted, turned, slanted, bent, thinned or thickened, with noise, white on black in 28×28 bytes like
// MNIST's. They are for examples, tests and first steps on a machine without data; they are easier than handwriting.
//
// Image i of a seed depends on the seed and i alone. The arithmetic is plain float64 that no compiler fuses, so the
// bytes are the same on every platform.
//
// The package imports golang.org/x/image for the fonts, which package data does not.
package digits

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/internal/draw"
)

// Size is the height and the width of an image.
const Size = 28

// Classes is the number of labels: 0 to 9, the digits.
const Classes = 10

// Style says how far images stray from print. The zero Style is print: upright, centred, 20 pixels high, without
// noise; the font still varies. [Default] is what [Generate] uses.
//
// Every image draws its own amounts, evenly spread from minus to plus what is given here, noise from 0. Whatever the
// style, a digit that fits into the image is moved to where nothing of it is cut off.
type Style struct {
	Shift  float64 // of the centre, in pixels, across and down
	Turn   float64 // in degrees, at most 90
	Slant  float64 // sideways per unit of height
	Scale  float64 // of height and width, each its own: 0.1 is 10 %; below 1
	Bend   float64 // of the strokes, in halves of the height
	Stroke float64 // added to or taken from the strokes' width, in pixels; they lose at most 40 % of it
	Fade   float64 // of the ink: 0.3 leaves 70 % to 100 % of white; at most 1
	Noise  float64 // standard deviation, in grey levels of 255
}

// Default is the style in which a network with one hidden layer of 128 is right on about 98.5 % of new images after
// five epochs of 20,000, and a linear model on about 92 %.
func Default() Style {
	return Style{Shift: 2, Turn: 12, Slant: 0.2, Scale: 0.15, Bend: 0.2, Stroke: 1.4, Fade: 0.3, Noise: 12}
}

// Generate makes images 0 to n−1 of a seed in the [Default] style. It panics where n is below 0.
func Generate(n int, seed uint64) data.Images {
	images, err := Default().Generate(0, n, seed)
	if err != nil {
		panic(err)
	}
	return images
}

// Generate makes n images of a seed, from number first on: images 0 to 999 and 1000 to 1999 have nothing in common,
// nor have those of two seeds. Every ten of them from a multiple of ten on hold each digit once, in random order. It
// uses all processors, and may be called by any number of goroutines. The error says which of the numbers makes no
// sense.
func (s Style) Generate(first, n int, seed uint64) (data.Images, error) {
	if err := s.check(); err != nil {
		return data.Images{}, err
	}
	if first < 0 || n < 0 {
		return data.Images{}, fmt.Errorf("digits: %d images from number %d on: want neither below 0", n, first)
	}
	set := data.Images{Pixels: make([]byte, n*Size*Size), Labels: make([]uint32, n), Height: Size, Width: Size}
	workers := min(runtime.GOMAXPROCS(0), n/256+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			p := newPainter(s)
			for i := n * w / workers; i < n*(w+1)/workers; i++ {
				set.Labels[i] = p.paint(set.Row(i), seed, uint64(first)+uint64(i))
			}
		})
	}
	wg.Wait()
	return set, nil
}

func (s Style) check() error {
	for _, f := range []struct {
		name   string
		v, max float64
		open   bool // max itself is too large
	}{
		{"Shift", s.Shift, Size, false}, {"Turn", s.Turn, 90, false}, {"Slant", s.Slant, 10, false},
		{"Scale", s.Scale, 1, true}, {"Bend", s.Bend, 10, false}, {"Stroke", s.Stroke, Size, false},
		{"Fade", s.Fade, 1, false}, {"Noise", s.Noise, 255, false},
	} {
		switch {
		case !(f.v >= 0 && f.v <= f.max):
			return fmt.Errorf("digits: %s of %v: want 0 to %v", f.name, f.v, f.max)
		case f.open && f.v == f.max:
			return fmt.Errorf("digits: %s of %v: want less than %v", f.name, f.v, f.max)
		}
	}
	return nil
}

// The uses of a seed.
const (
	kindOrder = 0x64696700 + iota // "dig"
	kindShape
	kindNoise
)

// label is the digit of image i: each ten images are a permutation of the digits.
func label(seed, i uint64) uint32 {
	block := i / Classes
	// Permuted takes an epoch of 32 bits; what is above them goes into the key.
	key := draw.New(seed, kindOrder, block)
	return backend.Permuted([4]uint32{key.Word(), key.Word()}, Classes, uint32(i%Classes))
}

// halfTangent is tan(t/2) for an angle in degrees, with rounding that hides the last bits, which platforms do not agree on.
func halfTangent(degrees float64) float64 {
	return float64(float32(math.Tan(degrees * math.Pi / 360)))
}
