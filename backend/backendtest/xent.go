package backendtest

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// xent notes what an Xent has to do. The loss is a sum of w·q·c·(log Σexp − d), d a logit less the row's largest: a
// device rounds d, each exponential, their sum's logarithm and the sum of all terms. A gradient is p·Σqc − qc with the
// same softmax.
func (w *world) xent(c *backend.Xent) {
	m, n := c.Logits.Rows, c.Logits.Cols
	scale := 1.0
	if c.Scale.Present() {
		scale = w.get(&c.Scale, 0, 0)
	}
	loss, correct := bound{}, 0
	total := 0.0
	for i := range m {
		r, counts := w.xentRow(c, i)
		if !counts {
			w.gradRow(c, i, nil, 0)
			continue
		}
		if r.top == r.answer {
			correct++
		}
		sw := scale
		if c.Weight.Present() {
			sw *= w.get(&c.Weight, i, 0)
		}
		for j := range n {
			term := math.Abs(sw*r.qc[j]) * (math.Abs(r.d[j]) + r.lse)
			loss.want += sw * r.qc[j] * (r.lse - r.d[j])
			total += term
			loss.tol += term*termShare + math.Abs(sw*r.qc[j])*(termShare+float64(n+2)*roundoff)
		}
		w.gradRow(c, i, &r, sw)
	}
	loss.tol += sumBound(0, m*n, total).tol
	if c.Loss.Present() {
		w.want(&c.Loss, 0, 0, w.chain(c.Then, loss, place{0, 0, 1}))
	}
	if c.Correct.Present() {
		w.want(&c.Correct, 0, 0, bound{want: float64(correct)})
	}
}

// softRow is a row of logits against its target.
type softRow struct {
	d, qc       []float64 // logit − largest, target · class weight
	lse, mass   float64   // log Σ exp d, Σ qc
	top, answer int       // the first largest logit and target
}

// xentRow looks at row i; it counts for nothing if its label is out of range.
func (w *world) xentRow(c *backend.Xent, i int) (r softRow, counts bool) {
	n := c.Logits.Cols
	q := make([]float64, n)
	if c.Label.Present() {
		label := w.getInt(&c.Label, i, 0)
		if uint64(label) >= uint64(n) {
			return r, false
		}
		for j := range q {
			q[j] = float64(c.Smooth) / float64(n)
		}
		q[label] += 1 - float64(c.Smooth)
		r.answer = int(label)
	} else {
		for j := range q {
			q[j] = w.get(&c.Target, i, j)
			if q[j] > q[r.answer] {
				r.answer = j
			}
		}
	}
	x := make([]float64, n)
	for j := range x {
		x[j] = w.get(&c.Logits, i, j)
		if x[j] > x[r.top] {
			r.top = j
		}
	}
	sum := 0.0
	for j := range x {
		r.d = append(r.d, x[j]-x[r.top])
		sum += math.Exp(r.d[j])
		if c.Class.Present() {
			q[j] *= w.get(&c.Class, 0, j)
		}
		r.mass += q[j]
	}
	r.qc, r.lse = q, math.Log(sum)
	return r, true
}

// gradRow notes row i of the gradient: zeros where r is nil.
func (w *world) gradRow(c *backend.Xent, i int, r *softRow, sw float64) {
	if !c.Grad.Present() {
		return
	}
	n := c.Logits.Cols
	for j := range n {
		if r == nil {
			w.want(&c.Grad, i, j, bound{})
			continue
		}
		p := math.Exp(r.d[j] - r.lse)
		a, b := sw*p*r.mass, sw*r.qc[j]
		s := math.Max(math.Abs(a), math.Abs(b))
		tol := share(a-b, s) + (float64(n+2)+math.Abs(r.d[j]))*roundoff*s
		// Below the least normal float32 an exponential is lost, whatever it is multiplied with.
		w.want(&c.Grad, i, j, bound{a - b, tol + smallest*math.Abs(sw*r.mass)})
	}
}
