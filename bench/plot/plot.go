// Package plot draws results of package bench as bar charts, for slides and pages. It is apart from bench so that
// programs that only measure hold no fonts and nothing to draw with.
package plot

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"io"
	"path/filepath"
	"strings"

	"github.com/gloss-ml/gloss/bench"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ErrNothing is what Write returns for results of which none holds a number.
var ErrNothing = errors.New("no result to draw")

// pngDPI makes a PNG 2000 pixels wide: sharp on a slide that fills the screen.
const pngDPI = 200

// Format is the format of a file by its name, "svg" or "png".
func Format(file string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(file)); ext {
	case ".svg", ".png":
		return ext[1:], nil
	}
	return "", fmt.Errorf("%s: want a name that ends in .svg or .png", file)
}

// Write draws the results in a format of Format's: how many times as fast as gonum each device is, where gonum was
// measured beside another, and the times otherwise.
func Write(w io.Writer, format string, m bench.Machine, results []bench.Result) error {
	c := newChart(m, results)
	if c == nil {
		return ErrNothing
	}
	s := newSheet(c)
	switch format {
	case "svg":
		canvas := vgsvg.New(s.width, s.height)
		s.draw(canvas)
		var b bytes.Buffer
		if _, err := canvas.WriteTo(&b); err != nil {
			return err
		}
		// Where there is no Liberation Sans, browsers take Times unless they are told what is as wide.
		_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")))
		return err
	case "png":
		canvas := vgimg.NewWith(vgimg.UseWH(s.width, s.height), vgimg.UseDPI(pngDPI), vgimg.UseBackgroundColor(color.White))
		s.draw(canvas)
		_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
		return err
	}
	return fmt.Errorf("format %q of a chart: want svg or png", format)
}
