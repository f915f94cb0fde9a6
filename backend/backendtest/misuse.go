package backendtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// mustMisuse wants f to panic with a Misuse of that call whose text holds every fragment.
func mustMisuse(t testing.TB, f func(), call string, fragments ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		r := recover()
		err, _ := r.(error)
		var m *backend.Misuse
		if !errors.As(err, &m) {
			t.Errorf("%s %q: panic %v, want a Misuse", call, fragments, r)
			return
		}
		if m.Call != call {
			t.Errorf("misuse of %s, want %s: %v", m.Call, call, err)
		}
		for _, s := range append(fragments, "backend: "+call+": ") {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%q does not say %q", err, s)
			}
		}
	}()
	f()
}

// testMisuse makes wrong calls. Each panics at the door, before the right call that stands before it is queued.
func (s *suite) testMisuse(t *testing.T) {
	w := newWorld(t, s.device())
	e := newBench(w)
	good := &backend.Each{Dst: e.sum, Do: backend.Chain{backend.Fill(1)}}
	for _, c := range wrongCalls {
		t.Run(c.name, func(t *testing.T) {
			bad := c.make(e)
			fragments := append([]string{}, c.says...)
			bad.Walk(func(o backend.Operand) { // every operand is named with its shape
				fragments = append(fragments, o.Role.String()+" "+o.Tensor.String())
			})
			mustMisuse(t, func() { backend.Do(w.b, good, bad) }, bad.Name(), fragments...)
			mustMisuse(t, func() {
				backend.Record(w.b, backend.Step{Calls: []backend.Call{good, bad}, Steps: 2})
			}, bad.Name(), fragments...)
		})
	}
	for _, c := range wrongSteps {
		t.Run(c.name, func(t *testing.T) {
			st := c.make(e)
			last := st.Calls[len(st.Calls)-1]
			mustMisuse(t, func() { backend.Record(w.b, st) }, last.Name(), c.says...)
		})
	}
	t.Run("transfers", func(t *testing.T) { wrongTransfers(t, w, e) })
	w.check("after misuse")
}

// A bench holds operands for wrong calls.
type bench struct {
	a, b, d  backend.Tensor // 3×4, 4×5, 3×5
	wide     backend.Tensor // 3×40
	bias     backend.Tensor // 1×5
	sum, one backend.Tensor // 1×1
	label    backend.Tensor // 3×1 U32
	key      backend.Tensor // 1×4 U32
	image    backend.Tensor // 3×5 U8
	many     [9]backend.Tensor
}

func newBench(w *world) *bench {
	f := func(m, n int) backend.Tensor { return w.floats(m, n, normal(1)) }
	e := &bench{a: f(3, 4), b: f(4, 5), d: f(3, 5), wide: f(3, 40), bias: f(1, 5), sum: f(1, 1), one: f(1, 1),
		label: w.ints(3, 1, labels(5, false)), key: w.rowInts(1, 2, 3, 4), image: w.bytes(3, 5)}
	for i := range e.many {
		e.many[i] = f(3, 5)
	}
	return e
}

func wrongTransfers(t *testing.T, w *world, e *bench) {
	b, f := w.b, e.d.Buf
	n := f.Len()
	for _, off := range []int{-1, n, n + 1} {
		mustMisuse(t, func() { backend.Write(b, f, off, []float32{1}) }, "Write", "elements")
		mustMisuse(t, func() { backend.Read(b, make([]float32, 1), f, off) }, "Read", "elements")
	}
	mustMisuse(t, func() { backend.Read(b, make([]float32, n+1), f, 0) }, "Read", "elements 0 to")
	mustMisuse(t, func() { backend.Write(b, f, 0, []uint32{1}) }, "Write", "U32", "F32")
	mustMisuse(t, func() { backend.Read(b, make([]uint8, 1), e.label.Buf, 0) }, "Read", "U8", "U32")
	mustMisuse(t, func() { backend.Write(b, nil, 0, []float32{1}) }, "Write", "nil")
	mustMisuse(t, func() { backend.Alloc(b, backend.F32, -1) }, "Alloc", "-1")
	mustMisuse(t, func() { backend.Alloc(b, backend.Kind(9), 1) }, "Alloc")
}
