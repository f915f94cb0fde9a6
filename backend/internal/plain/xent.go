package plain

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// row is what one row of a cross-entropy needs to know of its target.
type row[T Float] struct {
	c       *backend.Xent
	label   int // −1 with a soft target
	target  floats[T]
	class   floats[T]
	i, cols int
}

// q is the target's probability of class j.
func (r *row[T]) q(j int) float64 {
	if r.label < 0 {
		return float64(*r.target.at(r.i, j))
	}
	q := float64(r.c.Smooth) / float64(r.cols)
	if j == r.label {
		q += 1 - float64(r.c.Smooth)
	}
	return q
}

// weighted is q·c of class j.
func (r *row[T]) weighted(j int) float64 {
	if !r.class.present() {
		return r.q(j)
	}
	return r.q(j) * float64(*r.class.at(0, j))
}

// hit reports whether class j is the row's right answer.
func (r *row[T]) hit(j int) bool {
	if r.label >= 0 {
		return j == r.label
	}
	return j == argmax(r.cols, r.q)
}

func argmax(n int, f func(int) float64) int {
	best, at := math.Inf(-1), 0
	for j := range n {
		if v := f(j); v > best {
			best, at = v, j
		}
	}
	return at
}

func xent[T Float](c *backend.Xent, at backend.At) {
	x, grad := view[T](&c.Logits, at), view[T](&c.Grad, at)
	weight, scale := view[T](&c.Weight, at), 1.0
	if c.Scale.Present() {
		scale = float64(*view[T](&c.Scale, at).at(0, 0))
	}
	r := row[T]{c: c, target: view[T](&c.Target, at), class: view[T](&c.Class, at), cols: c.Logits.Cols}
	loss, correct := 0.0, 0
	for i := range c.Logits.Rows {
		r.i, r.label = i, -1
		if c.Label.Present() {
			label := integers[T](&c.Label, at)[i*c.Label.RowStride()]
			if uint64(label) >= uint64(r.cols) {
				for j := range r.cols {
					if grad.present() {
						*grad.at(i, j) = 0
					}
				}
				continue
			}
			r.label = int(label)
		}
		w := scale
		if weight.present() {
			w *= float64(*weight.at(i, 0))
		}
		top := argmax(r.cols, func(j int) float64 { return float64(*x.at(i, j)) })
		if r.hit(top) {
			correct++
		}
		shift, sum := float64(*x.at(i, top)), 0.0
		for j := range r.cols {
			sum += math.Exp(float64(*x.at(i, j)) - shift)
		}
		l, mass := 0.0, 0.0
		for j := range r.cols {
			q := r.weighted(j)
			mass += q
			l -= q * (float64(*x.at(i, j)) - shift - math.Log(sum))
		}
		loss += w * l
		if grad.present() {
			for j := range r.cols {
				p := math.Exp(float64(*x.at(i, j))-shift) / sum
				*grad.at(i, j) = T(w * (p*mass - r.weighted(j)))
			}
		}
	}
	if c.Loss.Present() {
		*view[T](&c.Loss, at).at(0, 0) = T(place[T](c.Then, at, 1, 1).run(loss, 0, 0))
	}
	if c.Correct.Present() {
		*view[T](&c.Correct, at).at(0, 0) = T(correct)
	}
}
