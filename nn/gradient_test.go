package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// bench is a model on ref with a batch, seen in float64.
type bench struct {
	dev   backend.Backend
	model *Model
	plan  *Plan
	rng   *rand.Rand
}

func newBench(t *testing.T, rows, inputs int, loss Loss, layers []Layer, settings ...func(b *bench, cfg *PlanConfig)) *bench {
	t.Helper()
	b := &bench{dev: ref.Open(), rng: rand.New(rand.NewPCG(1, 2))}
	var err error
	if b.model, err = New(b.dev, inputs, layers...); err != nil {
		t.Fatal(err)
	}
	want, err := loss.Targets(b.model.Outputs())
	if err != nil {
		t.Fatal(err)
	}
	cfg := PlanConfig{Rows: rows, Loss: loss, Train: true, InputGrad: true, Seed: 7}
	if want.Labels > 0 {
		labels := make([]uint32, rows*want.Labels)
		for i := range labels {
			labels[i] = uint32(b.rng.IntN(b.model.Outputs()))
		}
		cfg.Labels = backend.Mat(alloc(t, b.dev, backend.U32, len(labels)), 0, rows, want.Labels)
		backend.Write(b.dev, cfg.Labels.Buf, 0, labels)
	}
	if want.Values > 0 {
		cfg.Values = backend.Mat(alloc(t, b.dev, backend.F32, rows*want.Values), 0, rows, want.Values)
		b.fill(ref.Float64(cfg.Values.Buf))
	}
	for _, s := range settings {
		s(b, &cfg)
	}
	b.plan, err = b.model.Plan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.fill(b.x())
	b.fill(ref.Float64(b.model.w)) // biases too
	return b
}

func (b *bench) fill(v []float64) {
	for i := range v {
		v[i] = b.rng.NormFloat64() * 0.7
	}
}

func (b *bench) x() []float64 { return b.view(b.plan.X) }

func (b *bench) view(t backend.Tensor) []float64 {
	if !t.Present() {
		return nil
	}
	return ref.Float64(t.Buf)[t.Off : t.Off+t.Size()]
}

// rows copies a tensor that may have gaps.
func (b *bench) rows(t backend.Tensor) (v []float64) {
	stride := max(t.Stride, t.Cols)
	for i := range t.Rows {
		v = append(v, ref.Float64(t.Buf)[t.Off+i*stride:][:t.Cols]...)
	}
	return v
}

// loss runs the step and returns its loss in float64.
func (b *bench) loss() float64 {
	if err := b.plan.Begin(3, 1); err != nil {
		panic(err)
	}
	backend.Do(b.dev, b.plan.Calls...)
	return ref.Float64(b.plan.tables.results)[atLoss]
}

// differ compares a gradient with central differences of the loss over the elements of w.
func (b *bench) differ(t *testing.T, name string, w, grad []float64) {
	t.Helper()
	const h = 1e-5
	for i := range w {
		old := w[i]
		w[i] = old + h
		up := b.loss()
		w[i] = old - h
		down := b.loss()
		w[i] = old
		want := (up - down) / (2 * h)
		if diff := math.Abs(grad[i] - want); !(diff <= 1e-7*math.Max(1, math.Abs(want))) {
			t.Fatalf("%s[%d]: gradient %v, finite difference %v", name, i, grad[i], want)
		}
	}
}

// twice feeds one layer's output to two branches and adds them up, to see that pinned values stay in place and that
// tied weights add up their gradients.
type twice struct{ layer Layer }

func (l twice) String() string { return "twice" }

func (l twice) Bind(s *Scope, in int) (Node, error) {
	n, err := l.layer.Bind(s, in)
	return twiceNode{n}, err
}

type twiceNode struct{ Node }

func (n twiceNode) Forward(p *Plan, x Value) (Value, Backward) {
	p.Pin(x)
	a, backA := n.Node.Forward(p, x)
	b, backB := n.Node.Forward(p, x)
	p.Pin(a)
	y := p.Apply(b, backend.Add(a.Tensor))
	return y, func(dy Value) Value {
		p.Pin(dy)
		da, db := backA(dy), backB(dy)
		if !da.Present() {
			return da
		}
		return p.Apply(db, backend.Add(da.Tensor))
	}
}

func TestGradients(t *testing.T) {
	cases := []struct {
		name   string
		loss   Loss
		layers []Layer
	}{
		{"linear", MSE(), []Layer{Linear(3)}},
		{"relu", CrossEntropy(), []Layer{Linear(6), ReLU(), Linear(4)}},
		{"tanh", MSE(), []Layer{Linear(6), Tanh(), Linear(2)}},
		{"sigmoid last", MSE(), []Layer{Linear(6), Sigmoid()}},
		{"gelu", CrossEntropy(), []Layer{Linear(6), GELU(), Linear(5), GELU(), Linear(3)}},
		{"silu", CrossEntropy(), []Layer{Linear(6), SiLU(), Linear(5), SiLU(), Linear(3)}},
		{"activation first", MSE(), []Layer{Tanh(), Linear(3)}},
		{"activations in a row", MSE(), []Layer{Linear(5), Tanh(), GELU(), Sigmoid(), Linear(3), GELU(), Tanh()}},
		{"dropout", CrossEntropy(), []Layer{Dropout(0.3), Linear(8), ReLU(), Dropout(0.5), Linear(4)}},
		{"dropout between activations", MSE(), []Layer{Linear(8), Tanh(), Dropout(0.5), Sigmoid(), Linear(4)}},
		{"dropout of nothing", MSE(), []Layer{Linear(4), Dropout(0), Tanh()}},
		{"tied", CrossEntropy(), []Layer{Linear(4), Tanh(), twice{Linear(4)}, GELU(), Linear(3)}},
		{"tied first", MSE(), []Layer{twice{Linear(4)}, Tanh()}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			checkGradients(t, 3, c.loss, c.layers)
		})
	}
}

// checkGradients compares all gradients of a model of so many inputs with differences.
func checkGradients(t *testing.T, inputs int, loss Loss, layers []Layer, settings ...func(b *bench, cfg *PlanConfig)) {
	t.Helper()
	const rows = 4 // a power of 2: constants pass through float32, which has a quarter exactly
	b := newBench(t, rows, inputs, loss, layers, settings...)
	b.loss()
	dx := b.rows(b.plan.DX)
	grads := append([]float64(nil), ref.Float64(b.plan.grads)...)
	b.differ(t, "x", b.x(), dx)
	for _, p := range b.model.params {
		b.differ(t, p.Name, ref.Float64(b.model.w)[p.off:p.off+p.Rows*p.Cols], grads[p.off:])
	}
}

// TestFusion counts calls: ops hang on the call that made their input.
func TestFusion(t *testing.T) {
	b := newBench(t, 4, 3, CrossEntropy(), []Layer{Linear(5), ReLU(), Dropout(0.5), Linear(2)})
	want := []string{
		"MatMul layer 0, Linear(5), forward", "MatMul layer 3, Linear(2), forward", "Xent loss",
		"MatMul layer 3, Linear(2), backward", "Reduce layer 3, Linear(2), backward", "MatMul layer 3, Linear(2), backward",
		"MatMul layer 0, Linear(5), backward", "Reduce layer 0, Linear(5), backward", "MatMul layer 0, Linear(5), backward",
		"Reduce gradient norm",
	}
	var got []string
	for i, c := range b.plan.Calls {
		got = append(got, c.Name()+" "+b.plan.Place(i))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("calls:\n%q\nwant:\n%q", got, want)
	}
}
