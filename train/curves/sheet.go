package curves

import (
	"image/color"
	"math"
	"slices"

	"github.com/gloss-ml/gloss/internal/draw"
	"golang.org/x/image/font"
	"gonum.org/v1/plot/vg"
)

const (
	sheetWidth = vg.Length(720)
	plotHeight = vg.Length(200)
	margin     = vg.Length(20)
	gap        = vg.Length(8)
	swatch     = vg.Length(24) // a curve's colour in the legend
	fewPoints  = 40            // up to which each is marked
)

// A theme is what text and lines look like on a ground. Its colours of curves are Okabe and Ito's, which people of all kinds
// of colour vision tell apart; on a dark ground they are those of their lighter kin.
type theme struct {
	ground, grid, edge          color.RGBA
	heading, title, plain, note draw.Style
	curves                      []color.RGBA
}

func newTheme(dark bool) theme {
	ink, faint := color.RGBA{0x22, 0x22, 0x22, 255}, color.RGBA{0x60, 0x60, 0x60, 255}
	t := theme{
		ground: color.RGBA{255, 255, 255, 255}, grid: color.RGBA{0xe2, 0xe2, 0xe2, 255}, edge: color.RGBA{0xa0, 0xa0, 0xa0, 255},
		curves: []color.RGBA{{0x00, 0x72, 0xb2, 255}, {0xd5, 0x5e, 0x00, 255}, {0x00, 0x9e, 0x73, 255}, {0xcc, 0x79, 0xa7, 255}, {0x56, 0xb4, 0xe9, 255}, {0x33, 0x33, 0x33, 255}},
	}
	if dark {
		ink, faint = color.RGBA{0xee, 0xee, 0xee, 255}, color.RGBA{0xb4, 0xb4, 0xb8, 255}
		t.ground, t.grid, t.edge = color.RGBA{0x18, 0x19, 0x1c, 255}, color.RGBA{0x34, 0x36, 0x3b, 255}, color.RGBA{0x70, 0x72, 0x78, 255}
		t.curves = []color.RGBA{{0x56, 0xb4, 0xe9, 255}, {0xff, 0x9a, 0x3c, 255}, {0x2e, 0xd1, 0x9f, 255}, {0xf0, 0xa6, 0xcf, 255}, {0xf0, 0xe4, 0x42, 255}, {0xcc, 0xcc, 0xcc, 255}}
	}
	t.heading, t.title = draw.Sans(16, font.WeightBold, ink), draw.Sans(11.5, font.WeightBold, ink)
	t.plain, t.note = draw.Sans(10, font.WeightNormal, ink), draw.Sans(9, font.WeightNormal, faint)
	return t
}

// A sheet is the panels with every place worked out.
type sheet struct {
	theme
	height vg.Length
	titles []string
	plots  []plot
	names  []string // of curves, in the order in which they appear
}

// A plot is a panel on the sheet.
type plot struct {
	*Panel
	x, y                     axis
	titles                   []string
	legend                   []entry
	left, right, top, bottom vg.Length // of the axes
	from                     vg.Length // where the panel starts
}

// An entry of the legend is a curve's name and best value, in lines.
type entry struct {
	curve int
	lines []string
	x, y  vg.Length
}

func newSheet(o Options, panels []Panel) (*sheet, error) {
	if err := check(panels); err != nil {
		return nil, err
	}
	s := &sheet{theme: newTheme(o.Dark), height: margin}
	inner := sheetWidth - 2*margin
	if s.titles = s.heading.Wrap(o.Title, inner); len(s.titles) > 0 {
		s.height += s.heading.Height(len(s.titles)) + gap
	}
	for i := range panels {
		p := plot{Panel: &panels[i], titles: s.title.Wrap(panels[i].Title, inner), from: s.height}
		if !p.axes() {
			continue
		}
		y := s.place(&p, p.from+s.title.Height(len(p.titles))+gap/2)
		p.top = y + gap
		p.bottom = p.top + plotHeight
		p.left, p.right = margin+gap*3/2+s.widest(&p.y), sheetWidth-margin
		s.height = p.bottom + s.note.Height(3) + gap
		s.plots = append(s.plots, p)
		for _, c := range p.Curves {
			if !slices.Contains(s.names, c.Name) {
				s.names = append(s.names, c.Name)
			}
		}
	}
	s.height += margin / 2
	return s, nil
}

// place puts the legend's entries side by side while there is room, from y on, and returns where they end.
func (s *sheet) place(p *plot, y vg.Length) vg.Length {
	inner := sheetWidth - 2*margin
	x, below := margin, y
	for i := range p.Curves {
		lines := s.plain.Wrap(p.told(i), inner-swatch-gap)
		var width vg.Length
		for _, l := range lines {
			width = max(width, swatch+gap+s.plain.Width(l))
		}
		if x > margin && x+width > sheetWidth-margin {
			x, y = margin, below
		}
		p.legend = append(p.legend, entry{i, lines, x, y})
		below = max(below, y+s.plain.Height(max(1, len(lines))))
		x += width + 3*gap
	}
	return below
}

func (s *sheet) widest(a *axis) (w vg.Length) {
	for _, t := range a.ticks {
		w = max(w, s.note.Width(a.tick(t)))
	}
	return w
}

// axes fits the axes to the points; it reports whether there are any.
func (p *plot) axes() bool {
	x, y := [2]float64{math.Inf(1), math.Inf(-1)}, [2]float64{math.Inf(1), math.Inf(-1)}
	whole := !p.LogX
	for _, c := range p.Curves {
		for i := range c.X {
			if p.shows(c.X[i], c.Y[i]) {
				x, y = [2]float64{min(x[0], c.X[i]), max(x[1], c.X[i])}, [2]float64{min(y[0], c.Y[i]), max(y[1], c.Y[i])}
				whole = whole && c.X[i] == math.Trunc(c.X[i])
			}
		}
	}
	if x[0] > x[1] {
		return false
	}
	p.x, p.y = newAxis(x[0], x[1], p.LogX, true, whole), newAxis(y[0], y[1], p.LogY, false, false)
	return true
}

// best is the place of a curve's best value, −1 if there is none.
func (p *plot) best(c *Curve) int {
	at := -1
	for i := range c.X {
		if p.shows(c.X[i], c.Y[i]) && (at < 0 || p.Most == (c.Y[i] > c.Y[at]) && c.Y[i] != c.Y[at]) {
			at = i
		}
	}
	return at
}

// told is "validation: best 0.0812 at epoch 17".
func (p *plot) told(curve int) string {
	c := &p.Curves[curve]
	i := p.best(c)
	if i < 0 {
		return c.Name + ": no value"
	}
	digits := 7 // of a step
	if p.LogX {
		digits = 3
	}
	return c.Name + ": best " + short(c.Y[i], 4) + " at " + p.X + " " + short(c.X[i], digits)
}
