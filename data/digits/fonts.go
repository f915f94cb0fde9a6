package digits

import (
	"fmt"
	"math"
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/gofont/gosmallcapsitalic"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// faces are the Go fonts (Bigelow & Holmes, 2016), in an order that seeds depend on.
var faces = [...][]byte{
	goregular.TTF, goitalic.TTF, gomedium.TTF, gomediumitalic.TTF, gobold.TTF, gobolditalic.TTF,
	gomono.TTF, gomonoitalic.TTF, gomonobold.TTF, gomonobolditalic.TTF, gosmallcaps.TTF, gosmallcapsitalic.TTF,
}

type point struct{ x, y float64 }

// distance is not math.Hypot, which platforms implement differently.
func distance(a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	return math.Sqrt(float64(dx*dx) + float64(dy*dy))
}

// outline is a glyph as closed polygons, y pointing down: 1 high, its box centred on the origin. The points lie so
// close that an outline can be bent.
type outline struct {
	loops [][]point
	grow  float64 // 1 or −1: the side of an edge on which the outside lies
	stem  float64 // about the width of its strokes
	count int     // of points, in all loops
}

// glyphs are the outlines of all faces and digits. The fonts are part of the program: that they parse is tested.
var glyphs = sync.OnceValue(func() *[len(faces)][10]outline {
	var all [len(faces)][10]outline
	for f, ttf := range faces {
		font, err := sfnt.Parse(ttf)
		if err != nil {
			panic(fmt.Sprintf("digits: font %d: %v", f, err))
		}
		for digit := range all[f] {
			if all[f][digit], err = trace(font, rune('0'+digit)); err != nil {
				panic(fmt.Sprintf("digits: font %d, digit %d: %v", f, digit, err))
			}
		}
	}
	return &all
})

// trace flattens a glyph's curves. Coordinates are the font's own whole numbers until they are scaled.
func trace(font *sfnt.Font, r rune) (outline, error) {
	var buf sfnt.Buffer
	index, err := font.GlyphIndex(&buf, r)
	if err != nil {
		return outline{}, err
	}
	em := font.UnitsPerEm()
	segments, err := font.LoadGlyph(&buf, index, fixed.I(int(em)), nil)
	if err != nil {
		return outline{}, err
	}
	at := func(p fixed.Point26_6) point { return point{float64(p.X) / 64, float64(p.Y) / 64} }
	step := float64(em) / 14 // between points: 2 pixels in an image
	var o outline
	var pen point
	for _, s := range segments {
		last := len(o.loops) - 1
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			pen = at(s.Args[0])
			o.loops = append(o.loops, []point{pen})
		case sfnt.SegmentOpLineTo:
			end := at(s.Args[0])
			mid := point{(pen.x + end.x) / 2, (pen.y + end.y) / 2}
			o.loops[last] = append(o.loops[last], curve(pen, mid, end, step)...)
			pen = end
		case sfnt.SegmentOpQuadTo:
			end := at(s.Args[1])
			o.loops[last] = append(o.loops[last], curve(pen, at(s.Args[0]), end, step)...)
			pen = end
		default: // TrueType has no cubic curves
			return outline{}, fmt.Errorf("segment of kind %d", s.Op)
		}
	}
	o.normalise()
	return o, nil
}

// curve is the quadratic Bézier curve from a to c as points no further apart than about step, without a itself.
func curve(a, b, c point, step float64) []point {
	length := distance(a, b) + distance(b, c)
	if length == 0 {
		return nil
	}
	n := int(math.Ceil(length / step))
	points := make([]point, n)
	for i := range points {
		t := float64(i+1) / float64(n)
		s := 1 - t
		wa, wb, wc := float64(s*s), float64(2*s*t), float64(t*t)
		points[i] = point{
			float64(wa*a.x) + float64(wb*b.x) + float64(wc*c.x),
			float64(wa*a.y) + float64(wb*b.y) + float64(wc*c.y),
		}
	}
	return points
}

// normalise opens loops that end where they began, scales and centres the outline, and measures it.
func (o *outline) normalise() {
	lo, hi := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for i, l := range o.loops {
		if l[0] == l[len(l)-1] {
			l = l[:len(l)-1]
			o.loops[i] = l
		}
		o.count += len(l)
		for _, p := range l {
			lo, hi = point{min(lo.x, p.x), min(lo.y, p.y)}, point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	height := hi.y - lo.y
	area, length := 0.0, 0.0
	for _, l := range o.loops {
		for i, p := range l {
			l[i] = point{(p.x - (lo.x+hi.x)/2) / height, (p.y - (lo.y+hi.y)/2) / height}
		}
		for i, p := range l {
			q := l[(i+1)%len(l)]
			area += (float64(p.x*q.y) - float64(q.x*p.y)) / 2
			length += distance(p, q)
		}
	}
	o.grow = math.Copysign(1, area)
	o.stem = 2 * math.Abs(area) / length
}
