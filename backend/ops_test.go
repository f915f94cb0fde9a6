package backend

import (
	"math"
	"testing"
)

// The suite compares devices with the definitions, so somebody has to say that those are right: values from the
// formulas, worked out elsewhere.
func TestDefinitions(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		f       Fn
		v, a, y float64
	}{
		{Load(Tensor{}), 7, 2, 2}, {Fill(1.5), 7, 0, 1.5},
		{Add(Tensor{}), 7, 2, 9}, {Sub(Tensor{}), 7, 2, 5}, {Mul(Tensor{}), 7, 2, 14}, {Div(Tensor{}), 7, 2, 3.5},
		{Axpy(-3, Tensor{}), 7, 2, 1}, {Affine(2, 0.5), 7, 0, 14.5},
		{Clamp(-1, 2), 7, 0, 2}, {Clamp(-1, 2), -7, 0, -1}, {Clamp(-1, 2), 0.5, 0, 0.5}, {Clamp(-1, 2), nan, 0, nan},
		{Square(), -3, 0, 9}, {Abs(), -3, 0, 3}, {Sqrt(), 9, 0, 3}, {Exp(), 2, 0, math.E * math.E}, {Log(), math.E, 0, 1}, {Recip(), 4, 0, 0.25},
		{ReLU(), 3, 0, 3}, {ReLU(), -3, 0, 0}, {ReLU(), nan, 0, nan}, {ReLU(), inf, 0, inf},
		{Tanh(), 0.5, 0, 0.46211715726000974}, {Sigmoid(), 0.5, 0, 0.6224593312018546}, {Sigmoid(), -1e4, 0, 0},
		{GELU(), 1, 0, 0.8413447460685429}, {GELU(), -0.5, 0, -0.15426876936299344},
		{Gradient(GELU(), Tensor{}, Tensor{}), 1, 1, 1.0833154705876864},
		{Gradient(GELU(), Tensor{}, Tensor{}), 2, -0.5, 2 * 0.13250487534383712},
		{GELUTanh(), 1, 0, 0.84119199060827670}, {GELUTanh(), -1e38, 0, 0}, {GELUTanh(), 1e38, 0, 1e38}, {GELUTanh(), inf, 0, inf},
		{SiLU(), 1, 0, 0.73105857863000488}, {Mish(), 1, 0, 0.86509838826731034}, {Mish(), 1e38, 0, 1e38}, {Mish(), -1e38, 0, 0},
		{Softplus(1, 20), 1, 0, 1.3132616875182228}, {Softplus(2, 20), 0.5, 0, 0.6566308437591114}, {Softplus(1, 20), 1e38, 0, 1e38},
		{Softplus(1, 0.5), 0.75, 0, 0.75}, {Softplus(1, 20), -1e38, 0, 0}, {Softplus(1, 20), nan, 0, nan}, {Softplus(1, 20), inf, 0, inf},
		{LogSigmoid(), 1, 0, -0.31326168751822286}, {LogSigmoid(), -1e38, 0, -1e38}, {LogSigmoid(), inf, 0, 0},
		{Softsign(), -3, 0, -0.75}, {Softsign(), 1e38, 0, 1}, {LeakyReLU(0.25), -3, 0, -0.75}, {LeakyReLU(0.25), 3, 0, 3},
		{LeakyReLU(0.25), nan, 0, nan}, {PReLU(Tensor{}), -3, -2, 6}, {PReLU(Tensor{}), 3, -2, 3},
		{ELU(2), -1, 0, -1.2642411176571153}, {ELU(2), 3, 0, 3}, {ELU(2), -inf, 0, -2}, {ELU(1), -1e-20, 0, -1e-20},
		{CELU(2), -1, 0, -0.78693868057473315}, {Hardswish(), 1, 0, 2. / 3}, {Hardswish(), -4, 0, 0}, {Hardswish(), 1e38, 0, 1e38},
		{Hardsigmoid(), 1, 0, 2. / 3}, {Hardsigmoid(), -4, 0, 0}, {Hardsigmoid(), 4, 0, 1}, {Hardsigmoid(), nan, 0, nan},
		{Clamp(0, 6), 7, 0, 6}, {Clamp(0, 6), nan, 0, nan},
	} {
		e := El{V: c.v, P: c.f.Params()}
		e.A[0] = c.a
		c.f.Op.F(&e)
		if !(math.Abs(e.V-c.y) <= 1e-14*math.Abs(c.y)) && !(c.y != c.y && e.V != e.V) && e.V != c.y {
			t.Errorf("%s of %v and %v is %v, want %v", c.f.Op.Name, c.v, c.a, e.V, c.y)
		}
	}
}

// SELU's constants are float32 in a kernel.
func TestSELU(t *testing.T) {
	for x, want := range map[float64]float64{1: 1.0507009873554804, -1: -1.1113307378125625, -100: -1.7580993408473766} {
		if got := value(SELU(), x); !(math.Abs(got-want) <= 1e-7) {
			t.Errorf("selu(%v) is %v, want %v", x, got, want)
		}
	}
}

