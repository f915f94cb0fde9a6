package backendtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/cpu"
)

// faulty is a device that computes one call in so many wrong, at one element.
type faulty struct {
	backend.Backend
	wrong int // the number of the call
	calls int
	spoil func(backend.Backend, backend.Call)
}

func (f *faulty) Do(c backend.Call, at backend.At) {
	f.Backend.Do(c, at)
	if f.calls++; f.calls == f.wrong {
		f.spoil(f.Backend, c)
	}
}

// listener keeps the errors.
type listener struct {
	testing.TB
	errors []string
}

func (l *listener) Helper()      {}
func (l *listener) Failed() bool { return len(l.errors) > 0 }
func (l *listener) Errorf(format string, args ...any) {
	l.errors = append(l.errors, fmt.Sprintf(format, args...))
}

// TestChecked: a right device passes, programs too, and of a wrong one the call is named that was wrong first.
func TestChecked(t *testing.T) {
	train := func(b backend.Backend) {
		buf := func(n int) *backend.Buffer {
			x, err := backend.Alloc(b, backend.F32, n)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		x, w, y, g := buf(20), buf(12), buf(15*4), buf(12)
		label, err := backend.Alloc(b, backend.U32, 5)
		if err != nil {
			t.Fatal(err)
		}
		backend.Write(b, x, 0, []float32{1, 2, 3, -4, 5, 0.5, 1, 2, -1, 0, 3, 1, 1, -2, 0.25, 3, 1, 1, 1, 1})
		backend.Write(b, w, 0, []float32{0.5, -1, 0.25, 1, 2, 0.125, -0.5, 1, 1, 0.25, 0.75, -1})
		backend.Write(b, label, 0, []uint32{0, 2, 1, 1, 7})
		in, weights, out := backend.Mat(x, 0, 5, 4), backend.Mat(w, 0, 4, 3), backend.Mat(y, 0, 5, 3).Advanced(15)
		p, err := backend.Record(b, backend.Step{Steps: 3, Calls: []backend.Call{
			&backend.MatMul{Dst: out, A: in, B: weights},
			&backend.Xent{Logits: out, Label: backend.Mat(label, 0, 5, 1), Grad: out},
			&backend.MatMul{Dst: backend.Mat(g, 0, 4, 3), A: in, B: out, TransA: true},
			&backend.Each{Dst: weights, Do: backend.Chain{backend.Load(weights), backend.Axpy(-0.1, backend.Mat(g, 0, 4, 3))}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		p.Run(3)
	}
	dev := cpu.Open()
	defer dev.Close()
	l := &listener{}
	train(backendtest.Checked(l, dev))
	if len(l.errors) > 0 {
		t.Errorf("a right device: %v", l.errors)
	}
	for name, c := range map[string]struct {
		wrong int
		spoil func(backend.Backend, backend.Call)
		want  []string
	}{
		"a product": {5, func(b backend.Backend, c backend.Call) {
			backend.Write(b, c.(*backend.MatMul).Dst.Buf, 15+7, []float32{9})
		}, []string{"MatMul Dst 5×3 at 15, A 5×4, B 4×3", "(2, 1) is 9, want"}},
		"what was not to be written": {7, func(b backend.Backend, c backend.Call) {
			backend.Write(b, c.(*backend.MatMul).A.Buf, 3, []float32{8})
		}, []string{"MatMul Dst 4×3, A 5×4", "(0, 3) changed from -4 to 8"}},
	} {
		l := &listener{}
		train(backendtest.Checked(l, &faulty{Backend: dev, wrong: c.wrong, spoil: c.spoil}))
		for _, want := range c.want {
			if len(l.errors) != 1 || !strings.Contains(l.errors[0], want) {
				t.Errorf("%s: %q\nwant one error with %q", name, l.errors, want)
			}
		}
	}
}
