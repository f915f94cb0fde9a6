package cpu

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
)

// An xent goes over each row once; chunks of rows keep their share of the loss, and the shares are added in order.
type xent struct {
	call                          *backend.Xent
	m, n                          int
	logits, target, weight, class operand
	scale, loss, grad, correct    operand
	then                          *chain
	label                         []uint32
	factor                        float64 // what Scale holds
	rows                          int     // rows make a chunk
	part                          []xentPart
}

type xentPart struct {
	loss    float64
	correct int
	_       [48]byte // a line of the cache each
}

func newXent(c *backend.Xent) *xent {
	m, n := c.Logits.Rows, c.Logits.Cols
	x := &xent{
		call: c, m: m, n: n,
		logits: whole(&c.Logits), target: whole(&c.Target), weight: whole(&c.Weight), class: whole(&c.Class),
		scale: whole(&c.Scale), loss: whole(&c.Loss), grad: whole(&c.Grad), correct: whole(&c.Correct),
		then: compile(c.Then, 1, 1),
		rows: max(1, 512/n),
	}
	x.part = make([]xentPart, pieces(m, x.rows))
	return x
}

func (x *xent) run(e *exec, at backend.At) {
	for _, o := range [...]*operand{&x.logits, &x.target, &x.weight, &x.class, &x.scale, &x.loss, &x.grad, &x.correct} {
		o.place(at)
	}
	x.then.place(at)
	x.label, x.factor = nil, 1
	if x.call.Label.Present() {
		x.label = integers(&x.call.Label, at)
	}
	if x.scale.reach != absent {
		x.factor = float64(x.scale.data[0])
	}
	e.share(x, len(x.part), float64(x.m*x.n)*8)
	loss, correct := 0.0, 0
	for i := range x.part {
		loss += x.part[i].loss
		correct += x.part[i].correct
	}
	if x.loss.reach != absent {
		v := e.s.v[:1]
		v[0] = float32(loss)
		x.loss.data[0] = x.then.run(&e.s, v, 0, 0, 0)[0]
	}
	if x.correct.reach != absent {
		x.correct.data[0] = float32(correct)
	}
}

func (x *xent) chunk(s *scratch, c int) {
	p := xentPart{}
	for i := c * x.rows; i < min((c+1)*x.rows, x.m); i++ {
		loss, hit := x.row(s, i)
		p.loss += loss
		if hit {
			p.correct++
		}
	}
	x.part[c] = p
}

// row is the loss of row i, and whether its largest logit is where it should be; it leaves the row's gradient.
func (x *xent) row(s *scratch, i int) (loss float64, hit bool) {
	z := x.logits.data[i*x.logits.stride:][:x.n]
	var g []float32
	if x.grad.reach != absent {
		g = x.grad.data[i*x.grad.stride:][:x.n]
	}
	t := xentTarget{x: x, label: -1}
	if x.label != nil {
		label := x.label[i*x.call.Label.RowStride()]
		if uint64(label) >= uint64(x.n) {
			clear(g)
			return 0, false
		}
		t.label = int(label)
	} else {
		t.soft = x.target.data[i*x.target.stride:][:x.n]
	}
	w := x.factor
	if x.weight.reach != absent {
		w *= float64(x.weight.data[i*x.weight.stride])
	}
	top := largest(z)
	shift, sum := z[top], 0.0
	for lo := 0; lo < x.n; lo += blockLen {
		sum += x.exponentials(s, z, lo, shift)
	}
	l, mass := t.loss(z, float64(shift), math.Log(sum))
	if g != nil {
		for lo := 0; lo < x.n; lo += blockLen {
			if x.n > blockLen { // else they are still there
				x.exponentials(s, z, lo, shift)
			}
			t.gradient(g, s.v[:min(blockLen, x.n-lo)], lo, w, mass/sum)
		}
	}
	return w * l, t.hit(top)
}

// exponentials leaves exp(z − shift) from class lo on in s.v, as many as a block holds, and returns their sum.
func (x *xent) exponentials(s *scratch, z []float32, lo int, shift float32) float64 {
	z = z[lo:min(lo+blockLen, x.n)]
	return f32.ExpSum(s.v[:len(z)], z, shift)
}

// largest is the place of the first maximum; NaN is none. Pieces keep a call of the assembly short.
func largest(z []float32) int {
	const piece = 1 << 16
	best, at := float32(math.Inf(-1)), 0
	for lo := 0; lo < len(z); lo += piece {
		if top, i := f32.Largest(z[lo:min(lo+piece, len(z))]); top > best {
			best, at = top, lo+i
		}
	}
	return at
}

// An xentTarget is what a row ought to be.
type xentTarget struct {
	x     *xent
	label int // −1 where the target is soft
	soft  []float32
}

func (t *xentTarget) hit(top int) bool {
	if t.label >= 0 {
		return top == t.label
	}
	return top == largest(t.soft)
}

// weighted is the target's probability of class j times the class' weight.
func (t *xentTarget) weighted(j int) float64 {
	q := 0.0
	if t.label < 0 {
		q = float64(t.soft[j])
	} else {
		s := float64(t.x.call.Smooth)
		q = s / float64(t.x.n)
		if j == t.label {
			q += 1 - s
		}
	}
	if t.x.class.reach != absent {
		q *= float64(t.x.class.data[j])
	}
	return q
}

// loss is −Σ weighted(j)·log p(j), and Σ weighted(j).
func (t *xentTarget) loss(z []float32, shift, logSum float64) (l, mass float64) {
	if t.label >= 0 && t.x.call.Smooth == 0 { // all weight on one class
		mass = t.weighted(t.label)
		return -mass * (float64(z[t.label]) - shift - logSum), mass
	}
	for j, v := range z {
		q := t.weighted(j)
		mass += q
		l -= q * (float64(v) - shift - logSum)
	}
	return l, mass
}

// gradient leaves w·(p·mass − weighted) from class lo on: e·scale is p·mass.
func (t *xentTarget) gradient(g, e []float32, lo int, w, scale float64) {
	if t.label >= 0 && t.x.call.Smooth == 0 {
		f32.Scaled(g[lo:lo+len(e)], e, float32(w*scale))
		if j := t.label - lo; j >= 0 && j < len(e) {
			g[t.label] = float32(w * (float64(e[j])*scale - t.weighted(t.label)))
		}
		return
	}
	for j, v := range e {
		g[lo+j] = float32(w * (float64(v)*scale - t.weighted(lo+j)))
	}
}
