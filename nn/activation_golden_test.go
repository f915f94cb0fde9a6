package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

// activationGoldens is testdata/activations.json, which testdata/activations.py wrote with PyTorch in float64.
type activationGoldens struct {
	DY                []float64
	Elementwise, Rows struct {
		X     []float64
		Cols  int
		Cases []struct {
			Layer []any
			Y, DX []float64
		}
	}
	Nets []struct {
		Name               string
		Layers             [][]any
		X, Target          []float64
		Start, End         []float64
		Outputs, Gradients []float64
		Losses             []float64
	}
}

// goldenLayer makes a layer from its constructor's name and arguments.
func goldenLayer(l []any) Layer {
	a := make([]float64, 2)
	for i, x := range l[1:] {
		a[i] = x.(float64)
	}
	name := l[0].(string)
	make, ok := map[string]func() Layer{
		"Linear": func() Layer { return Linear(int(a[0])) },
		"ReLU":   ReLU, "LeakyReLU": func() Layer { return LeakyReLU(a[0]) }, "ReLU6": ReLU6,
		"Hardtanh": func() Layer { return Hardtanh(a[0], a[1]) },
		"ELU":      func() Layer { return ELU(a[0]) }, "SELU": SELU, "CELU": func() Layer { return CELU(a[0]) },
		"Tanh": Tanh, "Sigmoid": Sigmoid, "LogSigmoid": LogSigmoid, "GELU": GELU, "GELUTanh": GELUTanh, "SiLU": SiLU, "Mish": Mish,
		"Softplus": Softplus, "SoftplusOf": func() Layer { return SoftplusOf(a[0], a[1]) }, "Softsign": Softsign,
		"Hardswish": Hardswish, "Hardsigmoid": Hardsigmoid,
		"PReLU": func() Layer { return PReLU() }, "PReLUPerFeature": func() Layer { return PReLUPerFeature() },
		"GLU": GLU, "Softmax": Softmax, "LogSoftmax": LogSoftmax,
	}[name]
	if !ok {
		panic("activation_golden_test.go knows no layer " + name)
	}
	return make()
}

// goldenDevices are the devices that are held to PyTorch's numbers: gl too, where it is built.
var goldenDevices = map[string]func(t *testing.T) backend.Backend{
	"ref": func(*testing.T) backend.Backend { return ref.Open() },
	"cpu": func(*testing.T) backend.Backend { return cpu.Open() },
}

func TestActivationGoldens(t *testing.T) {
	var g activationGoldens
	readGolden(t, "activations", &g)
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, c := range g.Elementwise.Cases {
			t.Run(fmt.Sprint(c.Layer), func(t *testing.T) {
				y, dx := passed(t, dev, goldenLayer(c.Layer), g.Elementwise.Cols, g.Elementwise.X, g.DY[:len(c.Y)])
				each(t, "y", g.Elementwise.X, y, c.Y)
				each(t, "dx", g.Elementwise.X, dx, c.DX)
			})
		}
		for _, c := range g.Rows.Cases {
			t.Run(fmt.Sprint(c.Layer), func(t *testing.T) {
				y, dx := passed(t, dev, goldenLayer(c.Layer), g.Rows.Cols, g.Rows.X, g.DY[:len(c.Y)])
				each(t, "dx", g.Rows.X, dx, c.DX)
				each(t, "y", g.Rows.X, y, c.Y)
			})
		}
		for _, n := range g.Nets {
			t.Run("net "+n.Name, func(t *testing.T) {
				var layers []Layer
				for _, l := range n.Layers {
					layers = append(layers, goldenLayer(l))
				}
				l := newLesson(t, dev, SGD(0.1), MSE(), len(n.X)/goldenWidth, n.X, n.Target, layers)
				l.follow(trajectory{n.Start, n.Outputs, n.Gradients, n.Losses, n.End})
			})
		}
	})
}

// goldenWidth is the number of inputs of the networks.
const goldenWidth = 4

// each compares element by element: within 1e-5 of an element above 1, and of 1 below.
func each(t *testing.T, what string, x, got, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-5*math.Max(1, math.Abs(want[i]))) {
			t.Errorf("%s[%d] is %v, PyTorch has %v (x is %v)", what, i, got[i], want[i], x[min(i, len(x)-1)])
		}
	}
}

// passed is what a layer makes of x, and on the way back of dy.
func passed(t *testing.T, dev backend.Backend, layer Layer, cols int, x, dy []float64) (y, dx []float64) {
	l := newLesson(t, dev, SGD(0.1), weighted{}, len(x)/cols, x, dy, []Layer{layer})
	l.step(0)
	return l.read(l.plan.Output), l.read(l.plan.DX)
}

// weighted is the loss Σ y·t, whose gradient is the target t.
type weighted struct{}

func (weighted) String() string                       { return "weighted" }
func (weighted) Check() error                         { return nil }
func (weighted) Targets(outputs int) (Targets, error) { return oneEach(outputs) }

func (weighted) Build(p *Plan, y Value, t Target) Value {
	p.Add(&backend.Reduce{Rows: y.Rows, Cols: y.Cols, Out: [2]backend.Result{{
		Dst: t.Loss, Map: backend.Chain{backend.Load(y.Tensor), backend.Mul(t.Values)},
	}}})
	return Value{Tensor: t.Values}
}

// A lesson is a training plan on any device.
type lesson struct {
	t     *testing.T
	dev   backend.Backend
	model *Model
	plan  *Plan
}

func newLesson(t *testing.T, dev backend.Backend, opt Optimizer, loss Loss, rows int, x, target []float64, layers []Layer, options ...StateOption) *lesson {
	t.Helper()
	m, err := New(dev, len(x)/rows, layers...)
	if err != nil {
		t.Fatal(err)
	}
	buf, err := backend.Alloc(dev, backend.F32, len(target))
	if err != nil {
		t.Fatal(err)
	}
	state, err := NewState(m, opt, options...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Plan(PlanConfig{Rows: rows, Values: backend.Mat(buf, 0, rows, m.Outputs()), Loss: loss, Train: true, InputGrad: true, State: state})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Release()
		state.Release()
		m.Release()
		buf.Release()
	})
	backend.Write(dev, buf, 0, singles(target))
	backend.Write(dev, p.X.Buf, p.X.Off, singles(x))
	return &lesson{t, dev, m, p}
}

// step runs step i and returns its loss.
func (l *lesson) step(i int) float64 {
	l.t.Helper()
	if err := l.plan.Begin(int64(i), 1); err != nil {
		l.t.Fatal(err)
	}
	backend.Do(l.dev, l.plan.Calls...)
	r, err := l.plan.Results(1)
	if err != nil {
		l.t.Fatal(err)
	}
	return r[0].Loss
}

// read waits for a tensor without gaps.
func (l *lesson) read(t backend.Tensor) []float64 {
	l.t.Helper()
	x := make([]float32, t.Size())
	return doubles(x, backend.Read(l.dev, x, t.Buf, t.Off))
}

func singles(x []float64) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		y[i] = float32(x[i])
	}
	return y
}

// doubles are NaN after an error, which no comparison takes.
func doubles(x []float32, err error) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		if y[i] = float64(x[i]); err != nil {
			y[i] = math.NaN()
		}
	}
	return y
}
