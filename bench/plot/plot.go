// Package plot draws results of package bench as bar charts, for slides and pages. It is apart from bench so that
// programs that only measure hold no fonts and nothing to draw with.
package plot

import (
	"errors"
	"image/color"
	"io"

	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/internal/draw"
)

// ErrNothing is what Write returns for results of which none holds a number.
var ErrNothing = errors.New("no result to draw")

// Format is the format of a file by its name, "svg" or "png".
func Format(file string) (string, error) { return draw.Format(file) }

// Write draws the results in a format of Format's: how many times as fast as gonum each device is, where gonum was
// measured beside another, and the times otherwise.
func Write(w io.Writer, format string, m bench.Machine, results []bench.Result) error {
	c := newChart(m, results)
	if c == nil {
		return ErrNothing
	}
	s := newSheet(c)
	return draw.Write(w, format, s.width, s.height, color.White, s.draw)
}
