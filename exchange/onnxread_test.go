package exchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/exchange"
	"github.com/gloss-ml/gloss/internal/need"
	"github.com/gloss-ml/gloss/nn"
)

// TestRoundTripONNX: what is written and is a chain comes back.
func TestRoundTripONNX(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	dir := t.TempDir()
	want := written(t, dev, dir)
	var in struct{ Data []float32 }
	text, err := os.ReadFile(filepath.Join(dir, "x.json"))
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	if err != nil {
		t.Fatal(err)
	}
	// Several nodes for one layer, or branches.
	unread := []string{"norms", "nested", "gates", "softplusof", "columns", "alone"}
	for name, w := range want {
		file, err := os.ReadFile(filepath.Join(dir, name+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := exchange.ReadONNX(dev, file)
		if slices.Contains(unread, name) {
			if err == nil {
				t.Errorf("%s is read", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := m.Predict(in.Data)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, got, w, 1e-6)
	}
}

// TestReadONNXScaled: a table's scaling becomes part of the first layer, and the target's units of the last.
func TestReadONNXScaled(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	frame, err := tabular.Read(strings.NewReader("a,b,price\n1,5,100.5\n3,9,300\n4,1,250\n"), tabular.CSV{})
	if err != nil {
		t.Fatal(err)
	}
	prep, err := tabular.Recipe{Target: "price", Task: tabular.Regress}.Fit(frame, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.New(dev, 2, nn.Linear(5), nn.Tanh(), nn.Linear(1))
	if err != nil {
		t.Fatal(err)
	}
	m.Init(3)
	var file bytes.Buffer
	if err := exchange.ONNX(&file, m, exchange.ONNXFile{Prep: prep}); err != nil {
		t.Fatal(err)
	}
	again, notes, err := exchange.ReadONNX(dev, file.Bytes())
	if err != nil || len(notes) != 1 {
		t.Fatalf("%v, %v", notes, err)
	}
	x, _, _ := prep.Row(map[string]string{"a": "2", "b": "7"})
	y, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Predict([]float32{2, 7})
	if want := prep.Target.Value(y[0]); err != nil || math.Abs(float64(got[0])-want) > 1e-5*math.Abs(want) {
		t.Errorf("%v, want %v: %v", got, want, err)
	}
}

// TestReadTorch: PyTorch's own exporter.
func TestReadTorch(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dev := cpu.Open()
	defer dev.Close()
	dir := t.TempDir()
	out := map[string][]float32{}
	python(t, "torch", dir, &out)
	for name, want := range out {
		if name == "x" {
			continue
		}
		file, err := os.ReadFile(filepath.Join(dir, name+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		m, notes, err := exchange.ReadONNX(dev, file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %v %q", name, m.Layers(), notes)
		got, err := m.Predict(out["x"])
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, got, want, 1e-6)
	}
}

// python runs testdata/NAME_onnx.py, which writes files into dir, and reads what it prints last.
func python(t *testing.T, name, dir string, to any) {
	t.Helper()
	const python = "/usr/bin/python3"
	for _, m := range map[string][]string{"torch": {"torch"}, "exporters": {"onnx", "sklearn"}}[name] {
		if out, err := exec.Command(python, "-c", "import "+m).CombinedOutput(); err != nil {
			need.Lacking(t, m, errors.Join(fmt.Errorf("Debian: python3-%s: %s", m, out), err))
		}
	}
	var errs bytes.Buffer
	c := exec.Command(python, "testdata/"+name+"_onnx.py", dir)
	c.Stderr = &errs
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	if i := bytes.LastIndexByte(bytes.TrimSpace(text), '\n'); i >= 0 {
		text = text[i:] // exporters print too
	}
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// TestReadExporters: files in the form of scikit-learn's and Keras's exporters, with labels behind the probabilities, scalers before
// the first layer, and normalisations that have become products and sums.
func TestReadExporters(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dev := cpu.Open()
	defer dev.Close()
	dir := t.TempDir()
	out := map[string]struct {
		X, Y    []float32
		Classes []string
	}{}
	python(t, "exporters", dir, &out)
	layers := map[string]string{
		"sklearn_names": "[Linear(8) ReLU Linear(5) ReLU Linear(3) Softmax]", "sklearn_three": "[Linear(6) Tanh Linear(3) Softmax]",
		"sklearn_two": "[Linear(6) Sigmoid Linear(1) Sigmoid]", "sklearn_number": "[Linear(9) ReLU Linear(4) ReLU Linear(1)]",
		"keras_table": "[Linear(8) ReLU Linear(6) SiLU Linear(3) Softmax]", "keras_images": "[Linear(7) Tanh BatchNorm ReLU Linear(1) Tanh BatchNorm]",
	}
	if len(out) != len(layers) {
		t.Fatalf("%d files", len(out))
	}
	for name, want := range out {
		file, err := os.ReadFile(filepath.Join(dir, name+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		m, notes, err := exchange.ReadONNX(dev, file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %v %q", name, m.Layers(), notes)
		if got := fmt.Sprint(m.Layers()); got != layers[name] {
			t.Errorf("%s: %s, want %s", name, got, layers[name])
		}
		got, err := m.Predict(want.X)
		if err != nil {
			t.Fatal(err)
		}
		y := want.Y
		if len(want.Classes) == 2 { // the model gives the second's
			y = nil
			for i := 1; i < len(want.Y); i += 2 {
				y = append(y, want.Y[i])
			}
		}
		near(t, name, got, y, 1e-6)
		tableOf(t, dev, name, file, want.X, want.Y, want.Classes)
	}
}

// tableOf reads a file as a table's model: it gives logits, and knows the classes.
func tableOf(t *testing.T, dev backend.Backend, name string, file []byte, x, y []float32, classes []string) {
	m, prep, _, err := exchange.ReadONNXTable(dev, file, exchange.TableNames{})
	if err != nil {
		t.Errorf("%s as a table: %v", name, err)
		return
	}
	if strings.HasPrefix(name, "sklearn") && !slices.Equal(prep.Target.Classes, classes) {
		t.Errorf("%s: classes %q, want %q", name, prep.Target.Classes, classes)
	}
	if prep.Cols() != m.Inputs() || prep.Inputs[1].Name != "x1" || prep.Target.Name != "y" {
		t.Errorf("%s: %d columns, the second is %q", name, prep.Cols(), prep.Inputs[1].Name)
	}
	got, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if k := len(prep.Target.Classes); k > 0 {
		for i := 0; i < len(got); i += k {
			copy(got[i:], softmax(got[i:i+k]))
		}
	}
	near(t, name+" as a table", got, y, 1e-6)
}

func softmax(logits []float32) []float32 {
	p, sum := make([]float32, len(logits)), 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v))
	}
	for i, v := range logits {
		p[i] = float32(math.Exp(float64(v)) / sum)
	}
	return p
}

// near compares to within a part of what is wanted, or of 1 where that is less.
func near(t *testing.T, name string, got, want []float32, part float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", name, len(got), len(want))
		return
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i]-w)) <= part*max(1, math.Abs(float64(w)))) {
			t.Errorf("%s: output %d is %v, want %v", name, i, got[i], w)
			return
		}
	}
}

func TestReadONNXErrors(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	m, err := nn.New(dev, 2, nn.Linear(3), nn.RMSNorm(), nn.Linear(1))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := exchange.ONNX(&file, m, exchange.ONNXFile{}); err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string][]byte{
		"this is no protocol buffer, or one that is cut off": []byte("hello, world"),
		"no graph of layers in it":                           nil,
		"node 1, Mul: this op is not known here":             file.Bytes(),
		"cut off":                                            file.Bytes()[:file.Len()-9],
	} {
		if _, _, err := exchange.ReadONNX(dev, text); err == nil || !strings.HasPrefix(err.Error(), "exchange: onnx: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if s := dev.Stats(); s.LiveBuffers > 2 {
		t.Errorf("%d buffers are left", s.LiveBuffers)
	}
}

// FuzzReadONNX: no bytes bring the reader down, or take memory beyond some times their number.
func FuzzReadONNX(f *testing.F) {
	dev := ref.Open()
	for _, layers := range [][]nn.Layer{{nn.Linear(2)}, {nn.Linear(3), nn.BatchNorm(), nn.ReLU6(), nn.PReLU(), nn.Linear(1), nn.Softmax()}} {
		m, err := nn.New(dev, 2, layers...)
		if err != nil {
			f.Fatal(err)
		}
		var file bytes.Buffer
		if err := exchange.ONNX(&file, m, exchange.ONNXFile{}); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var m *nn.Model
		var err error
		n := need.Taken(func() { m, _, err = exchange.ReadONNX(dev, file) })
		if most := uint64(16*len(file) + 1<<22); n > most {
			t.Fatalf("%d bytes were taken for a file of %d, at most %d may be", n, len(file), most)
		}
		if err != nil {
			return
		}
		defer m.Release()
		if _, err := m.Predict(make([]float32, m.Inputs())); err != nil {
			t.Fatalf("a model of %v that is read does not predict: %v", m.Layers(), err)
		}
	})
}
