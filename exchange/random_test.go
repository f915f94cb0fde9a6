package exchange_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/exchange"
	"github.com/gloss-ml/gloss/internal/need"
	"github.com/gloss-ml/gloss/nn"
)

// drawn is a network with weights, and rows for it.
type drawn struct {
	model *nn.Model
	rows  int
	x     []float32
	codes []int32
	want  []float32 // its outputs
	slack []float64 // of each, what roundings of inputs and weights move it
}

// layersOf draws layers of that width, for a chain or with branches.
func layersOf(t *rapid.T, width, depth int, branches bool) (all []nn.Layer, out int) {
	number := func(lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, "number") }
	linear := func(width int) nn.Layer {
		if rapid.IntRange(0, 3).Draw(t, "bias") == 0 {
			return nn.Linear(width, nn.NoBias())
		}
		return nn.Linear(width)
	}
	// A smaller one lets a row's normalisation make more than 1e-6 of roundings, where a saturated layer comes before it.
	epsilon := func() nn.ParamOption { return nn.Epsilon(number(0.01, 0.2)) }
	plain := []func() nn.Layer{
		nn.ReLU, nn.ReLU6, nn.Tanh, nn.Sigmoid, nn.SELU, nn.Softsign, nn.Hardswish, nn.Hardsigmoid, nn.LogSigmoid, nn.GELU, nn.GELUTanh, nn.SiLU, nn.Mish, nn.Softplus,
		nn.LogSoftmax, func() nn.Layer { return nn.PReLU() }, func() nn.Layer { return nn.PReLUPerFeature() },
		func() nn.Layer { return nn.LeakyReLU(number(0, 1)) }, func() nn.Layer { return nn.ELU(number(0.1, 2)) }, func() nn.Layer { return nn.CELU(number(0.1, 2)) },
		func() nn.Layer { return nn.Hardtanh(-number(0.1, 1), number(0.1, 1)) }, func() nn.Layer { return nn.Dropout(number(0, 0.5)) },
		func() nn.Layer { return nn.BatchNorm(epsilon()) }, func() nn.Layer { return nn.LayerNorm(epsilon()) },
	}
	if branches {
		plain = append(plain, nn.Softmax, func() nn.Layer { return nn.SoftplusOf(number(0.5, 3), 20) }, func() nn.Layer { return nn.BatchNorm(nn.NoAffine()) },
			func() nn.Layer { return nn.LayerNorm(nn.NoAffine(), epsilon()) }, func() nn.Layer { return nn.RMSNorm(epsilon()) })
	}
	for range rapid.IntRange(0, 5).Draw(t, "layers") {
		kind := rapid.IntRange(0, len(plain)+8).Draw(t, "kind") - len(plain)
		switch {
		case kind < 0:
			all = append(all, plain[kind+len(plain)]())
		case kind < 4 || !branches || depth == 0:
			width = rapid.IntRange(1, 12).Draw(t, "width")
			all = append(all, linear(width))
		case kind < 5:
			width = rapid.IntRange(1, 6).Draw(t, "width")
			all = append(all, linear(2*width), nn.GLU())
		case kind < 6:
			in, _ := layersOf(t, width, depth-1, true)
			all = append(all, nn.Residual(append(in, linear(width))...))
		case kind < 7:
			var in []nn.Layer
			in, width = layersOf(t, width, depth-1, true)
			all = append(all, nn.Sequence(append([]nn.Layer{nn.Tanh()}, in...)...))
		default:
			a, first := layersOf(t, width, depth-1, true)
			b, second := layersOf(t, width, depth-1, true)
			all = append(all, nn.Concat(nn.Sequence(append(a, nn.Softsign())...), nn.Sequence(append(b, nn.ReLU())...)))
			width = first + second
		}
	}
	return all, width
}

// draw draws a network and gives it weights, statistics and rows.
func draw(t *rapid.T, dev backend.Backend, branches bool) *drawn {
	inputs := rapid.IntRange(1, 9).Draw(t, "inputs")
	width := rapid.IntRange(1, 12).Draw(t, "width")
	layers := []nn.Layer{nn.Linear(width)}
	if branches && rapid.Bool().Draw(t, "codes") {
		layers = append([]nn.Layer{nn.Embeddings(nn.Embedding(4, 3), nn.Tokens(5, 2, 3), nn.BagSum(6, 4, 2), nn.BagMean(3, 2, 4))}, layers...)
	}
	more, _ := layersOf(t, width, 2, branches)
	m, err := nn.New(dev, inputs, append(layers, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rapid.Uint64().Draw(t, "seed"))
	r := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "numbers")))
	w, err := m.Weights()
	for i := range w {
		w[i] += float32(0.2 * r.NormFloat64())
	}
	stats, err2 := m.RunningStats()
	for _, s := range stats {
		for i := range s.Values {
			s.Values[i] = 0.5 + r.Float32()
		}
	}
	if err = errors.Join(err, err2, m.SetWeights(w), m.SetRunningStats(stats)); err != nil {
		t.Fatal(err)
	}
	d := &drawn{model: m, rows: 5, x: make([]float32, 5*inputs), codes: make([]int32, 5*m.Codes())}
	for i := range d.x {
		d.x[i] = float32(2 * r.NormFloat64())
	}
	for i, count := range slices.Repeat(m.CodeCounts(), d.rows) {
		d.codes[i] = int32(r.IntN(count+1)) - 1
	}
	d.want = d.outputs(t, m, d.x)
	d.slack = make([]float64, len(d.want))
	for range 4 {
		if err := m.SetWeights(rounded(w, r)); err != nil {
			t.Fatal(err)
		}
		for i, y := range d.outputs(t, m, rounded(d.x, r)) {
			d.slack[i] = max(d.slack[i], math.Abs(float64(y)-float64(d.want[i])))
		}
	}
	if err := m.SetWeights(w); err != nil {
		t.Fatal(err)
	}
	return d
}

