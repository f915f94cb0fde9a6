package plot

import (
	"image/color"

	"github.com/gloss-ml/gloss/internal/draw"
	"gonum.org/v1/plot/vg"
)

const (
	sheetWidth = vg.Length(720)
	margin     = vg.Length(20)
	maxNames   = vg.Length(210) // of the workloads' column; longer names take several lines
	barGap     = vg.Length(2)
	gap        = vg.Length(8)  // between texts and what they belong to
	swatch     = vg.Length(28) // a device's colour in the legend
	manyBars   = 24            // from which on bars are thin, so that a slide holds them
)

// A sheet is a chart with every place worked out.
type sheet struct {
	*chart
	*draw.Page    // once it is drawn
	width, height vg.Length

	barHeight, rowGap     vg.Length
	titles, legend, names [][]string // lines of each
	rowHeights            []vg.Length
	left, right           vg.Length // of the axis
	top, bottom           vg.Length // of the rows
}

func newSheet(c *chart) *sheet {
	s := &sheet{chart: c, width: sheetWidth, top: margin, barHeight: 14, rowGap: 12}
	if c.bars() > manyBars {
		s.barHeight, s.rowGap = 10, 8
	}
	inner := sheetWidth - 2*margin
	s.titles = [][]string{heading.Wrap(c.title, inner), plain.Wrap(c.subtitle, inner)}
	s.top += heading.Height(len(s.titles[0])) + plain.Height(len(s.titles[1])) + gap
	for _, d := range c.devices {
		lines := plain.Wrap(d.about, inner-s.legendIndent())
		s.legend = append(s.legend, lines)
		s.top += plain.Height(max(1, len(lines)))
	}
	s.top += 2 * gap
	s.bottom = s.top
	var column vg.Length
	for _, r := range c.rows {
		lines := plain.Wrap(r.name, maxNames)
		text := plain.Height(len(lines))
		if r.note != "" {
			text += small.Height(1)
		}
		s.names = append(s.names, lines)
		s.rowHeights = append(s.rowHeights, max(text, vg.Length(len(r.bars))*(s.barHeight+barGap))+s.rowGap)
		s.bottom += s.rowHeights[len(s.rowHeights)-1]
		for _, l := range lines {
			column = max(column, plain.Width(l))
		}
		column = max(column, small.Width(r.note))
	}
	s.height = s.bottom + small.Height(3) + margin
	s.left, s.right = s.labels(margin + column + gap)
	return s
}

// labels finds the axis' ends, between which and the edges there is room for the bars' labels.
func (s *sheet) labels(left vg.Length) (from, to vg.Length) {
	var before, after vg.Length
	for _, r := range s.rows {
		for _, b := range r.bars {
			if w := value.Width(b.label) + 2*gap; s.leftwards(b) {
				before = max(before, w)
			} else {
				after = max(after, w)
			}
		}
	}
	return left + max(before, gap), s.width - margin - after
}

// leftwards says that a bar grows to the left: it is slower than gonum, on a logarithmic axis.
func (s *sheet) leftwards(b bar) bool { return s.axis.log && s.relative && b.value > 0 && b.value < 1 }

// legendIndent is the width of a swatch and the longest device's name.
func (s *sheet) legendIndent() (w vg.Length) {
	for _, d := range s.devices {
		w = max(w, bold.Width(d.name))
	}
	return w + swatch + 2*gap
}

// x is where a value lies.
func (s *sheet) x(v float64) vg.Length {
	return s.left + vg.Length(s.axis.at(v))*(s.right-s.left)
}

// bar draws a device's bar. A software renderer's is hatched, so that nobody takes it for a GPU's.
func (s *sheet) bar(d device, x, y, w, h vg.Length) {
	if !d.software {
		s.Fill(d.color, x, y, w, h)
		return
	}
	light := func(c uint8) uint8 { return 255 - (255-c)/4 }
	s.Fill(color.RGBA{light(d.color.R), light(d.color.G), light(d.color.B), 255}, x, y, w, h)
	for at := x - h; at < x+w; at += 6 {
		from, to := max(at, x), min(at+h, x+w)
		if from < to {
			s.Line(d.color, 1.2, from, y+h-(from-at), to, y+h-(to-at))
		}
	}
	for _, e := range [][4]vg.Length{{x, y, x + w, y}, {x, y + h, x + w, y + h}, {x, y, x, y + h}, {x + w, y, x + w, y + h}} {
		s.Line(d.color, 0.8, e[0], e[1], e[2], e[3])
	}
}
