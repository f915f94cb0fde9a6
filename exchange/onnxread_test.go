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
	unread := []string{"norms", "nested", "gates", "softplusof"}
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
		for i := range w {
			if len(got) != len(w) || !(math.Abs(float64(got[i]-w[i])) <= 1e-6*max(1, math.Abs(float64(w[i])))) {
				t.Errorf("%s: output %d is %v, want %v", name, i, got[i], w[i])
				break
			}
		}
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
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import torch").CombinedOutput(); err != nil {
		need.Lacking(t, "torch", errors.Join(fmt.Errorf("Debian: python3-torch: %s", out), err))
	}
	dev := cpu.Open()
	defer dev.Close()
	dir := t.TempDir()
	var errs bytes.Buffer
	c := exec.Command(python, "testdata/torch_onnx.py", dir)
	c.Stderr = &errs
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	out := map[string][]float32{}
	if i := bytes.LastIndexByte(bytes.TrimSpace(text), '\n'); i >= 0 {
		text = text[i:] // the exporter prints too
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
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
		for i := range want {
			if len(got) != len(want) || !(math.Abs(float64(got[i]-want[i])) <= 1e-6*max(1, 2*math.Abs(float64(want[i])))) {
				t.Errorf("%s: output %d is %v, PyTorch's %v", name, i, got[i], want[i])
				break
			}
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
		m, _, err := exchange.ReadONNX(dev, file)
		if err != nil {
			return
		}
		defer m.Release()
		if _, err := m.Predict(make([]float32, m.Inputs())); err != nil {
			t.Fatalf("a model of %v that is read does not predict: %v", m.Layers(), err)
		}
	})
}
