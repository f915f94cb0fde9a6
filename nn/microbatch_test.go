package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

// A course is a training of a few steps on data that are drawn once.
type course struct {
	rows, micro int
	loss        Loss
	weighed     bool
	layers      []Layer
}

const courseInputs = 5

// wide has every kind of gradient that is a sum over rows.
func wide() []Layer {
	return []Layer{
		Embeddings(Embedding(7, 3), BagMean(11, 4, 3)), Linear(40), LayerNorm(), Residual(Linear(40), GELU()), PReLUPerFeature(), RMSNorm(),
		Concat(Linear(2), Sequence(Linear(64), Tanh(), Linear(1)), Linear(3)),
	}
}

// run returns the weights after some steps, and what they left behind.
func (c course) run(t *testing.T, dev backend.Backend, steps int) (w []float32, results []StepResult, p *Plan) {
	t.Helper()
	m, err := New(dev, courseInputs, c.layers...)
	if err != nil {
		t.Fatal(err)
	}
	state, err := NewState(m, Adam(0.01), ClipNorm(1))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(9, 9))
	normal := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		return v
	}
	cfg := PlanConfig{Rows: c.rows, MicroBatch: c.micro, Loss: c.loss, Train: true, State: state, Steps: steps, Seed: 3}
	want, err := c.loss.Targets(m.Outputs())
	if err != nil {
		t.Fatal(err)
	}
	if want.Labels > 0 {
		labels := make([]uint32, c.rows)
		for i := range labels {
			labels[i] = rng.Uint32N(uint32(m.Outputs()))
		}
		cfg.Labels = backend.Mat(alloc(t, dev, backend.U32, len(labels)), 0, c.rows, 1)
		backend.Write(dev, cfg.Labels.Buf, 0, labels)
	} else {
		cfg.Values = backend.Mat(alloc(t, dev, backend.F32, c.rows*want.Values), 0, c.rows, want.Values)
		backend.Write(dev, cfg.Values.Buf, 0, normal(c.rows*want.Values))
	}
	if c.weighed {
		cfg.Weights = backend.Mat(alloc(t, dev, backend.F32, c.rows), 0, c.rows, 1)
		weights := normal(c.rows)
		for i, w := range weights {
			weights[i] = w * w
		}
		backend.Write(dev, cfg.Weights.Buf, 0, weights)
	}
	if p, err = m.Plan(cfg); err != nil {
		t.Fatal(err)
	}
	backend.Write(dev, p.X.Buf, p.X.Off, normal(c.rows*courseInputs))
	if p.Codes.Present() {
		codes := make([]uint32, p.Codes.Size())
		for i := range codes {
			codes[i] = rng.Uint32N(7)
		}
		backend.Write(dev, p.Codes.Buf, p.Codes.Off, codes)
	}
	program, err := backend.Record(dev, backend.Step{Calls: p.Calls, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Begin(0, steps); err != nil {
		t.Fatal(err)
	}
	program.Run(steps)
	if results, err = p.Results(steps); err != nil {
		t.Fatal(err)
	}
	if w, err = m.Weights(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		program.Release()
		p.Release()
		state.Release()
		m.Release()
	})
	return w, results, p
}

// TestMicroBatchesAreTheBatch: accumulated gradients are those of the one big batch, on the CPU bit for bit.
func TestMicroBatchesAreTheBatch(t *testing.T) {
	losses := map[string]course{
		"regression": {loss: Huber(1)},
		"weighed":    {loss: MSE(), weighed: true},
		"classes":    {loss: &CrossEntropyLoss{ClassWeights: []float64{1, 2, 0.5, 3, 1, 1}, Smoothing: 0.1, Ignore: true, IgnoreIndex: 3}, weighed: true},
		"heads": {loss: Losses(Part{Outputs: 2, Loss: MSE()}, Part{Outputs: 1, Loss: BCEWithLogits(), Weight: 0.5},
			Part{Outputs: 3, Loss: &CrossEntropyLoss{Probabilities: true}})},
		"narrow": {loss: MSE(), layers: []Layer{Linear(8), ReLU(), Linear(1)}},
	}
	const steps = 3
	sizes := [][2]int{{150, 128}, {256, 64}}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for name, open := range goldenDevices {
		for what, c := range losses {
			if c.layers == nil {
				c.layers = wide()
			}
			for _, size := range sizes {
				t.Run(name+"/"+what, func(t *testing.T) {
					dev := open(t)
					t.Cleanup(func() { dev.Close() })
					c.rows, c.micro = size[0], 0
					whole, want, _ := c.run(t, dev, steps)
					c.micro = size[1]
					parts, got, _ := c.run(t, dev, steps)
					if name == "cpu" && (!slices.Equal(whole, parts) || !slices.Equal(want, got)) {
						t.Errorf("%d rows, %d at a time: other bits: results %v, want %v", c.rows, c.micro, got, want)
					}
					near(t, "weights", doubles(parts, nil), doubles(whole, nil), 1e-5)
					for i := range want {
						near(t, "loss", []float64{got[i].Loss, got[i].Weight}, []float64{want[i].Loss, want[i].Weight}, 1e-5)
					}
				})
			}
		}
	}
}

