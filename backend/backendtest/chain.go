package backendtest

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// exact are the ops that choose among their operands: nothing is rounded.
var exact = map[string]bool{
	"load": true, "fill": true, "keep": true, "guard": true, "clamp": true, "clamp_grad": true, "drop": true,
	"relu": true, "relu_grad": true, "abs": true, "abs_grad": true,
}

// place is an element of a domain.
type place struct{ i, j, cols int }

// chain sends v through a chain's definitions as one element, notes what the ops write, and returns the result with
// what it may be off by: each op's own share, and what the op makes of its input's error.
func (w *world) chain(c backend.Chain, v bound, at place) bound {
	for n := range c {
		v = w.link(&c[n], v, at)
	}
	return v
}

func (w *world) link(f *backend.Fn, v bound, at place) bound {
	in := w.element(f, v.want, at)
	e := &w.seen[0]
	*e = in
	f.Op.F(e)
	out := bound{e.V, share(e.V, e.S)}
	var tol [backend.MaxArgs]float64
	for a := range f.Op.Args {
		tol[a] = share(e.A[a], e.SA[a])
		if e.SA[a] == 0 && e.A[a] == in.A[a] {
			tol[a] = 0 // the op left it alone
		}
	}
	if exact[f.Op.Name] {
		out.tol, tol = 0, [backend.MaxArgs]float64{}
	}
	if v.tol > 0 {
		lo, hi := &w.seen[1], &w.seen[2]
		*lo, *hi = w.element(f, v.want-v.tol, at), w.element(f, v.want+v.tol, at)
		f.Op.F(lo)
		f.Op.F(hi)
		out.tol += apart(e.V, lo.V, hi.V)
		for a := range f.Op.Args {
			tol[a] += apart(e.A[a], lo.A[a], hi.A[a])
		}
	}
	for a := range f.Op.Args {
		if r := f.Op.Args[a]; r == 'w' || r == 'm' {
			w.want(&f.Arg[a], at.i, at.j, bound{e.A[a], tol[a]})
		}
	}
	return out
}

// element is what the op's definition sees.
func (w *world) element(f *backend.Fn, v float64, at place) backend.El {
	e := backend.El{V: w.flush(v), P: f.Params(), Row: at.i, Col: at.j, Index: uint64(at.i)*uint64(at.cols) + uint64(at.j)}
	for a := range f.Op.Args {
		t := &f.Arg[a]
		switch f.Op.Args[a] {
		case 'r', 'm':
			e.A[a] = w.get(t, at.i, at.j)
		case 'c':
			for l := range t.Cols {
				e.C = append(e.C, float64(w.blocks[t.Buf].f[t.Off+l]))
			}
		case 'k':
			copy(e.K[:], w.blocks[t.Buf].u[t.Off:])
		}
	}
	return e
}

func apart(x, lo, hi float64) float64 { return math.Max(math.Abs(lo-x), math.Abs(hi-x)) }
