package plot

import (
	"image/color"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

// A style is a face and a colour.
type style struct {
	face  plotfont.Face
	color color.RGBA
}

// fonts are the Liberation fonts, which are as wide as Arial and Helvetica: an SVG keeps its shape where those are.
var fonts = plotfont.NewCache(liberation.Collection())

func sans(size vg.Length, weight font.Weight, c color.RGBA) style {
	return style{fonts.Lookup(plotfont.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}, size), c}
}

var (
	ink   = color.RGBA{0x22, 0x22, 0x22, 255}
	faint = color.RGBA{0x66, 0x66, 0x66, 255}
	alarm = color.RGBA{0xa0, 0x10, 0x10, 255}
	grid  = color.RGBA{0xdd, 0xdd, 0xdd, 255}

	heading  = sans(16, font.WeightBold, ink)
	plain    = sans(10.5, font.WeightNormal, ink)
	bold     = sans(10.5, font.WeightBold, ink)
	small    = sans(9, font.WeightNormal, faint)
	value    = sans(9.5, font.WeightNormal, ink)
	failed   = sans(9.5, font.WeightBold, alarm)
	leading  = vg.Length(1.3) // of lines, in sizes of the font
	capitals = vg.Length(0.7) // their height
)

func (s style) width(text string) vg.Length  { return s.face.Width(printable(text)) }
func (s style) size() vg.Length              { return s.face.Font.Size }
func (s style) height(lines int) vg.Length   { return vg.Length(lines) * leading * s.size() }
func (s style) middle(y vg.Length) vg.Length { return y + capitals/2*s.size() } // the baseline of text about y

// printable leaves out what XML must not hold: a driver may call itself anything.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// wrap breaks a text into lines of that width at most: after a slash, a dash or a space if it can, anywhere if it must.
func (s style) wrap(text string, width vg.Length) (lines []string) {
	rest := []rune(printable(text))
	for len(rest) > 0 {
		fits, good := 0, 0
		for i := 1; i <= len(rest) && (i == 1 || s.width(string(rest[:i])) <= width); i++ {
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
