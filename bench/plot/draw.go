package plot

import (
	"image/color"

	"github.com/gloss-ml/gloss/internal/draw"
	"gonum.org/v1/plot/vg"
)

// draw draws everything, on white.
func (s *sheet) draw(page *draw.Page) {
	s.Page = page
	y := s.Lines(heading, s.titles[0], margin, margin)
	y = s.Lines(plain, s.titles[1], margin, y)
	s.drawLegend(y + gap)
	s.drawAxis()
	y = s.top
	for i, r := range s.rows {
		s.drawRow(i, r, y)
		y += s.rowHeights[i]
	}
	s.Text(small, s.foot, margin, s.height-margin/2, 1)
}

func (s *sheet) drawLegend(y vg.Length) {
	for i, d := range s.devices {
		middle := y + plain.Height(1)/2
		x := margin
		if s.relative && i == s.base() {
			s.Line(d.color, 2, x+swatch/2, middle-gap, x+swatch/2, middle+gap)
		} else {
			s.bar(d, x, middle-gap/2, swatch, gap)
		}
		s.Text(bold, d.name, x+swatch+gap, bold.Middle(middle), 1)
		for _, l := range s.legend[i] {
			s.Text(plain, l, x+s.legendIndent(), plain.Middle(y+plain.Height(1)/2), 1)
			y += plain.Height(1)
		}
		if len(s.legend[i]) == 0 {
			y += plain.Height(1)
		}
	}
}

// drawAxis draws the grid behind the rows, and what it means below.
func (s *sheet) drawAxis() {
	end := -margin
	for _, t := range s.axis.ticks {
		x, label := s.x(t), s.axis.tick(t)
		s.Line(grid, 0.8, x, s.top, x, s.bottom)
		if half := small.Width(label) / 2; x-half > end {
			s.Text(small, label, x, s.bottom+small.Size()+3, 0)
			end = x + half + gap
		}
	}
}

func (s *sheet) drawRow(i int, r row, y vg.Length) {
	start, inner := y, s.rowHeights[i]-s.rowGap
	y += s.rowGap / 2
	text := plain.Height(len(s.names[i]))
	if r.note != "" {
		text += small.Height(1)
	}
	below := s.Lines(plain, s.names[i], margin, y+(inner-text)/2)
	s.Text(small, r.note, margin, below+small.Size(), 1)

	y += (inner - vg.Length(len(r.bars))*(s.barHeight+barGap)) / 2
	top := y
	for _, b := range r.bars {
		if b.value > 0 {
			from, to := s.x(s.axis.from), s.x(b.value)
			s.bar(s.devices[b.device], min(from, to), y+barGap/2, max(from-to, to-from, 0.8), s.barHeight)
		}
		y += s.barHeight + barGap
	}
	if s.relative { // over the bars, under their labels
		s.Line(s.devices[s.base()].color, 1.6, s.x(1), start, s.x(1), start+s.rowHeights[i])
	}
	for _, b := range r.bars {
		s.label(b, value.Middle(top+barGap/2+s.barHeight/2))
		top += s.barHeight + barGap
	}
}

// label writes what a bar says beside its end, on white, so that the grid does not run through it.
func (s *sheet) label(b bar, baseline vg.Length) {
	st, x, align := value, s.x(s.axis.from)+gap, 1
	if b.failed {
		st = failed
	}
	if b.value > 0 {
		x = s.x(b.value) + gap/2
	}
	width := st.Width(b.label)
	left := x
	if s.leftwards(b) {
		x, align = s.x(b.value)-gap/2, -1
		left = x - width
	}
	s.Fill(color.White, left-1, baseline-st.Capitals()-1, width+2, st.Capitals()+2)
	s.Text(st, b.label, x, baseline, align)
}
