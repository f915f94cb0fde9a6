// Package draw writes pages of texts, lines and areas as SVG or PNG: what the module's charts have in common. Only packages
// that draw import it, for it holds fonts.
package draw

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Page is what is drawn on. It counts from the top left corner, canvases from the bottom.
type Page struct {
	width, height vg.Length
	canvas        vg.Canvas
}

// pngDPI makes a PNG of 720 points 2000 pixels wide: sharp on a slide that fills the screen.
const pngDPI = 200

// Format is the format of a file by its name, "svg" or "png".
func Format(file string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(file)); ext {
	case ".svg", ".png":
		return ext[1:], nil
	}
	return "", fmt.Errorf("%s: want a name that ends in .svg or .png", file)
}

// Write writes a page of that ground that draw draws, in a format of Format's. The ground is not transparent: what is drawn
// is read on pages of any colour.
func Write(w io.Writer, format string, width, height vg.Length, ground color.Color, draw func(*Page)) error {
	p := &Page{width: width, height: height}
	switch format {
	case "svg":
		canvas := vgsvg.New(width, height)
		p.drawOn(canvas, ground, draw)
		var b bytes.Buffer
		if _, err := canvas.WriteTo(&b); err != nil {
			return err
		}
		// Where there is no Liberation Sans, browsers take Times unless they are told what is as wide.
		_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")))
		return err
	case "png":
		canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(pngDPI), vgimg.UseBackgroundColor(ground))
		p.drawOn(canvas, ground, draw)
		_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
		return err
	}
	return fmt.Errorf("format %q of a chart: want svg or png", format)
}

func (p *Page) drawOn(canvas vg.Canvas, ground color.Color, draw func(*Page)) {
	p.canvas = canvas
	p.Fill(ground, 0, 0, p.width, p.height)
	draw(p)
}

// at is a place as canvases count.
func (p *Page) at(x, y vg.Length) vg.Point { return vg.Point{X: x, Y: p.height - y} }

// Fill draws a rectangle from its top left corner.
func (p *Page) Fill(c color.Color, x, y, w, h vg.Length) {
	var path vg.Path
	path.Move(p.at(x, y))
	path.Line(p.at(x+w, y))
	path.Line(p.at(x+w, y+h))
	path.Line(p.at(x, y+h))
	path.Close()
	p.canvas.SetColor(c)
	p.canvas.Fill(path)
}

// Dot draws a disc.
func (p *Page) Dot(c color.Color, x, y, radius vg.Length) {
	var path vg.Path
	path.Move(p.at(x+radius, y))
	path.Arc(p.at(x, y), radius, 0, 2*math.Pi)
	path.Close()
	p.canvas.SetColor(c)
	p.canvas.Fill(path)
}

// Line draws a line from one point to another.
func (p *Page) Line(c color.Color, width, x0, y0, x1, y1 vg.Length) {
	p.Path(c, width, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y1}})
}

// Path draws a line from the first point to the last.
func (p *Page) Path(c color.Color, width vg.Length, points []vg.Point) {
	var path vg.Path
	for i, q := range points {
		if q = p.at(q.X, q.Y); i == 0 {
			path.Move(q)
		} else {
			path.Line(q)
		}
	}
	p.canvas.SetColor(c)
	p.canvas.SetLineWidth(width)
	p.canvas.Stroke(path)
}

// Text writes a line on the baseline y, right-aligned at x for align −1, centred for 0, left-aligned for 1.
func (p *Page) Text(st Style, text string, x, y vg.Length, align int) {
	x -= vg.Length(1-align) / 2 * st.Width(text)
	p.canvas.SetColor(st.Color)
	p.canvas.FillString(st.Face, p.at(x, y), printable(text))
}

// Lines writes lines from y on and returns where they end.
func (p *Page) Lines(st Style, lines []string, x, y vg.Length) vg.Length {
	for _, l := range lines {
		p.Text(st, l, x, y+st.Size(), 1)
		y += st.Height(1)
	}
	return y
}
