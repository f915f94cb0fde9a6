package backendtest

import (
	"fmt"
	"math"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// check reads every buffer and compares it with what it has to hold, which becomes what the next calls see.
func (w *world) check(what string) {
	w.t.Helper()
	for n, k := range w.order {
		var wrong []string
		switch k.buf.Kind() {
		case backend.F32:
			wrong = k.checkFloats(w)
		case backend.U32:
			got := make([]uint32, len(k.u))
			w.must(backend.Read(w.b, got, k.buf, 0))
			wrong = differ(k, got, k.u)
			k.u = got
		case backend.U8:
			got := make([]byte, len(k.c))
			w.must(backend.Read(w.b, got, k.buf, 0))
			wrong = differ(k, got, k.c)
			k.c = got
		}
		for i, s := range wrong {
			if i == 4 {
				w.t.Errorf("%s: … and %d more", what, len(wrong)-i)
				break
			}
			w.t.Errorf("%s: buffer %d (%v): %s", what, n, &k.t, s)
		}
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (k *block) checkFloats(w *world) (wrong []string) {
	w.t.Helper()
	got := make([]float32, len(k.f))
	w.must(backend.Read(w.b, got, k.buf, 0))
	for p, g := range got {
		if k.known == nil || !k.known[p] {
			// A signed zero or a subnormal that nobody wrote keeps its bits as well.
			if math.Float32bits(g) != math.Float32bits(k.f[p]) && !(g != g && k.f[p] != k.f[p]) {
				wrong = append(wrong, fmt.Sprintf("%s changed from %v to %v", k.where(p), k.f[p], g))
			}
			continue
		}
		if b := k.expect[p]; !b.holds(g) && !slices.ContainsFunc(k.others[p], func(o bound) bool { return o.holds(g) }) {
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %v ± %.3g (was %v)", k.where(p), g, b.want, b.tol, k.f[p]))
		}
	}
	k.f, k.expect, k.known, k.others = got, nil, nil, nil
	return wrong
}

func differ[T backend.Elem](k *block, got, want []T) (wrong []string) {
	for p := range got {
		if got[p] != want[p] {
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", k.where(p), got[p], want[p]))
		}
	}
	return wrong
}

// where names an element by its place in the block's tensor, or as a guard.
func (k *block) where(p int) string {
	s, q := k.t.RowStride(), p-k.t.Off
	if q >= 0 && s > 0 && q/s < k.t.Rows && q%s < k.t.Cols {
		return fmt.Sprintf("(%d, %d)", q/s, q%s)
	}
	return fmt.Sprintf("the guard at %d", p)
}
