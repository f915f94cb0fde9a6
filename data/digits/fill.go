package digits

import (
	"math"

	"github.com/gloss-ml/gloss/data/internal/draw"
)

// fill sums up, in cover, by how much the share of each pixel that lies inside the loops differs from that of the pixel
// on its left, so that running sums along a row are the shares. Exact areas, no sampling: Raph Levien's method, as in
// font-rs and golang.org/x/image/vector, in float64.
func (p *painter) fill() {
	clear(p.cover[:])
	for _, l := range p.loops {
		a := l[len(l)-1]
		for _, b := range l {
			p.edge(a, b)
			a = b
		}
	}
}

// edge adds the area between an edge and the right side of the image.
func (p *painter) edge(a, b point) {
	if a.y == b.y {
		return
	}
	sign := 1.0
	if a.y > b.y {
		a, b, sign = b, a, -1
	}
	slope := (b.x - a.x) / (b.y - a.y)
	lo, hi := min(a.x, b.x), max(a.x, b.x)
	x := a.x
	for row := int(a.y); row < Size && float64(row) < b.y; row++ {
		top, bottom := max(a.y, float64(row)), min(b.y, float64(row+1))
		next := min(max(x+float64(slope*(bottom-top)), lo), hi) // rounding must not leave the image
		span(&p.cover[row], x, next, float64(sign*(bottom-top)))
		x = next
	}
}

// span adds an edge's part within one row: from x to y, of signed height h.
func span(row *[Size + 2]float64, x, y, h float64) {
	if x > y {
		x, y = y, x
	}
	first, last := int(x), int(math.Ceil(y))
	if last <= first+1 {
		right := float64(h * ((x+y)/2 - float64(first)))
		row[first] += h - right
		row[first+1] += right
		return
	}
	// The edge crosses several pixels: done is the share of h's area that has been given out so far.
	per := h / (y - x)
	done, before := 0.0, 0.0
	for i := first; i < last; i++ {
		// covered is the area of pixel i to the right of the edge, over the part of the row that the edge spans.
		l, r := max(x, float64(i)), min(y, float64(i+1))
		w := r - l
		covered := before + float64(float64(per*w)*(float64(i+1)-(l+r)/2))
		row[i] += covered - done
		done = covered
		before += float64(per * w)
	}
	row[last] += h - done
}

// develop turns the shares into grey levels: ink for the inside, with noise of a standard deviation.
func (p *painter) develop(pixels []byte, ink, deviation float64, r *draw.Stream) {
	// Two bytes less their mean have a standard deviation of √((2·(256²−1))/12), and look normal enough.
	unit := deviation / 104.511
	at := 0
	for row := range p.cover {
		sum := 0.0
		for col := 0; col < Size; col += 2 {
			word := uint32(0)
			if deviation > 0 {
				word = r.Word()
			}
			for i := range 2 {
				sum += p.cover[row][col+i]
				v := float64(ink * min(math.Abs(sum), 1))
				if deviation > 0 {
					v += float64(unit * float64(int(word>>8&0xff)+int(word&0xff)-255))
					word >>= 16
				}
				pixels[at] = byte(min(max(v, 0), 255) + 0.5)
				at++
			}
		}
	}
}
