package backendtest

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// RunOps is for whoever writes an op: it holds a backend to the op's float64 definition as [Run] does for the op
// table, at all lengths, edge values, broadcasts and places, with the parameters of fns; their operands are left absent.
// An op with a gradient has that checked too, and the pair by finite differences in float64. What a device may be off by
// follows from El.S: a definition that adds or subtracts and leaves S at 0 fails here by a few last places.
//
//	func TestMyOp(t *testing.T) {
//		backendtest.RunOps(t, func(t testing.TB) backend.Backend { return cpu.Open() }, backend.Fn{Op: myOp})
//	}
func RunOps(t *testing.T, open func(t testing.TB) backend.Backend, fns ...backend.Fn) {
	s := &suite{t: t, open: open}
	for _, f := range fns {
		t.Run(f.Op.Name, func(t *testing.T) {
			in := inputsOf(f.Op)
			in.p = f.P
			s.testOp(t, f.Op, in)
			if f.Op.Grad == nil {
				return
			}
			grad := inputsOf(f.Op.Grad)
			grad.follow(f, in.v)
			t.Run(f.Op.Grad.Name, func(t *testing.T) { s.testOp(t, f.Op.Grad, grad) })
			testPair(t, f)
		})
	}
	if s.b != nil {
		s.closeDown(s.b)
	}
}

// testPair compares a gradient with central differences of its op, away from 0, where ops have their kinks.
func testPair(t *testing.T, f backend.Fn) {
	value := func(op *backend.Op, v, operand float64) float64 {
		e := backend.El{V: v, P: f.Params()}
		e.A[0] = operand
		op.F(&e)
		return e.V
	}
	points := 0
	for m := 0.03; m < 12; m *= 1.37 {
		for _, x := range [2]float64{m, -m} {
			h := 1e-5 * math.Max(0.1, m)
			y := value(f.Op, x, 0)
			want := (value(f.Op, x+h, 0) - value(f.Op, x-h, 0)) / (2 * h)
			operand := y
			if f.Op.Wants == backend.WantX {
				operand = x
			}
			if math.IsNaN(want) || math.IsInf(want, 0) {
				continue // outside of the op's domain
			}
			points++
			if got := value(f.Op.Grad, 1, operand); !(math.Abs(got-want) <= 1e-6*(1+math.Abs(want))) {
				t.Errorf("%s at %v: the gradient is %v, differences give %v", f.Op.Name, x, got, want)
			}
		}
	}
	if points == 0 {
		t.Errorf("%s is defined at none of the points that its gradient is checked at", f.Op.Name)
	}
}