// rounded are numbers that are off by two roundings, this way or that.
func rounded(v []float32, r *rand.Rand) []float32 {
	v = slices.Clone(v)
	for i := range v {
		v[i] *= 1 + float32(2*r.IntN(2)-1)/(1<<22)
	}
	return v
}

func (d *drawn) outputs(t *rapid.T, m *nn.Model, x []float32) []float32 {
	codes := make([]uint32, len(d.codes))
	for i, c := range d.codes {
		codes[i] = uint32(c)
	}
	y, err := m.PredictCodes(x, codes)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// compare: to 1e-6, and what a few roundings make of a network that is steep where it is looked at.
func (d *drawn) compare(t errorer, what string, got []float32) {
	t.Helper()
	if len(got) != len(d.want) {
		t.Fatalf("%s: %d outputs, want %d: %v", what, len(got), len(d.want), d.model.Layers())
	}
	for i, w := range d.want {
		if !(math.Abs(float64(got[i])-float64(w)) <= 1e-6*max(1, math.Abs(float64(w)))+4*d.slack[i]) {
			t.Fatalf("%s: output %d is %v, want %v: %v", what, i, got[i], w, d.model.Layers())
		}
	}
}

type errorer interface {
	Helper()
	Fatalf(string, ...any)
}

// TestRandomONNX: chains of layers go to ONNX and come back.
func TestRandomONNX(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, dev, false)
		defer d.model.Release()
		var file bytes.Buffer
		if err := exchange.ONNX(&file, d.model, exchange.ONNXFile{}); err != nil {
			t.Fatal(err)
		}
		again, _, err := exchange.ReadONNX(dev, file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		defer again.Release()
		d.compare(t, "read again", d.outputs(t, again, d.x))
	})
}

// TestRandomGo: networks as Go packages, in one program.
func TestRandomGo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dev := cpu.Open()
	defer dev.Close()
	p := newProgram(t)
	var all []*drawn
	for i := range 40 {
		d := rapid.Custom(func(t *rapid.T) *drawn { return draw(t, dev, true) }).Example(i)
		all = append(all, d)
		p.add(fmt.Sprint("net", i), d.model, d.x, d.codes)
	}
	for i, d := range all {
		d.compare(t, "as Go", p.outputs()[fmt.Sprint("net", i)])
	}
}

// TestRandomTorch: networks go to PyTorch as state dicts, predict the same there, and come back with the same bits.
func TestRandomTorch(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dev := cpu.Open()
	defer dev.Close()
	ask := torch(t)
	there, back := filepath.Join(t.TempDir(), "there"), filepath.Join(t.TempDir(), "back")
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, dev, true)
		defer d.model.Release()
		arch, err := d.model.Architecture()
		if err == nil {
			err = d.model.SaveTorch(there, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		var y []float32
		if err := ask(map[string]any{"arch": json.RawMessage(arch), "rows": d.rows, "x": d.x, "codes": d.codes, "load": there, "save": back}, &y); err != nil {
			t.Fatalf("%v: %v", d.model.Layers(), err)
		}
		d.compare(t, "in PyTorch", y)
		again, err := nn.New(dev, d.model.Inputs(), d.model.Layers()...)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Release()
		if _, err := again.LoadTorch(back, nil); err != nil {
			t.Fatal(err)
		}
		if y := d.outputs(t, again, d.x); !slices.Equal(y, d.want) {
			t.Fatalf("back again: %v, want %v: %v", y, d.want, d.model.Layers())
		}
	})
}

// torch starts testdata/torch_round.py, and gives what asks it.
func torch(t *testing.T) func(question, answer any) error {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import torch").CombinedOutput(); err != nil {
		need.Lacking(t, "torch", errors.Join(fmt.Errorf("Debian: python3-torch: %s", out), err))
	}
	c := exec.Command(python, "testdata/torch_round.py")
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	var out io.Reader
	if err == nil {
		out, err = c.StdoutPipe()
	}
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		c.Wait()
	})
	lines := bufio.NewReader(out)
	return func(question, answer any) error {
		if err := json.NewEncoder(in).Encode(question); err != nil {
			return err
		}
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return err
		}
		return json.Unmarshal(line, answer)
	}
}
