package main

import (
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // for image.Decode
	"math"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"

	"github.com/gloss-ml/gloss/data"
)

// picture reads a file, or paints a picture, with size pixels on the longer side.
func picture(file string, size int) (img *image.RGBA, name string, err error) {
	if file == "" {
		return hills(size), "hills at sunset", nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	src, _, err := image.Decode(f)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w (PNG and JPEG are read)", file, err)
	}
	b := src.Bounds()
	scale := float64(size) / float64(max(b.Dx(), b.Dy()))
	img = image.NewRGBA(image.Rect(0, 0, max(1, int(scale*float64(b.Dx())+0.5)), max(1, int(scale*float64(b.Dy())+0.5))))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src) // under what is transparent
	draw.CatmullRom.Scale(img, img.Bounds(), src, b, draw.Over, nil)
	return img, filepath.Base(file), nil
}

// hills paints a sun that sets behind three ranges of hills.
func hills(size int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for py := range size {
		for px := range size {
			x, y := (float64(px)+0.5)/float64(size), (float64(py)+0.5)/float64(size)
			img.SetRGBA(px, py, hillsAt(x, y))
		}
	}
	return img
}

func hillsAt(x, y float64) color.RGBA {
	sky := blend(rgb{32, 34, 84}, rgb{246, 146, 92}, y/0.68)
	if d := math.Hypot(x-0.62, y-0.46); d < 0.13 {
		sky = blend(rgb{255, 244, 196}, rgb{255, 206, 110}, d/0.13)
	} else {
		sky = blend(sky, rgb{255, 190, 120}, 0.5*math.Exp(-(d-0.13)*9))
	}
	for i, ink := range []rgb{{122, 72, 108}, {66, 46, 92}, {24, 22, 50}} {
		f := float64(i)
		ridge := 0.58 + 0.13*f + 0.05*math.Sin(7*x+2.2*f) + 0.025*math.Sin(17*x+5*f) + 0.008*math.Sin(53*x*(1+0.2*f))
		if y > ridge {
			sky = blend(ink, rgb{ink.r * 0.7, ink.g * 0.7, ink.b * 0.8}, (y-ridge)*3)
		}
	}
	return color.RGBA{uint8(sky.r), uint8(sky.g), uint8(sky.b), 255}
}

type rgb struct{ r, g, b float64 }

// blend goes from a to b as t goes from 0 to 1.
func blend(a, b rgb, t float64) rgb {
	t = min(max(t, 0), 1)
	return rgb{a.r + t*(b.r-a.r), a.g + t*(b.g-a.g), a.b + t*(b.b-a.b)}
}

// octaves of sines and cosines that a place is told by: a network on bare coordinates paints blurred pictures
// (Mildenhall et al., NeRF, 2020, equation 4).
const octaves = 6

// pixels is a row for each pixel: its place as the network sees it, and its colour from 0 to 1.
func pixels(img *image.RGBA) data.Table {
	size := img.Bounds().Size()
	t := data.Table{Cols: 2 + 4*octaves, Outputs: 3}
	longer := float64(max(size.X, size.Y))
	for py := range size.Y {
		for px := range size.X {
			x, y := 2*(float64(px)+0.5)/longer-1, 2*(float64(py)+0.5)/longer-1
			t.X = append(t.X, float32(x), float32(y))
			for k := range octaves {
				f := math.Pi * float64(int(1)<<k) / 2
				t.X = append(t.X, float32(math.Sin(f*x)), float32(math.Cos(f*x)), float32(math.Sin(f*y)), float32(math.Cos(f*y)))
			}
			p := img.Pix[img.PixOffset(px, py):]
			t.Values = append(t.Values, float32(p[0])/255, float32(p[1])/255, float32(p[2])/255)
		}
	}
	return t
}
