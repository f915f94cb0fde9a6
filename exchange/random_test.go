package exchange_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/exchange"
	"github.com/gloss-ml/gloss/nn"
)

// TestRandomRoundTrips: chains of layers that are drawn go to ONNX and come back with the same outputs.
func TestRandomRoundTrips(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	r := rand.New(rand.NewPCG(11, 12))
	draw := func() nn.Layer {
		return []func() nn.Layer{
			func() nn.Layer { return nn.Linear(1 + r.IntN(12)) }, func() nn.Layer { return nn.Linear(1+r.IntN(12), nn.NoBias()) },
			func() nn.Layer { return nn.BatchNorm(nn.Epsilon(math.Pow(10, -6*r.Float64()))) }, func() nn.Layer { return nn.LayerNorm() }, nn.ReLU, nn.ReLU6, nn.Tanh, nn.Sigmoid,
			nn.SELU, nn.Softsign, nn.Hardswish, nn.Hardsigmoid, func() nn.Layer { return nn.LeakyReLU(r.Float64()) }, func() nn.Layer { return nn.ELU(2 * r.Float64()) },
			func() nn.Layer { return nn.CELU(0.1 + r.Float64()) }, func() nn.Layer { return nn.Hardtanh(-r.Float64(), 0.1+r.Float64()) },
			func() nn.Layer { return nn.PReLU() }, func() nn.Layer { return nn.Dropout(r.Float64() / 2) }, nn.LogSoftmax,
		}[r.IntN(19)]()
	}
	for n := range 200 {
		inputs := 1 + r.IntN(9)
		layers := []nn.Layer{nn.Linear(1 + r.IntN(12))}
		for range r.IntN(8) {
			layers = append(layers, draw())
		}
		m := model(t, dev, inputs, layers, r)
		x := make([]float32, 5*inputs)
		for i := range x {
			x[i] = float32(2 * r.NormFloat64())
		}
		want, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := exchange.ONNX(&file, m, exchange.ONNXFile{}); err != nil {
			t.Fatalf("%d, %v: %v", n, m.Layers(), err)
		}
		again, _, err := exchange.ReadONNX(dev, file.Bytes())
		if err != nil {
			t.Fatalf("%d, %v: %v", n, m.Layers(), err)
		}
		got, err := again.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if len(got) != len(want) || !(math.Abs(float64(got[i]-want[i])) <= 1e-6*max(1, math.Abs(float64(want[i])))) {
				t.Fatalf("%d, %v: output %d is %v, want %v", n, m.Layers(), i, got[i], want[i])
			}
		}
		m.Release()
		again.Release()
	}
}
