package backendtest

import "github.com/gloss-ml/gloss/backend"

// predict notes what a call has to do, from what the tensors hold now. Each call's part of it stands beside its tests.
func (w *world) predict(call backend.Call) {
	w.t.Helper()
	switch c := call.(type) {
	case *backend.Each:
		w.each(c)
	case *backend.MatMul:
		w.matMul(c)
	case *backend.Reduce:
		w.reduce(c)
	case *backend.Xent:
		w.xent(c)
	case *backend.Gather:
		w.gather(c)
	case *backend.Scatter:
		w.scatter(c)
	case *backend.Permute:
		w.permute(c)
	default:
		w.t.Fatalf("no expectation for %T", call)
	}
}

func (w *world) each(c *backend.Each) {
	for i := range c.Dst.Rows {
		for j := range c.Dst.Cols {
			v := w.chain(c.Do, bound{}, place{i, j, c.Dst.Cols})
			if c.Dst.Present() {
				w.want(&c.Dst, i, j, v)
			}
		}
	}
}

// run predicts the calls, none of which may read what another writes, has the device do them, and checks.
func (w *world) run(what string, calls ...backend.Call) {
	w.t.Helper()
	for _, c := range calls {
		w.predict(c)
	}
	backend.Do(w.b, calls...)
	w.check(what)
}

// runEdges is run, accepting what a device makes of subnormals.
func (w *world) runEdges(what string, c backend.Call) {
	w.t.Helper()
	for i, f := range flushes {
		w.flush, w.again = f, i > 0
		w.predict(c)
	}
	w.flush, w.again = flushes[0], false
	backend.Do(w.b, c)
	w.check(what)
}
