package plot

import (
	"image/color"

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

// A sheet is a chart with every place worked out. It counts from the top left corner, canvases from the bottom.
type sheet struct {
	*chart
	width, height vg.Length
	canvas        vg.Canvas

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
	s.titles = [][]string{heading.wrap(c.title, inner), plain.wrap(c.subtitle, inner)}
	s.top += heading.height(len(s.titles[0])) + plain.height(len(s.titles[1])) + gap
	for _, d := range c.devices {
		lines := plain.wrap(d.about, inner-s.legendIndent())
		s.legend = append(s.legend, lines)
		s.top += plain.height(max(1, len(lines)))
	}
	s.top += 2 * gap
	s.bottom = s.top
	var column vg.Length
	for _, r := range c.rows {
		lines := plain.wrap(r.name, maxNames)
		text := plain.height(len(lines))
		if r.note != "" {
			text += small.height(1)
		}
		s.names = append(s.names, lines)
		s.rowHeights = append(s.rowHeights, max(text, vg.Length(len(r.bars))*(s.barHeight+barGap))+s.rowGap)
		s.bottom += s.rowHeights[len(s.rowHeights)-1]
		for _, l := range lines {
			column = max(column, plain.width(l))
		}
		column = max(column, small.width(r.note))
	}
	s.height = s.bottom + small.height(3) + margin
	s.left, s.right = s.labels(margin + column + gap)
	return s
}

// labels finds the axis' ends, between which and the edges there is room for the bars' labels.
func (s *sheet) labels(left vg.Length) (from, to vg.Length) {
	var before, after vg.Length
	for _, r := range s.rows {
		for _, b := range r.bars {
			if w := value.width(b.label) + 2*gap; s.leftwards(b) {
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
		w = max(w, bold.width(d.name))
	}
	return w + swatch + 2*gap
}

// x is where a value lies.
func (s *sheet) x(v float64) vg.Length {
	return s.left + vg.Length(s.axis.at(v))*(s.right-s.left)
}

// fill draws a rectangle from its top left corner.
func (s *sheet) fill(c color.Color, x, y, w, h vg.Length) {
	var p vg.Path
	p.Move(vg.Point{X: x, Y: s.height - y})
	p.Line(vg.Point{X: x + w, Y: s.height - y})
	p.Line(vg.Point{X: x + w, Y: s.height - y - h})
	p.Line(vg.Point{X: x, Y: s.height - y - h})
	p.Close()
	s.canvas.SetColor(c)
	s.canvas.Fill(p)
}

func (s *sheet) line(c color.Color, width, x0, y0, x1, y1 vg.Length) {
	var p vg.Path
	p.Move(vg.Point{X: x0, Y: s.height - y0})
	p.Line(vg.Point{X: x1, Y: s.height - y1})
	s.canvas.SetColor(c)
	s.canvas.SetLineWidth(width)
	s.canvas.Stroke(p)
}

// text writes a line on the baseline y, right-aligned at x for align −1, centred for 0, left-aligned for 1.
func (s *sheet) text(st style, text string, x, y vg.Length, align int) {
	x -= vg.Length(1-align) / 2 * st.width(text)
	s.canvas.SetColor(st.color)
	s.canvas.FillString(st.face, vg.Point{X: x, Y: s.height - y}, printable(text))
}

// bar draws a device's bar. A software renderer's is hatched, so that nobody takes it for a GPU's.
func (s *sheet) bar(d device, x, y, w, h vg.Length) {
	if !d.software {
		s.fill(d.color, x, y, w, h)
		return
	}
	light := func(c uint8) uint8 { return 255 - (255-c)/4 }
	s.fill(color.RGBA{light(d.color.R), light(d.color.G), light(d.color.B), 255}, x, y, w, h)
	for at := x - h; at < x+w; at += 6 {
		from, to := max(at, x), min(at+h, x+w)
		if from < to {
			s.line(d.color, 1.2, from, y+h-(from-at), to, y+h-(to-at))
		}
	}
	for _, e := range [][4]vg.Length{{x, y, x + w, y}, {x, y + h, x + w, y + h}, {x, y, x, y + h}, {x + w, y, x + w, y + h}} {
		s.line(d.color, 0.8, e[0], e[1], e[2], e[3])
	}
}
