package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

func TestNewErrors(t *testing.T) {
	dev := ref.Open()
	cases := []struct {
		inputs int
		layers []Layer
		want   string
	}{
		{-1, []Layer{Linear(1)}, "-1 inputs"},
		{0, []Layer{Linear(1)}, "layer 0, Linear(1): no columns come in, and it takes no codes"},
		{0, []Layer{Embeddings(Embedding(3, 2)), Concat(Linear(2), Sequence(GLU(), Linear(0)))}, "Linear(0): a width of 0"},
		{3, nil, "no layers"},
		{3, []Layer{Linear(4), nil}, "layer 1, <nil>: the layer is nil"},
		{3, []Layer{Linear(4), Linear(0)}, "layer 1, Linear(0): a width of 0"},
		{3, []Layer{Linear(-1)}, "layer 0, Linear(-1): a width of -1"},
		{3, []Layer{Linear(1 << 40)}, "layer 0, Linear(1099511627776): weight of 3×1099511627776 elements"},
		{3, []Layer{Linear(2), Dropout(1)}, "layer 1, Dropout(1): a probability of 1"},
		{3, []Layer{Dropout(math.NaN())}, "layer 0, Dropout(NaN): a probability of NaN"},
	}
	for _, c := range cases {
		if _, err := New(dev, c.inputs, c.layers...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d, %v: error %v, want one that says %q", c.inputs, c.layers, err, c.want)
		}
	}
	if _, err := New(nil, 3, Linear(1)); err == nil {
		t.Error("no error without a device")
	}
	if s := dev.Stats(); s.LiveBuffers != 0 {
		t.Errorf("%d buffers alive after errors", s.LiveBuffers)
	}
}

