// Package curves draws how a training went, as SVG or PNG: loss and accuracy over the epochs, the losses of a search for a
// learning rate, or any numbers. It is apart from train so that programs that only train hold no fonts and nothing to draw with.
package curves

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/gloss-ml/gloss/internal/draw"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/metrics"
)

// ErrNothing is what Write returns where there is no point to draw.
var ErrNothing = errors.New("curves: no point to draw")

// A Panel is curves over one pair of axes.
type Panel struct {
	Title      string
	X          string  // what the horizontal axis counts
	LogX, LogY bool    // logarithmic axes; points that are not above 0 are left out
	Most       bool    // the largest value is the best, as for an accuracy
	Curves     []Curve // those of one name have one colour in all panels; from the seventh name on, colours come again
}

// A Curve is points in ascending order of X. A point that is not finite is a gap. Its best value is marked and told in the
// legend.
type Curve struct {
	Name string
	X, Y []float64
}

// Options say how a page looks. The zero value is dark on white, without a title.
type Options struct {
	Title string
	Dark  bool
}

// History is a panel of the losses, where there is an accuracy one of it, and one of each of the validation set's metrics that
// are given. Set LogY of the first for losses that fall far.
func History(h train.History, ms ...metrics.Metric) []Panel {
	x := make([]float64, len(h))
	var ys [4][]float64 // loss, its validation, accuracy, its validation
	validated, accurate := false, false
	for i, e := range h {
		x[i] = float64(e.Number)
		values := [4]float64{e.Loss, e.Validation.Loss, e.Accuracy, e.Validation.Accuracy}
		if e.Validation.Rows == 0 {
			values[1], values[3] = math.NaN(), math.NaN()
		}
		for j, v := range values {
			ys[j] = append(ys[j], v)
		}
		validated = validated || e.Validation.Rows > 0
		accurate = accurate || e.Accuracy > 0 || e.Validation.Accuracy > 0
	}
	panel := func(title string, trained, validation []float64) Panel {
		p := Panel{Title: title, X: "epoch", Curves: []Curve{{"training", x, trained}}}
		if validated {
			p.Curves = append(p.Curves, Curve{"validation", x, validation})
		}
		return p
	}
	panels := []Panel{panel("Loss", ys[0], ys[1])}
	if accurate {
		panels = append(panels, panel("Accuracy", ys[2], ys[3]))
		panels[1].Most = true
	}
	for _, m := range ms {
		panels = append(panels, Panel{Title: m.String(), X: "epoch", Most: m.Maximize(), Curves: []Curve{{"validation", x, valuesOf(h, m.String())}}})
	}
	return panels
}

// valuesOf are a metric's over the epochs, NaN where there is none.
func valuesOf(h train.History, name string) (y []float64) {
	for _, e := range h {
		v, ok := e.Metrics.Get(name)
		if !ok {
			v = math.NaN()
		}
		y = append(y, v)
	}
	return y
}

// Rates is a panel of the losses that a search for a learning rate met, those of a train.LRCurve, over the rates on a
// logarithmic axis. Losses that
// are half as large again as the first are left out: there the search diverged, and they would flatten all others.
func Rates(rates, losses []float64) Panel {
	kept := slices.Clone(losses)
	for i, l := range kept {
		if l > losses[0]+math.Abs(losses[0])/2 {
			kept[i] = math.NaN()
		}
	}
	return Panel{Title: "Loss by learning rate", X: "learning rate", LogX: true, Curves: []Curve{{"loss", rates, kept}}}
}

// Write draws the panels below each other, in the format "svg" or "png".
func Write(w io.Writer, format string, o Options, panels ...Panel) error {
	s, err := newSheet(o, panels)
	if err != nil {
		return err
	}
	return draw.Write(w, format, sheetWidth, s.height, s.ground, s.draw)
}

// Save draws to a file whose name ends in .svg or .png. An error leaves a file that is there as it was, unless it is the
// disk's.
func Save(file string, o Options, panels ...Panel) (err error) {
	format, err := draw.Format(file)
	if err != nil {
		return fmt.Errorf("curves: %w", err)
	}
	s, err := newSheet(o, panels)
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("curves: %w", err)
	}
	defer func() {
		if e := errors.Join(err, f.Close()); e != nil {
			err = fmt.Errorf("curves: %w", e)
		}
	}()
	return draw.Write(f, format, sheetWidth, s.height, s.ground, s.draw)
}

// check says what cannot be drawn, and whether there is a point.
func check(panels []Panel) error {
	points := 0
	for _, p := range panels {
		for _, c := range p.Curves {
			if len(c.X) != len(c.Y) {
				return fmt.Errorf("curves: %s, %s: %d places and %d values", p.Title, c.Name, len(c.X), len(c.Y))
			}
			for i := range c.X {
				if p.shows(c.X[i], c.Y[i]) {
					points++
				}
			}
		}
	}
	if points == 0 {
		return ErrNothing
	}
	return nil
}

// shows reports whether a point is one that can be drawn.
func (p *Panel) shows(x, y float64) bool {
	return x-x == 0 && y-y == 0 && (!p.LogX || x > 0) && (!p.LogY || y > 0)
}
