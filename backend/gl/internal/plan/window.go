package plan

import (
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// extent is one axis of a call's domain: n long, of which a launch visits lo up to, not including, hi.
type extent struct{ n, lo, hi int }

func whole(n int) extent { return extent{n, 0, n} }

func (e extent) len() int { return e.hi - e.lo }

// first and last say whether the launch visits the axis' ends: sums over it start and end there.
func (e extent) first() bool { return e.lo == 0 }
func (e extent) last() bool  { return e.hi == e.n }

func (e extent) all() bool { return e.first() && e.last() }

// An axis names one of a window's extents.
type axis int

const (
	fixed axis = iota - 1 // an axis that is visited whole
	rows
	cols
	deep  // what is added up to one element of the result; for a Reduce its parts
	inner // within that: the rows of a Gather's table, the length of a Reduce's part
	axes
)

// window is the part of a call's domain that a launch visits. A call whose operands lie in buffers that the device does not
// bind whole, or that would keep the device busy for too long, is cut in several.
type window [axes]extent

// cuttable is the length at which halves begin at multiples of it: tiles, groups and words stay whole.
const cuttable = 256

// halve cuts the window in two along an axis, and reports whether it is long enough.
func (w window) halve(a axis) (lo, hi window, ok bool) {
	e := w[a]
	if e.len() < 2 {
		return w, w, false
	}
	half := e.len() / 2
	if half > cuttable {
		half -= half % cuttable
	}
	lo, hi = w, w
	lo[a].hi, hi[a].lo = e.lo+half, e.lo+half
	return lo, hi, true
}

// wide is what a builder panics with where a window has to be cut: along the first of the axes that is long enough.
type wide struct {
	along []axis
	err   error // what is wrong if none is
}

// Work is about what a launch has to do.
type Work struct{ MultiplyAdds, Bytes float64 }

// cut builds the launches of a call, one after another along every axis. work says what a window costs, along which axes it
// may be cut where that is too much.
func cut(w window, env *Env, work func(window) Work, along []axis, build func(window) Launch) []Launch {
	if env.TooLong != nil && env.TooLong(work(w)) {
		longest := along[0]
		for _, a := range along {
			if w[a].len() > w[longest].len() {
				longest = a
			}
		}
		if w[longest].len() > cuttable {
			lo, hi, _ := w.halve(longest)
			return append(cut(lo, env, work, along, build), cut(hi, env, work, along, build)...)
		}
	}
	l, too := attempt(w, build)
	if too == nil {
		if work != nil {
			l.work = work(w)
		}
		return []Launch{l}
	}
	for _, a := range too.along {
		if a == fixed {
			continue
		}
		if lo, hi, ok := w.halve(a); ok {
			return append(cut(lo, env, work, along, build), cut(hi, env, work, along, build)...)
		}
	}
	panic(planError{too.err})
}

func attempt(w window, build func(window) Launch) (l Launch, too *wide) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case wide:
			too = &p
		default:
			panic(p)
		}
	}()
	return build(w), nil
}

// A Range is the part of a buffer that a launch binds, in bytes; the zero Range is all of it.
type Range struct{ Lo, Hi int }

// alignment is the most that OpenGL lets a driver ask of where a range begins.
const alignment = 256

// bind is the storage block for the bytes r of t's buffer. A buffer that the device does not bind whole is bound in parts,
// each as long as the launch's operands in it want; along says how to cut the window where an operand is too long for any.
func (b *builder) bind(name string, t *backend.Tensor, r Range, along []axis) int {
	if !b.env.large(t.Buf) {
		return b.binding(t.Buf, Range{})
	}
	r.Lo -= r.Lo % alignment
	r.Hi = max((r.Hi+3)&^3, r.Lo+4)
	if int64(r.Hi-r.Lo) > b.env.Block {
		panic(wide{along, tooFar{fmt.Errorf("%s, %v, covers %d bytes at once, over %d steps and %d models; shaders of this device see %d",
			name, t, r.Hi-r.Lo, max(1, b.env.Steps), b.env.batch(), b.env.Block)}})
	}
	return b.binding(t.Buf, r)
}

// tooFar is of an operand that no cut makes short enough.
type tooFar struct{ error }

// TooFar reports whether planning fewer steps at a time may help against err.
func TooFar(err error) bool { return errors.As(err, &tooFar{}) }

// large reports whether the device does not bind the buffer whole.
func (e *Env) large(b *backend.Buffer) bool {
	return e.Block > 0 && int64(b.Len())*int64(b.Kind().Size()) > e.Block
}

// reach is the range of elements that t covers over the env's steps and models.
func (e *Env) reach(t *backend.Tensor) (lo, hi int) { return t.Reach(e.At, e.Steps, e.Models) }
