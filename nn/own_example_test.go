package nn_test

import (
	"fmt"
	"log"
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// An op of one's own: the definition in float64, which devices without GLSL run and which every device is checked
// against (backendtest.RunOps does that), its gradient, and both in GLSL.
var (
	sine = &backend.Op{
		Name: "sine", Wants: backend.WantX, Grad: sineGrad,
		F:    func(e *backend.El) { e.S = math.Abs(e.V); e.V = math.Sin(e.V) },
		GLSL: `float op_sine(El e, float v) { return sin(v); }`,
	}
	sineGrad = &backend.Op{
		Name: "sine_grad", Args: "r",
		F:    func(e *backend.El) { e.S = math.Abs(e.V); e.V *= math.Cos(e.A[0]) },
		GLSL: `float op_sine_grad(El e, float v, float x) { return v * cos(x); }`,
	}
)

// wave is a layer of one's own: y = sin(ω·x) with an ω that is learned for each column.
type wave struct{}

func (wave) String() string { return "wave" }

func (wave) Bind(s *nn.Scope, in int) (nn.Node, error) {
	return waveNode{s.Param("omega", 1, in, nn.Fans{}, nn.Uniform(0.5, 2)), in}, nil
}

type waveNode struct {
	omega nn.Handle
	width int
}

func (n waveNode) Width() int { return n.width }

// Forward: z = ω·x, y = sin z. Backward: dz = dy·cos z, dω = Σ dz·x, dx = dz·ω.
func (n waveNode) Forward(p *nn.Plan, x nn.Value) (nn.Value, nn.Backward) {
	f := backend.Fn{Op: sine}
	p.Pin(x)
	z := p.Apply(x, backend.Mul(p.Weight(n.omega)))
	p.Pin(z)
	y := p.Apply(z, f)
	return y, func(dy nn.Value) nn.Value {
		if !dy.Present() {
			return dy
		}
		dz := p.Apply(dy, backend.Gradient(f, z.Tensor, y.Tensor))
		p.Pin(dz)
		dw, beta := p.Grad(n.omega)
		p.Add(&backend.Reduce{Rows: x.Rows, Cols: x.Cols, Axis: backend.OverRows, Out: [2]backend.Result{{
			Dst: dw, Map: backend.Chain{backend.Load(dz.Tensor), backend.Mul(x.Tensor)}, Beta: beta,
		}}})
		if x.NoGrad {
			return nn.Value{}
		}
		return p.Apply(dz, backend.Mul(p.Weight(n.omega)))
	}
}

// A layer of one's own stands among the others.
func ExampleLayer() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 1, nn.Linear(4), wave{}, nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name)
	}
	y, err := model.Predict([]float32{0.5, -0.5})
	fmt.Println(len(y), err)
	// Output:
	// 0.weight
	// 0.bias
	// 1.omega
	// 2.weight
	// 2.bias
	// 2 <nil>
}