func TestOptimizerChecks(t *testing.T) {
	for want, opt := range map[string]Optimizer{
		"learning rate NaN":   Adam(math.NaN()),
		"learning rate -1":    SGD(-1),
		"learning rate +Inf":  SGD(math.Inf(1)),
		"beta1 1":             &AdamOptimizer{Beta1: 1},
		"beta2 -0.1":          &AdamOptimizer{Beta2: -0.1},
		"epsilon -1":          &AdamOptimizer{Epsilon: -1},
		"weight decay -1":     &SGDOptimizer{OptimizerCommon: OptimizerCommon{WeightDecay: -1}},
		"momentum 1.5":        &SGDOptimizer{Momentum: 1.5},
		"weight decay NaN":    &AdamOptimizer{OptimizerCommon: OptimizerCommon{WeightDecay: math.NaN()}},
		"learning rate 1e+39": SGD(1e39),
	} {
		if err := opt.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
}

func TestPlanErrors(t *testing.T) {
	dev := ref.Open()
	m, err := New(dev, 3, Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(dev, 3, Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	state, err := NewState(other, SGD(1))
	if err != nil {
		t.Fatal(err)
	}
	buf, err := backend.Alloc(dev, backend.F32, 100)
	if err != nil {
		t.Fatal(err)
	}
	target := backend.Mat(buf, 0, 4, 2)
	for want, cfg := range map[string]PlanConfig{
		"0 rows":                       {},
		"more than a device can index": {Rows: 1 << 40},
		"X is 4×2, want 4×3":           {Rows: 4, X: target},
		"training needs a loss":        {Rows: 4, Train: true},
		"a state goes with Train":      {Rows: 4, Loss: MSE(), State: state, Values: target},
		"made for another model":       {Rows: 4, Loss: MSE(), Train: true, State: state, Values: target},
		"MSE wants values of 4×2 F32":  {Rows: 4, Loss: MSE()},
		"MSE wants values of 5×2 F32":  {Rows: 5, Loss: MSE(), Values: target},
		"CrossEntropy wants labels of": {Rows: 4, Loss: CrossEntropy(), Labels: backend.Mat(buf, 0, 4, 1)},
		"-1 steps":                     {Rows: 4, Steps: -1},
		"InputGrad goes with Train":    {Rows: 4, InputGrad: true},
	} {
		if _, err := m.Plan(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
}

// TestInit: weights within PyTorch's bounds and spread over them, the same for one seed, others for another.
func TestInit(t *testing.T) {
	m, err := New(ref.Open(), 100, Linear(50))
	if err != nil {
		t.Fatal(err)
	}
	weights := func(seed uint64) []float32 {
		m.Init(seed)
		w, err := m.Weights()
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	a := weights(1)
	if len(a) != 100*50+50 {
		t.Fatalf("%d weights", len(a))
	}
	lo, hi := slices.Min(a), slices.Max(a)
	if !(lo >= -0.1 && hi <= 0.1 && lo < -0.099 && hi > 0.099) {
		t.Errorf("weights from %v to %v, want U(-0.1, 0.1)", lo, hi)
	}
	if !slices.Equal(a, weights(1)) || slices.Equal(a, weights(2)) {
		t.Error("seed 1 twice should give the same weights, seed 2 others")
	}
}

func TestPredict(t *testing.T) {
	m, err := New(ref.Open(), 2, Linear(1), ReLU())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetWeights([]float32{2, -1, 0.5}); err != nil {
		t.Fatal(err)
	}
	if err := m.SetWeights([]float32{2}); err == nil {
		t.Error("no error for 1 weight of 3")
	}
	for range 2 {
		if y, err := m.Predict([]float32{1, 1, 0, 5}); err != nil || !slices.Equal(y, []float32{1.5, 0}) {
			t.Errorf("got %v, %v", y, err)
		}
	}
	if y, err := m.Predict([]float32{3, 0}); err != nil || !slices.Equal(y, []float32{6.5}) {
		t.Errorf("got %v, %v", y, err)
	}
	if _, err := m.Predict([]float32{1}); err == nil || !strings.Contains(err.Error(), "rows of 2") {
		t.Errorf("error %v for half a row", err)
	}
	y := make([]float32, 2)
	if err := m.PredictInto(y, []float32{1, 1, 3, 0}); err != nil || !slices.Equal(y, []float32{1.5, 6.5}) {
		t.Errorf("got %v, %v", y, err)
	}
	if err := m.PredictInto(y[:1], []float32{1, 1, 3, 0}); err == nil || !strings.Contains(err.Error(), "room for 1 values, where 2 rows of 1 outputs come") {
		t.Errorf("error %v for too little room", err)
	}
	if err := m.PredictInto(nil, nil); err != nil {
		t.Error(err)
	}
}

// TestPredictAllocates nothing on the CPU, as a service wants it that answers row by row.
func TestPredictAllocates(t *testing.T) {
	dev := cpu.Open(cpu.Workers(1))
	defer dev.Close()
	m, err := New(dev, 784, Linear(128), ReLU(), Linear(10))
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 784), make([]float32, 10)
	if n := testing.AllocsPerRun(20, func() { err = m.PredictInto(y, x) }); n != 0 || err != nil {
		t.Errorf("%v allocations for a row, %v", n, err)
	}
}

func BenchmarkPredictRow(b *testing.B) {
	dev := cpu.Open(cpu.Workers(1))
	defer dev.Close()
	m, err := New(dev, 784, Linear(128), ReLU(), Linear(10))
	if err != nil {
		b.Fatal(err)
	}
	x, y := make([]float32, 784), make([]float32, 10)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.PredictInto(y, x); err != nil {
			b.Fatal(err)
		}
	}
}

// TestStreams: two dropouts of one layer draw masks of their own, and none of them the parameters' first values.
func TestStreams(t *testing.T) {
	m, err := New(ref.Open(), 100, pair{Dropout(0.5)}, Linear(50))
	if err != nil {
		t.Fatal(err)
	}
	buf, err := backend.Alloc(m.dev, backend.F32, 20*50)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Plan(PlanConfig{Rows: 20, Values: backend.Mat(buf, 0, 20, 50), Loss: MSE(), Train: true})
	if err != nil {
		t.Fatal(err)
	}
	var masks []backend.Fn
	for _, c := range p.Calls {
		if each, ok := c.(*backend.Each); ok {
			for _, f := range each.Do {
				if f.Op.Name == "dropout" {
					masks = append(masks, f)
				}
			}
		}
	}
	if len(masks) != 2 || masks[0].P[1] == masks[1].P[1] {
		t.Errorf("masks %+v, want two of different streams", masks)
	}
}

// pair is a layer that applies another twice in a row.
type pair struct{ layer Layer }

func (p pair) String() string { return "pair" }

func (p pair) Bind(s *Scope, in int) (Node, error) {
	a, err := p.layer.Bind(s, in)
	if err != nil {
		return nil, err
	}
	b, err := p.layer.Bind(s, in)
	return pairNode{a, b}, err
}

type pairNode struct{ a, b Node }

func (n pairNode) Width() int { return n.b.Width() }

func (n pairNode) Forward(p *Plan, x Value) (Value, Backward) {
	y, backA := n.a.Forward(p, x)
	z, backB := n.b.Forward(p, y)
	return z, func(dz Value) Value { return backA(backB(dz)) }
}

func TestBeginAndResults(t *testing.T) {
	m, err := New(ref.Open(), 3, Linear(1))
	if err != nil {
		t.Fatal(err)
	}
	forward, err := m.Plan(PlanConfig{Rows: 2})
	if err != nil {
		t.Fatal(err)
	}
	if forward.Begin(0, 1) == nil {
		t.Error("Begin of a plan without a loss")
	}
	if _, err := forward.Results(1); err == nil {
		t.Error("Results of a plan without a loss")
	}
	if _, err := forward.Gradients(); err == nil {
		t.Error("Gradients of a plan that does not train")
	}
	buf, err := backend.Alloc(m.dev, backend.F32, 2)
	if err != nil {
		t.Fatal(err)
	}
	opt := SGD(0.1)
	state, err := NewState(m, opt)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Plan(PlanConfig{Rows: 2, Values: backend.Mat(buf, 0, 2, 1), Loss: MSE(), Train: true, State: state, Steps: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{-1, 3} {
		if err := p.Begin(0, n); err == nil {
			t.Errorf("Begin of %d steps of 2", n)
		}
		if _, err := p.Results(n); err == nil {
			t.Errorf("Results of %d steps of 2", n)
		}
	}
	if err := p.Begin(-1, 1); err == nil || !strings.Contains(err.Error(), "step -1: steps are counted from 0") {
		t.Errorf("error %v for a step before the first", err)
	}
	opt.LR = math.NaN()
	if err := p.Begin(7, 2); err == nil || !strings.Contains(err.Error(), "SGD: step 7: learning rate NaN") {
		t.Errorf("error %v for a rate of NaN", err)
	}
	if g, err := p.Gradients(); err != nil || len(g) != 4 {
		t.Errorf("%d gradients, error %v", len(g), err)
	}
}