// TestMicroBatchMemory: activations take the memory of a micro-batch.
func TestMicroBatchMemory(t *testing.T) {
	live := func(micro int) int64 {
		dev := cpu.Open()
		defer dev.Close()
		course{rows: 1024, micro: micro, loss: MSE(), layers: []Layer{Linear(512), ReLU(), Linear(512), ReLU(), Linear(1)}}.run(t, dev, 1)
		return dev.Stats().LiveBytes
	}
	if whole, parts := live(0), live(64); parts > whole/2 {
		t.Errorf("%d bytes with 64 rows at a time, %d with 1024", parts, whole)
	}
}

// TestMicroBatchDraws: dropout draws for each micro-batch anew, and the same on both ways forward: where it let nothing
// through, the gradient of what follows is 0.
func TestMicroBatchDraws(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	// Ones through dropout are the outputs: y is the mask.
	m, err := New(dev, 6, Linear(6, WeightInit(Constant(0)), BiasInit(Constant(1))), Dropout(0.5))
	if err != nil {
		t.Fatal(err)
	}
	values := backend.Mat(alloc(t, dev, backend.F32, 8*6), 0, 8, 6)
	p, err := m.Plan(PlanConfig{Rows: 8, MicroBatch: 4, Loss: Sum(MAE()), Train: true, Values: values, Steps: 2})
	if err != nil {
		t.Fatal(err)
	}
	var masks [][]float64
	for step := range 2 {
		if err := p.Begin(int64(step), 1); err != nil {
			t.Fatal(err)
		}
		backend.Do(dev, p.Calls...)
		y := ref.Float64(p.Output.Buf)[p.Output.Off:][:8*6]
		masks = append(masks, slices.Clone(y[:24]), slices.Clone(y[24:]))
		grad, err := p.Gradients()
		if err != nil {
			t.Fatal(err)
		}
		for j, db := range grad[36:] { // dL/db = Σ mask·sign(mask) = Σ mask
			want := 0.0
			for i := range 8 {
				want += y[i*6+j]
			}
			if math.Abs(float64(db)-want) > 1e-6 {
				t.Errorf("step %d: the bias' gradient %d is %v, the mask of both micro-batches gives %v", step, j, db, want)
			}
		}
	}
	for i := range masks {
		for j := range i {
			if slices.Equal(masks[i], masks[j]) {
				t.Errorf("masks %d and %d are the same", j, i)
			}
		}
	}
}

// TestMicroBatchRunningStats: the running statistics move with every micro-batch, in order.
func TestMicroBatchRunningStats(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	x := []float32{1, 3, 10, 20, 5, 6, 7}
	m, err := New(dev, 1, BatchNorm())
	if err != nil {
		t.Fatal(err)
	}
	values := backend.Mat(alloc(t, dev, backend.F32, len(x)), 0, len(x), 1)
	p, err := m.Plan(PlanConfig{Rows: len(x), MicroBatch: 2, Loss: MSE(), Train: true, Values: values})
	if err == nil || !strings.Contains(err.Error(), "micro-batch 3: layer 0, BatchNorm") {
		t.Fatalf("a micro-batch of 1 row: %v, %v", p, err)
	}
	if p, err = m.Plan(PlanConfig{Rows: 6, MicroBatch: 2, Loss: MSE(), Train: true, Values: values.RowSpan(0, 6)}); err != nil {
		t.Fatal(err)
	}
	backend.Write(dev, p.X.Buf, p.X.Off, x[:6])
	if err := p.Begin(0, 1); err != nil {
		t.Fatal(err)
	}
	backend.Do(dev, p.Calls...)
	got, err := m.RunningStats()
	if err != nil {
		t.Fatal(err)
	}
	mean, variance := 0.0, 1.0
	for i := 0; i < 6; i += 2 {
		a, b := float64(x[i]), float64(x[i+1])
		mean = 0.9*mean + 0.1*(a+b)/2
		variance = 0.9*variance + 0.1*(a-b)*(a-b)/2
	}
	near(t, "running statistics", []float64{float64(got[0].Values[0]), float64(got[1].Values[0])}, []float64{mean, variance}, 1e-6)
}

// TestMicroBatchEvaluation: the same outputs and loss, some rows at a time.
func TestMicroBatchEvaluation(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	m, err := New(dev, 3, Linear(4), Tanh(), Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Plan(PlanConfig{Rows: 7, MicroBatch: 3})
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 21)
	for i := range x {
		x[i] = float32(i) / 7
	}
	backend.Write(dev, p.X.Buf, p.X.Off, x)
	backend.Do(dev, p.Calls...)
	want, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, len(want))
	near(t, "outputs", doubles(got, backend.Read(dev, got, p.Output.Buf, p.Output.Off)), doubles(want, nil), 1e-7)
	if _, err := m.Plan(PlanConfig{Rows: 7, MicroBatch: -1}); err == nil || !strings.Contains(err.Error(), "micro-batches of -1 rows") {
		t.Errorf("%v", err)
	}
	if p, err := m.Plan(PlanConfig{Rows: 7, MicroBatch: math.MaxInt}); err != nil || p.cfg.parts() != 1 {
		t.Errorf("a micro-batch of more rows than can be counted: %v", err)
	}
	if _, err := m.Plan(PlanConfig{Rows: 7, MicroBatch: 3, Loss: MSE(), Train: true, InputGrad: true}); err == nil || !strings.Contains(err.Error(), "InputGrad") {
		t.Errorf("%v", err)
	}
}
