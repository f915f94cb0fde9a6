package draw

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"golang.org/x/image/font"
)

var plain = Sans(10.5, font.WeightNormal, color.RGBA{0, 0, 0, 255})

// TestWrap breaks where it can.
func TestWrap(t *testing.T) {
	if got := fmt.Sprint(plain.Wrap("train/784-128-10/b32/adam", 500)); got != "[train/784-128-10/b32/adam]" {
		t.Error(got)
	}
	for _, text := range []string{"train/784-2048-2048-2048-2048-2048-1024-512-10/b1024/adam/mse", "x", "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrst/uvw"} {
		joined := ""
		for _, l := range plain.Wrap(text, 100) {
			joined += l
			if w := plain.Width(l); w > 100 {
				t.Errorf("%q is %v wide", l, w)
			}
		}
		if joined != text {
			t.Errorf("%q became %q", text, joined)
		}
	}
	if got := plain.Wrap("", 100); len(got) != 0 {
		t.Error(got)
	}
	if got := fmt.Sprint(plain.Wrap("\x00a\x1b", 0)); got != "[a]" {
		t.Error(got)
	}
}

// TestWrite: places count from the top left corner, in both formats.
func TestWrite(t *testing.T) {
	red := color.RGBA{255, 0, 0, 255}
	page := func(p *Page) {
		p.Fill(red, 0, 0, 36, 36)
		p.Line(red, 4, 36, 54, 72, 54)
		p.Dot(red, 54, 18, 9)
		p.Text(plain, "text", 0, 72, 1)
	}
	var image, svg bytes.Buffer
	if err := Write(&image, "png", 72, 72, color.White, page); err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(&image)
	if err != nil || got.Bounds().Dx() != 200 {
		t.Fatal(err, got.Bounds())
	}
	for _, c := range []struct {
		x, y int
		red  bool
	}{{2, 2, true}, {98, 98, true}, {150, 150, true}, {150, 50, true}, {190, 10, false}, {102, 102, false}, {150, 170, false}} {
		if r, g, b, _ := got.At(c.x, c.y).RGBA(); (g|b < 0x1000) != c.red || r < 0xf000 {
			t.Errorf("%d, %d: %x %x %x", c.x, c.y, r, g, b)
		}
	}
	if err := Write(&svg, "svg", 72, 72, color.White, page); err != nil || !strings.Contains(svg.String(), "Arial,Helvetica,sans-serif") {
		t.Error(err, svg.String())
	}
	if err := Write(io.Discard, "pdf", 72, 72, color.White, page); err == nil {
		t.Error("there is a format pdf")
	}
}
