package curves

import (
	"image/color"
	"slices"

	"github.com/gloss-ml/gloss/internal/draw"
	"gonum.org/v1/plot/vg"
)

func (s *sheet) draw(page *draw.Page) {
	page.Lines(s.heading, s.titles, margin, margin)
	for i := range s.plots {
		p := &s.plots[i]
		page.Lines(s.title, p.titles, margin, p.from)
		for _, e := range p.legend {
			page.Line(s.color(p, e.curve), 2.4, e.x, e.y+s.plain.Height(1)/2, e.x+swatch, e.y+s.plain.Height(1)/2)
			page.Lines(s.plain, e.lines, e.x+swatch+gap, e.y)
		}
		s.drawAxes(page, p)
		for i := range p.Curves {
			s.drawCurve(page, p, &p.Curves[i], s.color(p, i))
		}
	}
}

// color is that of curve i: those of one name have one colour on the whole page, if a panel's names differ.
func (s *sheet) color(p *plot, i int) color.RGBA {
	names := map[string]bool{}
	for _, c := range p.Curves {
		names[c.Name] = true
	}
	if len(names) == len(p.Curves) {
		i = slices.Index(s.names, p.Curves[i].Name)
	}
	return s.curves[i%len(s.curves)]
}

func (s *sheet) drawAxes(page *draw.Page, p *plot) {
	for _, t := range p.y.ticks {
		y := p.at(p.x.lo, t).Y
		page.Line(s.grid, 0.8, p.left, y, p.right, y)
		page.Text(s.note, p.y.tick(t), p.left-gap, s.note.Middle(y), -1)
	}
	end := vg.Length(0)
	for _, t := range p.x.ticks {
		x, label := p.at(t, p.y.lo).X, p.x.tick(t)
		page.Line(s.grid, 0.8, x, p.top, x, p.bottom)
		half := s.note.Width(label) / 2
		x = min(x, sheetWidth-margin/2-half)
		if x-half > end {
			page.Text(s.note, label, x, p.bottom+gap*3/4+s.note.Size(), 0)
			end = x + half + gap
		}
	}
	page.Line(s.edge, 1, p.left, p.bottom, p.right, p.bottom)
	page.Line(s.edge, 1, p.left, p.top, p.left, p.bottom)
	page.Text(s.note, p.caption(), (p.left+p.right)/2, p.bottom+gap+s.note.Height(1)+s.note.Size(), 0)
}

// caption says what the horizontal axis counts, and which scales are logarithmic.
func (p *plot) caption() string {
	switch {
	case p.LogX && p.LogY:
		return p.X + "; both scales are logarithmic"
	case p.LogX:
		return p.X + ", on a logarithmic scale"
	case p.LogY:
		return p.X + "; the vertical scale is logarithmic"
	}
	return p.X
}

// at is where a point lies.
func (p *plot) at(x, y float64) vg.Point {
	return vg.Point{X: p.left + vg.Length(p.x.at(x))*(p.right-p.left), Y: p.bottom - vg.Length(p.y.at(y))*(p.bottom-p.top)}
}

// drawCurve draws lines between points that follow each other, a dot at a point that is alone or where they are few, and a
// ring at the best.
func (s *sheet) drawCurve(page *draw.Page, p *plot, c *Curve, ink color.RGBA) {
	var run []vg.Point
	flush := func() {
		if len(run) > 1 {
			page.Path(ink, 1.6, run)
		}
		for _, q := range run {
			if len(run) == 1 || len(c.X) <= fewPoints {
				page.Dot(ink, q.X, q.Y, 2.2)
			}
		}
		run = nil
	}
	for i := range c.X {
		if p.shows(c.X[i], c.Y[i]) {
			run = append(run, p.at(c.X[i], c.Y[i]))
		} else {
			flush()
		}
	}
	flush()
	if i := p.best(c); i >= 0 {
		q := p.at(c.X[i], c.Y[i])
		page.Dot(ink, q.X, q.Y, 4.5)
		page.Dot(s.ground, q.X, q.Y, 2.8)
	}
}
