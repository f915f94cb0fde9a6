package nn

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

// allActivations are the layers of this package that have no width of their own, with settings other than the defaults.
func allActivations() []Layer {
	return []Layer{
		ReLU(), LeakyReLU(0.2), ReLU6(), Hardtanh(-0.6, 0.9), ELU(0.7), SELU(), CELU(0.6), Tanh(), Sigmoid(), LogSigmoid(),
		GELU(), GELUTanh(), SiLU(), Mish(), Softplus(), SoftplusOf(1.5, 2.5), Softsign(), Hardswish(), Hardsigmoid(),
		PReLU(), PReLUPerFeature(), Softmax(), LogSoftmax(), AlphaDropout(0.4),
	}
}

// TestActivationGradients compares each with differences: between layers, and as the first one, which has the input's
// gradient to itself.
func TestActivationGradients(t *testing.T) {
	for _, l := range append(allActivations(), GLU()) {
		t.Run(l.String(), func(t *testing.T) {
			checkGradients(t, 3, MSE(), []Layer{Linear(6), l, Linear(2)})
			checkGradients(t, 4, MSE(), []Layer{l, Linear(2), Tanh()})
			checkGradients(t, 3, MSE(), []Layer{Linear(12), l, Tanh(), l})
			checkGradients(t, 3, MSE(), []Layer{Linear(4), twice{l}, Linear(2)})
		})
	}
	checkGradients(t, 4, CrossEntropy(), []Layer{Linear(6), SELU(), AlphaDropout(0.3), GLU(), PReLUPerFeature(), LogSoftmax(), Softmax(), Linear(3)})
}

// TestNoGrad: a layer that no parameter comes before appends nothing on the way back, but for its own parameters.
func TestNoGrad(t *testing.T) {
	for _, l := range append(allActivations(), GLU()) {
		dev := ref.Open()
		m, err := New(dev, 4, l, Linear(2))
		if err != nil {
			t.Fatal(err)
		}
		target, err := backend.Alloc(dev, backend.F32, 10)
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Plan(PlanConfig{Rows: 5, Loss: MSE(), Train: true, Values: backend.Mat(target, 0, 5, 2)})
		if err != nil {
			t.Fatal(err)
		}
		back, want := 0, len(m.Params())-2 // a call for a slope, none for anything else
		for i := range p.Calls {
			if strings.HasPrefix(p.Place(i), "layer 0") && strings.HasSuffix(p.Place(i), "backward") {
				back++
			}
		}
		if back != want || p.DX.Present() {
			t.Errorf("%v: %d calls on the way back to the input, want %d", l, back, want)
		}
	}
}

func TestActivationErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		layer Layer
		want  string
	}{
		{LeakyReLU(-0.1), "layer 0, LeakyReLU(-0.1): slope -0.1"},
		{LeakyReLU(nan), "slope NaN"},
		{LeakyReLU(1e39), "slope 1e+39"},
		{Hardtanh(1, 1), "layer 0, Hardtanh(1, 1): lo 1 is not below hi 1"},
		{Hardtanh(2, 1), "lo 2 is not below hi 1"},
		{Hardtanh(1, 1+1e-12), "is not below"},
		{Hardtanh(nan, 1), "lo NaN"},
		{Hardtanh(0, inf), "hi +Inf"},
		{ELU(-1), "alpha -1"},
		{ELU(inf), "alpha +Inf"},
		{CELU(0), "alpha 0"},
		{CELU(nan), "alpha NaN"},
		{CELU(1e-38), "alpha 1e-38"},
		{CELU(3e38), "1/alpha 3.3"},
		{SoftplusOf(0, 20), "beta 0"},
		{SoftplusOf(-1, 20), "beta -1"},
		{SoftplusOf(1, nan), "threshold NaN"},
		{SoftplusOf(1, -1), "threshold -1"},
		{AlphaDropout(1), "layer 0, AlphaDropout(1): a probability of 1"},
		{AlphaDropout(nan), "a probability of NaN"},
		{AlphaDropout(-0.5), "a probability of -0.5"},
		{GLU(), "layer 0, GLU: an input of width 3"},
		{PReLU(NoBias()), "layer 0, PReLU: there is no bias"},
		{PReLUPerFeature(BiasInit(Zeros())), "there is no bias"},
		{PReLU(Epsilon(0.1)), "layer 0, PReLU: Epsilon, Momentum and NoAffine are for normalisations"},
		{PReLUPerFeature(NoAffine()), "Epsilon, Momentum and NoAffine are for normalisations"},
		{PReLU(WeightInit(Constant(nan))), "weight: Constant(NaN): value NaN"},
	} {
		if _, err := New(ref.Open(), 3, c.layer); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one that says %q", c.layer, err, c.want)
		}
	}
}

// TestPReLUStart: one slope or one for each feature, from 0.25 or what is asked for.
func TestPReLUStart(t *testing.T) {
	m, err := New(ref.Open(), 3, PReLU(), PReLUPerFeature(), PReLU(WeightInit(Constant(-0.5))))
	if err != nil {
		t.Fatal(err)
	}
	w, err := m.Weights()
	if got := fmt.Sprint(w, err); got != "[0.25 0.25 0.25 0.25 -0.5] <nil>" {
		t.Errorf("weights %v", got)
	}
	y, err := m.Predict([]float32{-8, 4, 2})
	if got := fmt.Sprint(y, err); got != "[0.25 4 2] <nil>" {
		t.Errorf("outputs %v", got)
	}
}

// TestSoftmaxRows: rows add up to 1, whatever the size of the numbers, and logs are the logs.
func TestSoftmaxRows(t *testing.T) {
	x := []float32{1, 2, 3, 1e38, 1e38, -1e38, -1e38, -1e38, -1e38, 1e-30, 0, 0}
	outputs := func(l Layer) []float32 {
		m, err := New(cpu.Open(), 3, l)
		if err != nil {
			t.Fatal(err)
		}
		y, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		return y
	}
	y, logs := outputs(Softmax()), outputs(LogSoftmax())
	for i := 0; i < len(y); i += 3 {
		if sum := y[i] + y[i+1] + y[i+2]; !(math.Abs(float64(sum)-1) <= 1e-6) {
			t.Errorf("row %v adds up to %v", y[i:i+3], sum)
		}
		for j := i; j < i+3; j++ {
			if e := math.Exp(float64(logs[j])); !(math.Abs(e-float64(y[j])) <= 1e-6) {
				t.Errorf("e^log softmax is %v, softmax %v", e, y[j])
			}
		}
	}
}