// AlphaDropout's chain is the paper's: a·(x or −scale·alpha) + b, on the way back a·mask.
func TestAlphaDropout(t *testing.T) {
	const p, limit = 0.25, 1.7580993408473766
	a := 1 / math.Sqrt((limit*limit*p+1)*(1-p))
	forward, grad := AlphaDropout(p, 5, Tensor{})
	run := func(c Chain, v float64, i uint64) float64 {
		for _, f := range c {
			e := El{V: v, P: f.Params(), K: [4]uint32{1, 2, 3, 4}, Index: i}
			f.Op.F(&e)
			v = e.V
		}
		return v
	}
	for i := range uint64(100) {
		want, slope := a*3+a*limit*p, a
		if Uniform(Bits([4]uint32{1, 2, 3, 4}, 5, i)) < p {
			want, slope = -a*limit*(1-p), 0
		}
		if y, dx := run(forward, 3, i), run(grad, 1, i); !(math.Abs(y-want) <= 1e-6 && math.Abs(dx-slope) <= 1e-6) {
			t.Fatalf("element %d: %v with gradient %v, want %v and %v", i, y, dx, want, slope)
		}
	}
}

func TestKeepAndGuard(t *testing.T) {
	e := El{V: 3}
	opKeep.F(&e)
	if e.V != 3 || e.A[0] != 3 {
		t.Errorf("keep: %v, %v", e.V, e.A[0])
	}
	for _, c := range []struct{ v, ok, want float64 }{
		{1, 1, 1}, {1, 0, 0}, {math.NaN(), 1, 0}, {math.Inf(1), 1, 0}, {math.Inf(-1), 1, 0}, {-3e38, 1, 1}, {3.5e38, 1, 0}, {-3.5e38, 1, 0},
	} {
		e := El{V: c.v}
		e.A[0] = c.ok
		opGuard.F(&e)
		if e.A[0] != c.want || e.V != c.v && c.v == c.v {
			t.Errorf("guard of %v makes %v of %v, want %v", c.v, e.A[0], c.ok, c.want)
		}
	}
}

// Three steps of PyTorch's rules with gradients 0.5, −0.25, 0.125 from weight 1, rate 0.1.
func TestOptimizers(t *testing.T) {
	gradients := []float64{0.5, -0.25, 0.125}
	run := func(op *Op, consts func(t float64) []float64) El {
		var e El
		e.A[0], e.A[1] = 1, 1
		for i, g := range gradients {
			e.V, e.C = g, consts(float64(i+1))
			op.F(&e)
			if e.V != g {
				t.Errorf("%s has changed the gradient", op.Name)
			}
		}
		return e
	}
	near := func(what string, got, want float64) {
		if !(math.Abs(got-want) <= 1e-14) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	e := run(opSGD, func(float64) []float64 { return []float64{0.1, 0.5} })
	near("sgd's weight", e.A[1], ((1*0.5-0.05)*0.5+0.025)*0.5-0.0125)

	momentum := func(tau, nesterov float64) func(float64) []float64 {
		return func(t float64) []float64 {
			if t == 1 {
				return []float64{0.1, 1, 0.9, 1, nesterov}
			}
			return []float64{0.1, 1, 0.9, tau, nesterov}
		}
	}
	e = run(opMomentum, momentum(1, 0))
	near("momentum's weight", e.A[1], 0.8995)
	near("momentum's buffer", e.A[2], 0.305)
	e = run(opMomentum, momentum(0.8, 0))
	near("damped momentum's weight", e.A[1], 0.8925)
	near("damped momentum's buffer", e.A[2], 0.325)

	e = run(opMomentum, momentum(1, 1))
	near("Nesterov's weight", e.A[1], 0.87205)
	near("Nesterov's buffer", e.A[2], 0.305)

	adam := func(t float64) []float64 {
		b1, b2 := 0.9, 0.999
		return []float64{0.1 / (1 - math.Pow(b1, t)), 1 / math.Sqrt(1-math.Pow(b2, t)), 1e-8, 1 - 0.1*0.01, b1, 1 - b1, b2, 1 - b2}
	}
	e = run(opAdam, adam)
	near("adam's weight", e.A[1], 0.8365529176159483)
	near("adam's m", e.A[2], 0.0305)
	near("adam's v", e.A[3], 0.0003275627500000003)
}

// Where ok is 0 an optimizer changes nothing, whatever the gradient.
func TestOptimizersHold(t *testing.T) {
	for _, op := range optimizerOps {
		for _, g := range []float64{1, math.NaN(), math.Inf(1)} {
			e := El{V: g, C: make([]float64, op.Consts)}
			e.A = [MaxArgs]float64{0, 1, 2, 3}
			for i := range e.C {
				e.C[i] = math.NaN()
			}
			op.F(&e)
			if e.A != [MaxArgs]float64{0, 1, 2, 3} {
				t.Errorf("%s of %v has made %v", op.Name, g, e.A)
			}
		}
	}
}

func TestDropoutDefinition(t *testing.T) {
	key, kept := [4]uint32{1, 2, 3, 4}, 0
	const n = 4000
	for i := range uint64(n) {
		e := El{V: 3, P: [4]float64{0.25, 5}, K: key, Index: i}
		opDropout.F(&e)
		want := 4.0
		if Uniform(Bits(key, 5, i)) < 0.25 {
			want = 0
		} else {
			kept++
		}
		if e.V != want {
			t.Fatalf("element %d is %v, want %v", i, e.V, want)
		}
	}
	if kept < n*3/4-150 || kept > n*3/4+150 {
		t.Errorf("%d of %d are kept", kept, n)
	}
}
