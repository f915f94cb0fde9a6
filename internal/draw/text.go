package draw

import (
	"image/color"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

// A Style is a face and a colour of a text.
type Style struct {
	Face  plotfont.Face
	Color color.RGBA
}

// fonts are the Liberation fonts, which are as wide as Arial and Helvetica: an SVG keeps its shape where those are.
var fonts = plotfont.NewCache(liberation.Collection())

// Sans is a style of a size and a weight.
func Sans(size vg.Length, weight font.Weight, c color.RGBA) Style {
	return Style{fonts.Lookup(plotfont.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}, size), c}
}

const (
	leading  = vg.Length(1.3) // of lines, in sizes of the font
	capitals = vg.Length(0.7) // their height
)

// Width is that of the text on one line.
func (s Style) Width(text string) vg.Length { return s.Face.Width(printable(text)) }

// Size is that of the font.
func (s Style) Size() vg.Length { return s.Face.Font.Size }

// Height is that of so many lines.
func (s Style) Height(lines int) vg.Length { return vg.Length(lines) * leading * s.Size() }

// Capitals is their height.
func (s Style) Capitals() vg.Length { return capitals * s.Size() }

// Middle is the baseline of a text about y.
func (s Style) Middle(y vg.Length) vg.Length { return y + s.Capitals()/2 }

// printable leaves out what XML must not hold: a driver may call itself anything.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// Wrap breaks a text into lines of that width at most: after a slash, a dash or a space if it can, anywhere if it must.
func (s Style) Wrap(text string, width vg.Length) (lines []string) {
	rest := []rune(printable(text))
	for len(rest) > 0 {
		fits, good := 0, 0
		for i := 1; i <= len(rest) && (i == 1 || s.Width(string(rest[:i])) <= width); i++ {
			if fits = i; strings.ContainsRune("/- ", rest[i-1]) || i == len(rest) {
				good = i
			}
		}
		if good > 0 {
			fits = good
		}
		lines = append(lines, strings.TrimSpace(string(rest[:fits])))
		rest = rest[fits:]
	}
	return lines
}
