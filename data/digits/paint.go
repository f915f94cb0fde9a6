package digits

import "github.com/gloss-ml/gloss/data/internal/draw"

const height = 20 // of a digit in pixels, as in MNIST

// painter draws images of one style, one at a time.
//
// Products are converted to float64, which they are already: that forbids the compiler to fuse them with a sum, as it
// would on some platforms, and so to make other images there (Go specification, "Floating-point operators"). Halves and
// doubles are exact and need no conversion.
type painter struct {
	style  Style
	turn   float64 // tangent of half the largest angle
	loops  [][]point
	points []point // of all loops, one after the other
	normal []point // of the edges of one loop
	cover  [Size][Size + 2]float64
}

func newPainter(s Style) *painter {
	p := &painter{style: s, turn: halfTangent(s.Turn)}
	most := 0
	for _, font := range glyphs() {
		for _, g := range font {
			most = max(most, g.count)
		}
	}
	p.points, p.normal = make([]point, 0, most), make([]point, most) // loops are parts of points, which must not move
	return p
}

// paint draws image i of a seed into its Size·Size pixels, and returns its label.
func (p *painter) paint(pixels []byte, seed, i uint64) uint32 {
	digit := label(seed, i)
	r := draw.New(seed, kindShape, i)
	g := &glyphs()[r.Below(len(faces))][digit]
	p.bend(g, &r)
	p.embolden(g, r.Within(p.style.Stroke)/2)
	p.place(r.Within(p.style.Shift), r.Within(p.style.Shift))
	p.fill()
	noise := draw.New(seed, kindNoise, i)
	p.develop(pixels, 255*(1-float64(p.style.Fade*r.Uniform())), float64(p.style.Noise*r.Uniform()), &noise)
	return digit
}

// bend copies the outline, bends it by a polynomial of second and third degree, and scales, slants and turns it.
func (p *painter) bend(g *outline, r *draw.Stream) {
	var c [6]float64
	for i := range c {
		c[i] = r.Within(p.style.Bend)
	}
	w, h := height*(1+r.Within(p.style.Scale))/2, height*(1+r.Within(p.style.Scale))/2
	slant, t := r.Within(p.style.Slant), r.Within(p.turn)
	t2 := float64(t * t)
	cos, sin := (1-t2)/(1+t2), 2*t/(1+t2)
	p.points, p.loops = p.points[:0], p.loops[:0]
	for _, l := range g.loops {
		from := len(p.points)
		for _, q := range l {
			u, v := 2*q.x, 2*q.y // −1 to 1 from edge to edge
			uu, uv, vv := float64(u*u), float64(u*v), float64(v*v)
			s := float64(v * (1 - vv))
			x := u + float64(c[0]*vv) + float64(c[1]*uv) + float64(c[2]*2*s)
			y := v + float64(c[3]*uu) + float64(c[4]*uv) + float64(c[5]*s)
			x, y = float64(w*(x-float64(slant*y))), float64(h*y)
			p.points = append(p.points, point{float64(cos*x) - float64(sin*y), float64(sin*x) + float64(cos*y)})
		}
		p.loops = append(p.loops, p.points[from:len(p.points):len(p.points)])
	}
}

// embolden moves every edge outwards by d pixels, or inwards where d is below 0.
func (p *painter) embolden(g *outline, d float64) {
	d = max(d, -height*g.stem/5) * g.grow
	for _, l := range p.loops {
		n := p.normal[:len(l)]
		for i, a := range l {
			b := l[(i+1)%len(l)]
			length := max(distance(a, b), 1e-9) // points may coincide
			n[i] = point{(b.y - a.y) / length, (a.x - b.x) / length}
		}
		before := n[len(n)-1]
		for i, after := range n {
			x, y := before.x+after.x, before.y+after.y
			// The corner's mitre; where it would be long, it is cut.
			m := d / max(0.6, 1+float64(before.x*after.x)+float64(before.y*after.y))
			l[i].x += float64(m * x)
			l[i].y += float64(m * y)
			before = after
		}
	}
}

// place moves the middle of the outline's box to (dx, dy) from the middle of the image, and back as far as it would
// reach over the image's edge.
func (p *painter) place(dx, dy float64) {
	lo, hi := p.points[0], p.points[0]
	for _, q := range p.points {
		lo, hi = point{min(lo.x, q.x), min(lo.y, q.y)}, point{max(hi.x, q.x), max(hi.y, q.y)}
	}
	move := func(lo, hi, by float64) float64 {
		room := max(0, (Size-(hi-lo))/2)
		return Size/2 + min(max(by, -room), room) - (lo+hi)/2
	}
	mx, my := move(lo.x, hi.x, dx), move(lo.y, hi.y, dy)
	for i := range p.points {
		q := &p.points[i]
		q.x = min(max(q.x+mx, 0), Size)
		q.y = min(max(q.y+my, 0), Size)
	}
}
