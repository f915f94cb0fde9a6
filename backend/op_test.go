package backend

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestOpTable(t *testing.T) {
	name, args := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`), regexp.MustCompile(`^[rwmck]*$`)
	seen := map[string]bool{}
	for _, op := range Ops() {
		switch {
		case !name.MatchString(op.Name) || seen[op.Name]:
			t.Errorf("%q is no name, or not the only one", op.Name)
		case len(op.Args) > MaxArgs || !args.MatchString(op.Args):
			t.Errorf("%s: roles %q", op.Name, op.Args)
		case strings.Count(op.Args, "c") > 1 || strings.Count(op.Args, "k") > 1:
			t.Errorf("%s: an El has room for one row of constants and one key", op.Name)
		case strings.Contains(op.Args, "c") != (op.Consts > 0) || op.Consts > MaxConsts:
			t.Errorf("%s: %d constants for roles %q", op.Name, op.Consts, op.Args)
		case op.F == nil:
			t.Errorf("%s has no definition", op.Name)
		case (op.Grad == nil) != (op.Wants == WantNothing) && op.Grad == nil:
			t.Errorf("%s wants something for no gradient", op.Name)
		case op.GLSL != "":
			t.Errorf("%s: ops of the table have their GLSL in package shaders", op.Name)
		}
		seen[op.Name] = true
		if Find(op.Name) != op {
			t.Errorf("Find(%q) finds another op", op.Name)
		}
		if g := op.Grad; g != nil {
			want := map[Want]string{WantNothing: "", WantX: "r", WantY: "r"}[op.Wants]
			if op.Args != "" || g.Args != want || Find(g.Name) != g {
				t.Errorf("%s: gradient %s with roles %q", op.Name, g.Name, g.Args)
			}
		}
	}
	if Find("nothing of the kind") != nil {
		t.Error("Find finds what is not there")
	}
}

// Definitions read A for r and m alone and write it for w and m alone: devices move nothing else.
func TestOpRoles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, op := range Ops() {
		for range 100 {
			in := El{V: rng.Float64() + 0.1, P: [4]float64{0.5, 1, 2, 3}, C: make([]float64, op.Consts)}
			for i := range in.A {
				in.A[i] = rng.Float64() + 0.1
			}
			for i := range in.C {
				in.C[i] = rng.Float64()
			}
			blind := in
			for i := range blind.A {
				if i >= len(op.Args) || op.Args[i] != 'r' && op.Args[i] != 'm' {
					blind.A[i] = math.NaN()
				}
			}
			a, b := in, blind
			op.F(&a)
			op.F(&b)
			if a.V != b.V {
				t.Errorf("%s reads an operand that it has no role for", op.Name)
			}
			for i := range in.A {
				writes := i < len(op.Args) && (op.Args[i] == 'w' || op.Args[i] == 'm')
				if !writes && a.A[i] != in.A[i] {
					t.Errorf("%s writes operand %d, which has no role for that", op.Name, i)
				}
				if writes && a.A[i] != b.A[i] {
					t.Errorf("%s: operand %d depends on what is not read", op.Name, i)
				}
			}
			if !(a.S >= 0) || a.Row != 0 || a.Index != 0 {
				t.Errorf("%s: scale %v", op.Name, a.S)
			}
		}
	}
}

// parameters are tried in the checks of ops that have some.
var parameters = map[string][]Fn{
	"clamp":      {Clamp(-1.5, 2.5)},
	"softplus":   {Softplus(1, 20), Softplus(0.5, 8), Softplus(2, 40)},
	"leaky_relu": {LeakyReLU(0), LeakyReLU(0.01), LeakyReLU(2)},
	"elu":        {ELU(0), ELU(1), ELU(0.3), SELU(), CELU(1), CELU(2.5)},
}

// Every gradient is the derivative of its forward op: central differences in float64, whose error at this step is
// about 1e-10 for functions of moderate derivatives.
func TestGradients(t *testing.T) {
	pairs := 0
	for _, op := range Ops() {
		if op.Grad == nil {
			continue
		}
		pairs++
		fns := parameters[op.Name]
		if fns == nil {
			fns = []Fn{{Op: op}}
		}
		for _, f := range fns {
			differ(t, op.Name, func(x float64) float64 { return value(f, x) }, func(x, y, dy float64) float64 {
				g := Fn{Op: op.Grad, P: f.P}
				if op.Wants == WantX {
					return value(g, dy, x)
				}
				return value(g, dy, y)
			})
		}
	}
	for _, slope := range []float64{0.25, -0.5} {
		differ(t, "prelu", func(x float64) float64 { return value(PReLU(Tensor{}), x, slope) },
			func(x, _, dy float64) float64 { return value(PReLUGrad(Tensor{}, Tensor{}), dy, x, slope) })
	}
	for name, l := range map[string]PairLoss{
		"bce": BCE(Tensor{}, Tensor{}), "focal": Focal(Tensor{}, 0.25, 2), "focal without alpha": Focal(Tensor{}, -1, 0.5), "poisson": Poisson(Tensor{}, true),
		"poisson of rates": PoissonRate(Tensor{}, true, 1e-8), "gauss": Gauss(Tensor{}, Tensor{}, 1e-6, 0.5), "pinball": Pinball(Tensor{}, Tensor{}),
	} {
		for _, operands := range [][]float64{{1, 0.75}, {0, 2}, {0.3, 0.1}} {
			differ(t, name, func(x float64) float64 { return value(l.Loss, x, operands...) },
				func(x, _, ds float64) float64 {
					return value(l.Grad(Tensor{}), ds, append([]float64{x}, operands...)...)
				})
		}
	}
	if pairs < 20 {
		t.Errorf("%d pairs", pairs)
	}
}

// value is f of v and the operands a.
func value(f Fn, v float64, a ...float64) float64 {
	e := El{V: v, P: f.Params()}
	copy(e.A[:], a)
	f.Op.F(&e)
	return e.V
}

// differ compares grad with differences of f.
func differ(t *testing.T, name string, f func(x float64) float64, grad func(x, y, dy float64) float64) {
	t.Helper()
	for _, x := range gradientPoints(f) {
		for _, dy := range []float64{1, -2.5, 0} {
			h := 1e-5 * math.Max(0.1, math.Abs(x))
			want := dy * (f(x+h) - f(x-h)) / (2 * h)
			if got := grad(x, f(x), dy); !(math.Abs(got-want) <= 1e-7*(math.Abs(dy)+math.Abs(want))) {
				t.Errorf("%s at %v: gradient of %v is %v, differences give %v", name, x, dy, got, want)
			}
		}
	}
}

// gradientPoints are points of f's domain away from 0, where some ops have a kink or a pole.
func gradientPoints(f func(float64) float64) (x []float64) {
	for m := 0.03; m < 12; m *= 1.37 {
		for _, p := range []float64{m, -m} {
			if y := f(p); y == y {
				x = append(x, p)
			}
		}
	}
	return x
}

// At a kink the gradient is what PyTorch makes of it.
func TestGradientAtKinks(t *testing.T) {
	for _, c := range []struct {
		f       Fn
		x, want float64 // of dy = 3
	}{
		{ReLU(), 0, 0}, {Abs(), 0, 0}, {Clamp(-1, 2), -1, 0}, {Clamp(-1, 2), 2, 0}, {LeakyReLU(0.5), 0, 1.5}, {ELU(0.5), 0, 1.5}, {CELU(0.5), 0, 3},
		{Hardswish(), -3, 0}, {Hardswish(), 3, 3}, {Hardsigmoid(), -3, 0}, {Hardsigmoid(), 3, 0}, {Softsign(), 0, 3},
	} {
		operand := c.x
		if c.f.Op.Wants == WantY {
			operand = value(c.f, c.x)
		}
		if got := value(Fn{Op: c.f.Op.Grad, P: c.f.P}, 3, operand); !(math.Abs(got-c.want) <= 1e-15) {
			t.Errorf("%s has gradient %v at %v, want %v", c.f.Op.Name, got, c.x, c.want)
		}
	}
	if got := value(PReLUGrad(Tensor{}, Tensor{}), 3, 0, 0.5); got != 1.5 {
		t.Errorf("prelu has gradient %v at 0", got)
	}
}

func TestGradientOperand(t *testing.T) {
	x, y := Mat(&Buffer{n: 1}, 0, 1, 1), Mat(&Buffer{n: 2}, 0, 1, 1)
	if g := Gradient(Tanh(), x, y); g.Op != opTanhGrad || g.Arg[0].Buf != y.Buf {
		t.Errorf("tanh's gradient reads %v", g.Arg[0])
	}
	if g := Gradient(GELU(), x, y); g.Op != opGELUGrad || g.Arg[0].Buf != x.Buf {
		t.Errorf("gelu's gradient reads %v", g.Arg[0])
	}
	defer func() {
		if _, ok := recover().(*Misuse); !ok {
			t.Error("a gradient of add")
		}
	}()
	Gradient(Add(x), x, y)
}
