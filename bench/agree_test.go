package bench_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/nn"
)

// digits is the network that everything is measured with.
var digits = []nn.Layer{nn.Linear(128), nn.ReLU(), nn.Linear(10)}

// agreeSteps is how long devices have to agree.
var agreeSteps = map[bool]int{false: 100, true: 10}[raceDetector()]

// reference is agreeSteps of digits in float64.
var reference = sync.OnceValues(func() ([]float64, []float32) { return walk(ref.Open(), agreeSteps, 784, digits...) })

// TestDevicesAgree trains from one start everywhere: rounding to float32 is all that may tell a device from the
// reference, and 100 steps do not let it grow.
func TestDevicesAgree(t *testing.T) {
	for _, name := range float32s {
		t.Run(name, func(t *testing.T) {
			dev := open(t, name)
			losses, weights := walk(dev, agreeSteps, 784, digits...)
			wantLosses, wantWeights := reference()
			agree(t, losses, wantLosses, weights, wantWeights)
		})
	}
}

// agree wants each loss within 5e-6 of the reference's, relatively, and each weight within 2e-5.
func agree(t *testing.T, losses, wantLosses []float64, weights, wantWeights []float32) {
	t.Helper()
	var loss, weight float64
	for i, l := range losses {
		off := math.Abs(l-wantLosses[i]) / math.Abs(wantLosses[i])
		if !(off <= 5e-6) {
			t.Fatalf("the loss of step %d is %v, the reference's %v", i, l, wantLosses[i])
		}
		loss = max(loss, off)
	}
	for i, w := range weights {
		off := math.Abs(float64(w) - float64(wantWeights[i]))
		if !(off <= 2e-5) {
			t.Fatalf("weight %d is %v, the reference's %v", i, w, wantWeights[i])
		}
		weight = max(weight, off)
	}
	t.Logf("largest difference of a loss %.2g, relatively, of a weight %.2g", loss, weight)
}

// TestDropoutAgrees trains with masks that every device draws for itself.
func TestDropoutAgrees(t *testing.T) {
	layers := []nn.Layer{nn.Dropout(0.2), nn.Linear(33), nn.ReLU(), nn.Dropout(0.5), nn.Linear(10)}
	wantLosses, wantWeights := walk(ref.Open(), 60, 50, layers...)
	for _, name := range float32s {
		t.Run(name, func(t *testing.T) {
			losses, weights := walk(open(t, name), 60, 50, layers...)
			agree(t, losses, wantLosses, weights, wantWeights)
		})
	}
}

// TestDropoutMasks wants the same zeros everywhere.
func TestDropoutMasks(t *testing.T) {
	want := masks(t, ref.Open())
	for _, name := range float32s {
		t.Run(name, func(t *testing.T) {
			for i, v := range masks(t, open(t, name)) {
				if (v == 0) != (want[i] == 0) || !(math.Abs(float64(v)-float64(want[i])) <= 1e-6) {
					t.Fatalf("element %d is %v, the reference's %v", i, v, want[i])
				}
			}
		})
	}
}

// masks are ones after dropout, of a few steps and of streams that differ.
func masks(t *testing.T, dev backend.Backend) []float32 {
	const rows, cols, steps = 37, 91, 4
	out, key := must(backend.Alloc(dev, backend.F32, 2*rows*cols*steps)), must(backend.Alloc(dev, backend.U32, 4*steps))
	defer out.Release()
	defer key.Release()
	for s := range steps {
		backend.Write(dev, key, 4*s, []uint32{7, 1 << 31, uint32(s), 0})
	}
	var calls []backend.Call
	for i, p := range []float32{0.3, 0.9} {
		calls = append(calls, &backend.Each{
			Dst: backend.Mat(out, i*rows*cols*steps, rows, cols).Advanced(rows * cols),
			Do:  backend.Chain{backend.Fill(1), backend.Dropout(p, 5*i, backend.Row(key, 0, 4).Advanced(4))},
		})
	}
	program := must(backend.Record(dev, backend.Step{Calls: calls, Steps: steps}))
	defer program.Release()
	program.Run(steps)
	v := make([]float32, out.Len())
	if err := backend.Read(dev, v, out, 0); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestSameSeedSameBits trains twice on each device, and on the CPU with one worker and with two.
func TestSameSeedSameBits(t *testing.T) {
	layers := []nn.Layer{nn.Linear(128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(10)}
	train := func(dev backend.Backend) []uint32 {
		losses, weights := walk(dev, 20, 784, layers...)
		var bits []uint32
		for _, l := range losses {
			bits = append(bits, math.Float32bits(float32(l)))
		}
		for _, w := range weights {
			bits = append(bits, math.Float32bits(w))
		}
		return bits
	}
	for _, name := range float32s {
		t.Run(name, func(t *testing.T) {
			dev := open(t, name)
			first := train(dev)
			if !slices.Equal(first, train(dev)) {
				t.Error("a second training on the device gave other bits")
			}
			if !slices.Equal(first, train(open(t, name))) {
				t.Error("a training on the device opened again gave other bits")
			}
		})
	}
	t.Run("workers", func(t *testing.T) {
		for _, opts := range [][]cpu.Option{nil, {cpu.Gonum}} {
			if !slices.Equal(train(openWorkers(t, 1, opts...)), train(openWorkers(t, 2, opts...))) {
				t.Error("one worker and two gave different bits")
			}
		}
	})
}
