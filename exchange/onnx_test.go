package exchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/exchange"
	"github.com/gloss-ml/gloss/internal/need"
	"github.com/gloss-ml/gloss/nn"
)

const onnxRows, onnxInputs = 20, 6

// written puts every architecture into a folder as an ONNX file, with rows, and gives the models' outputs.
func written(t *testing.T, dev backend.Backend, dir string) map[string][]float32 {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	x := make([]float32, onnxRows*onnxInputs)
	for i := range x {
		x[i] = float32(3 * r.NormFloat64())
	}
	want, codes := map[string][]float32{}, map[string][]int32{}
	for name, layers := range architectures() {
		m := model(t, dev, inputsOf(name), layers, r)
		want[name], codes[name] = predicted(t, m, x, onnxRows, r)
		var file bytes.Buffer
		err := exchange.ONNX(&file, m, exchange.ONNXFile{})
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name+".onnx"), file.Bytes(), 0o666)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	text, err := json.Marshal(map[string]any{"rows": onnxRows, "data": x, "codes": codes})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "x.json"), text, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// TestONNXRuntime: another's runtime gives the model's outputs.
func TestONNXRuntime(t *testing.T) {
	modules := runtime(t)
	dev := cpu.Open()
	defer dev.Close()
	dir := t.TempDir()
	want := written(t, dev, dir)
	var errs bytes.Buffer
	c := exec.Command("node", "testdata/run_onnx.mjs", dir, modules)
	c.Stderr = &errs
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	got := map[string][]float32{}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for name, w := range want {
		part := 1e-6
		if name == "norms" {
			part = 3e-6 // six normalisations, each with a rounding of its own
		}
		near(t, name, got[name], w, part)
	}
}

// runtime is the node_modules that has onnxruntime-web: in the folder that GLOSS_ONNXRUNTIME names, where `npm install
// onnxruntime-web` was run.
func runtime(t *testing.T) string {
	dir := os.Getenv("GLOSS_ONNXRUNTIME")
	modules, err := filepath.Abs(filepath.Join(dir, "node_modules"))
	if err == nil && dir == "" {
		err = errors.New("GLOSS_ONNXRUNTIME names no folder with npm's onnxruntime-web")
	}
	if err == nil {
		_, err = os.Stat(filepath.Join(modules, "onnxruntime-web"))
	}
	if err == nil {
		_, err = exec.LookPath("node")
	}
	if err != nil {
		need.Lacking(t, "onnxruntime", err)
	}
	return modules
}

// TestONNXChecker: the files are ONNX in the eyes of onnx.ai's own checker, shapes and all.
func TestONNXChecker(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import onnx").CombinedOutput(); err != nil {
		need.Lacking(t, "onnx", errors.Join(fmt.Errorf("Debian: python3-onnx: %s", out), err))
	}
	dev := cpu.Open()
	defer dev.Close()
	dir := t.TempDir()
	want := written(t, dev, dir)
	out, err := exec.Command(python, "-c", `
import glob, onnx, sys
for f in glob.glob(sys.argv[1] + "/*.onnx"):
    m = onnx.load(f)
    onnx.checker.check_model(m, full_check=True)
    print(f)
`, dir).CombinedOutput()
	if err != nil || strings.Count(string(out), ".onnx") != len(want) {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestONNXScaled: with a table's columns the graph takes raw numbers, and gives values in the target's units or probabilities.
func TestONNXScaled(t *testing.T) {
	modules := runtime(t)
	dev := cpu.Open()
	defer dev.Close()
	frame, err := tabular.Read(strings.NewReader("a,b,kind,price\n1,5,x,100.5\n3,9,y,300\n4,1,x,250\n"), tabular.CSV{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	raw := []float32{1, 5, 1, 0, 4, 1, 0, 0} // an x, and what was never seen
	text, _ := json.Marshal(map[string]any{"rows": 2, "data": raw})
	if err := os.WriteFile(filepath.Join(dir, "x.json"), text, 0o666); err != nil {
		t.Fatal(err)
	}
	want := map[string][]float64{}
	for _, target := range []string{"price", "b"} {
		r := tabular.Recipe{Target: target, Drop: []string{"price"}}
		if target == "price" {
			r.Drop = nil
		} else { // a classification, of the same inputs
			r = tabular.Recipe{Target: "kind2"}
			frame, _ = tabular.Read(strings.NewReader("a,b,kind,kind2\n1,5,x,p\n3,9,y,q\n4,1,x,p\n"), tabular.CSV{})
		}
		prep, err := r.Fit(frame, nil)
		if err != nil {
			t.Fatal(err)
		}
		outputs := max(1, len(prep.Target.Classes))
		m, err := nn.New(dev, prep.Cols(), nn.Linear(5), nn.Tanh(), nn.Linear(outputs))
		if err != nil {
			t.Fatal(err)
		}
		m.Init(2)
		var file bytes.Buffer
		if err := exchange.ONNX(&file, m, exchange.ONNXFile{Prep: prep, Probabilities: outputs > 1}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, target+".onnx"), file.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, row := range []map[string]string{{"a": "1", "b": "5", "kind": "x"}, {"a": "4", "b": "1", "kind": "z"}} {
			x, _, err := prep.Row(row)
			if err != nil {
				t.Fatal(err)
			}
			y, err := m.Predict(x)
			if err != nil {
				t.Fatal(err)
			}
			if outputs == 1 {
				want[target] = append(want[target], prep.Target.Value(y[0]))
				continue
			}
			a, b := math.Exp(float64(y[0])), math.Exp(float64(y[1]))
			want[target] = append(want[target], a/(a+b), b/(a+b))
		}
	}
	out, err := exec.Command("node", "testdata/run_onnx.mjs", dir, modules).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := map[string][]float64{}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, w := range want {
		for i := range w {
			if len(got[name]) != len(w) || !(math.Abs(got[name][i]-w[i]) <= 2e-6*max(1, math.Abs(w[i]))) {
				t.Errorf("%s: %v, want %v", name, got[name], w)
				break
			}
		}
	}
}

// same is a layer of one's own, which no file can say.
type same struct{}

func (same) String() string                                             { return "same" }
func (same) Bind(_ *nn.Scope, in int) (nn.Node, error)                  { return sameNode(in), nil }
func (n sameNode) Width() int                                           { return int(n) }
func (sameNode) Forward(*nn.Plan, nn.Value) (v nn.Value, b nn.Backward) { panic("not called") }

type sameNode int

func TestONNXErrors(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	m, err := nn.New(dev, 2, nn.Linear(2), nn.Residual(same{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{exchange.ONNX(&bytes.Buffer{}, m, exchange.ONNXFile{}), exchange.Go(&bytes.Buffer{}, m, exchange.GoFile{Package: "p"})} {
		if err == nil || !strings.Contains(err.Error(), "same") || !strings.Contains(err.Error(), "layer 1") {
			t.Error(err)
		}
	}
}

// Other programs and languages run the file.
func ExampleONNX() {
	dev := cpu.Open()
	defer dev.Close()
	m, err := nn.New(dev, 4, nn.Linear(8), nn.ReLU(), nn.Linear(3))
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	fmt.Println(exchange.ONNX(&file, m, exchange.ONNXFile{Probabilities: true}), file.Len() > 300)
	// Output: <nil> true
}
