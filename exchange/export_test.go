package exchange_test

import (
	"bytes"
	"encoding/json"
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
	"github.com/gloss-ml/gloss/nn"
)

// architectures are of every layer that a file of Go can say, on six inputs, but alone.
func architectures() map[string][]nn.Layer {
	all := map[string][]nn.Layer{
		"plain":   {nn.Linear(8), nn.ReLU(), nn.Linear(3)},
		"linear":  {nn.Linear(2, nn.NoBias())},
		"norms":   {nn.BatchNorm(), nn.Linear(7), nn.LayerNorm(nn.Epsilon(1e-3)), nn.Linear(5), nn.RMSNorm(), nn.BatchNorm(nn.NoAffine()), nn.LayerNorm(nn.NoAffine())},
		"nested":  {nn.Linear(6), nn.Residual(nn.Linear(6), nn.Tanh(), nn.Sequence(nn.Linear(6), nn.Dropout(0.5))), nn.Concat(nn.Linear(2), nn.Sequence(nn.Linear(3), nn.SiLU())), nn.Residual(nn.PReLU())},
		"gates":   {nn.Linear(8), nn.GLU(), nn.PReLUPerFeature(), nn.AlphaDropout(0.1), nn.Linear(4), nn.Softmax()},
		"log":     {nn.Linear(4), nn.LogSoftmax()},
		"columns": {nn.Embeddings(nn.Embedding(4, 3), nn.Tokens(5, 2, 3), nn.BagSum(6, 4, 2), nn.BagMean(3, 2, 4)), nn.Linear(5), nn.Tanh(), nn.Linear(2)},
		"alone":   {nn.Embeddings(nn.Embedding(2, 1), nn.BagMean(4, 3, 2)), nn.ReLU(), nn.Linear(3)}, // without other inputs
	}
	for name, l := range map[string]nn.Layer{
		"relu6": nn.ReLU6(), "selu": nn.SELU(), "tanh": nn.Tanh(), "sigmoid": nn.Sigmoid(), "logsigmoid": nn.LogSigmoid(), "gelu": nn.GELU(), "gelutanh": nn.GELUTanh(),
		"silu": nn.SiLU(), "mish": nn.Mish(), "softplus": nn.Softplus(), "softplusof": nn.SoftplusOf(2, 3), "softsign": nn.Softsign(), "hardswish": nn.Hardswish(),
		"hardsigmoid": nn.Hardsigmoid(), "leakyrelu": nn.LeakyReLU(0.2), "elu": nn.ELU(0.7), "celu": nn.CELU(1.3), "hardtanh": nn.Hardtanh(-0.5, 0.8),
	} {
		all[name] = []nn.Layer{l, nn.Linear(9), l, nn.Linear(2)}
	}
	return all
}

// inputsOf is how many numbers one of the architectures takes.
func inputsOf(name string) int {
	if name == "alone" {
		return 0
	}
	return onnxInputs
}

// model has weights, and statistics as if it had been trained.
func model(t *testing.T, dev backend.Backend, inputs int, layers []nn.Layer, r *rand.Rand) *nn.Model {
	t.Helper()
	m, err := nn.New(dev, inputs, layers...)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(7)
	stats, err := m.RunningStats()
	for _, s := range stats {
		for i := range s.Values {
			s.Values[i] = 0.5 + r.Float32()
		}
	}
	if err == nil {
		err = m.SetRunningStats(stats)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// predicted are a model's outputs for rows of x, and of codes that are drawn: a third of them are nothing.
func predicted(t *testing.T, m *nn.Model, x []float32, rows int, r *rand.Rand) (y []float32, codes []int32) {
	t.Helper()
	limits := m.CodeCounts()
	given := make([]uint32, rows*len(limits))
	codes = make([]int32, len(given))
	for i := range codes {
		if codes[i] = -1; r.IntN(3) > 0 {
			codes[i] = int32(r.IntN(limits[i%len(limits)]))
		}
		given[i] = uint32(codes[i])
	}
	y, err := m.PredictCodes(x[:rows*m.Inputs()], given)
	if err != nil {
		t.Fatal(err)
	}
	return y, codes
}

// program is one of networks that were written as Go packages.
type program struct {
	t              *testing.T
	dir            string
	imports, calls string
	x              map[string][]float32
	codes          map[string][]int32
	out            map[string][]float32
}

func newProgram(t *testing.T) *program {
	p := &program{t: t, dir: t.TempDir(), x: map[string][]float32{}, codes: map[string][]int32{}}
	p.write("go.mod", "module written\n\ngo 1.22\n")
	return p
}

func (p *program) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// add writes a network, to be run on rows.
func (p *program) add(name string, m *nn.Model, x []float32, codes []int32) {
	p.t.Helper()
	var text bytes.Buffer
	if err := exchange.Go(&text, m, exchange.GoFile{Package: name}); err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	p.write(name+"/"+name+".go", text.String())
	p.x[name], p.codes[name] = x, codes
	p.imports += fmt.Sprintf("\t%q\n", "written/"+name)
	predict := "n.Predict(in.X[%[1]q][%[1]s.Inputs*i:][:%[1]s.Inputs]"
	if m.Codes() > 0 {
		predict += ", in.Codes[%[1]q][%[1]s.Codes*i:][:%[1]s.Codes]"
	}
	rows := 0
	if rows = len(codes) / max(1, m.Codes()); m.Inputs() > 0 {
		rows = len(x) / m.Inputs()
	}
	p.calls += fmt.Sprintf("\t{ var n %[1]s.Network; try(%[1]q, %[2]d, func(i int) []float32 { return "+predict+") }) }\n", name, rows)
}

// outputs vets the program, builds and runs it, and gives each network's outputs. No prediction may allocate.
func (p *program) outputs() map[string][]float32 {
	p.t.Helper()
	if p.out != nil {
		return p.out
	}
	p.write("main.go", "package main\n\nimport (\n\t\"encoding/json\"\n\t\"os\"\n\t\"testing\"\n"+p.imports+`)

var in struct {
	X     map[string][]float32
	Codes map[string][]int32
}

var out = map[string][]float32{}

func try(name string, rows int, predict func(row int) []float32) {
	for i := range rows {
		out[name] = append(out[name], predict(i)...)
	}
	if n := testing.AllocsPerRun(10, func() { predict(1) }); n != 0 {
		panic(name + " allocates")
	}
}

func main() {
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
`+p.calls+"\tjson.NewEncoder(os.Stdout).Encode(out)\n}\n")
	run := func(stdin []byte, args ...string) []byte {
		c := exec.Command("go", args...)
		c.Dir, c.Stdin = p.dir, bytes.NewReader(stdin)
		c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		var errs bytes.Buffer
		c.Stderr = &errs
		out, err := c.Output()
		if err != nil {
			p.t.Fatalf("go %v: %v\n%s", args, err, errs.String())
		}
		return out
	}
	run(nil, "vet", "./...")
	stdin, err := json.Marshal(map[string]any{"X": p.x, "Codes": p.codes})
	if err == nil {
		err = json.Unmarshal(run(stdin, "run", "."), &p.out)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return p.out
}

// TestGo: what is written is vetted, built, and gives the model's outputs without an allocation.
func TestGo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dev := cpu.Open()
	defer dev.Close()
	r := rand.New(rand.NewPCG(3, 4))
	const rows = 20
	x := make([]float32, rows*onnxInputs)
	for i := range x {
		x[i] = float32(3 * r.NormFloat64())
	}
	p, want := newProgram(t), map[string][]float32{}
	for name, layers := range architectures() {
		m := model(t, dev, inputsOf(name), layers, r)
		var codes []int32
		want[name], codes = predicted(t, m, x, rows, r)
		p.add(name, m, x[:rows*m.Inputs()], codes)
	}
	for name, w := range want {
		near(t, name, p.outputs()[name], w, 1e-6)
	}
}

// TestGoRow: the columns go along, gaps and unknown texts too.
func TestGoRow(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	frame, err := tabular.Read(strings.NewReader("petal length (cm),2nd,color,size,kind,maker\n1,,red,s,a,A\n2,5,blue,m,b,B\n4,7,red,l,a,C\n"), tabular.CSV{})
	if err != nil {
		t.Fatal(err)
	}
	prep, err := tabular.Recipe{Target: "kind", Indicate: true, Columns: map[string]tabular.ColumnRecipe{"size": {Coding: tabular.Ordinal}, "maker": {Coding: tabular.Embed}}}.Fit(frame, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.New(dev, prep.Cols(), nn.Embeddings(nn.Embedding(3, 2)), nn.Linear(5), nn.Tanh(), nn.Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	m.Init(1)
	var text bytes.Buffer
	if err := exchange.Go(&text, m, exchange.GoFile{Package: "main", Prep: prep}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	main := `package main

import (
	"fmt"
	"math"
)

func main() {
	var n Network
	for _, r := range []Row{{2, 5, "red", "m", "C"}, {math.NaN(), math.NaN(), "green", "", "none"}, {X2nd: 7, Size: "l", Maker: "A"}} {
		fmt.Println(n.Class(r))
		y := n.PredictRow(r)
		fmt.Println(y[0], y[1])
	}
}
`
	for name, s := range map[string]string{"go.mod": "module row\n\ngo 1.22\n", "model.go": text.String(), "main.go": main} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("go", "run", ".")
	c.Dir, c.Env = dir, append(os.Environ(), "GOWORK=off")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, text.String())
	}
	lines := strings.Fields(string(out))
	for i, row := range []map[string]string{
		{"petal length (cm)": "2", "2nd": "5", "color": "red", "size": "m", "maker": "C"}, {"color": "green", "maker": "none"},
		{"petal length (cm)": "0", "2nd": "7", "size": "l", "maker": "A"},
	} {
		x, codes, err := prep.Row(row)
		if err != nil {
			t.Fatal(err)
		}
		y, err := m.PredictCodes(x, codes)
		if err != nil {
			t.Fatal(err)
		}
		class := prep.Target.Classes[0]
		if y[1] > y[0] {
			class = prep.Target.Classes[1]
		}
		var a, b float64
		fmt.Sscan(lines[3*i+1]+" "+lines[3*i+2], &a, &b)
		if lines[3*i] != class || math.Abs(a-float64(y[0])) > 1e-6 || math.Abs(b-float64(y[1])) > 1e-6 {
			t.Errorf("row %v: %v, want %s %v", row, lines[3*i:3*i+3], class, y)
		}
	}
}

func TestGoErrors(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	m, err := nn.New(dev, 0, nn.Embeddings(nn.Embedding(3, 2)), nn.Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	prep := &tabular.Prep{Target: &tabular.Output{Name: "y", Task: tabular.Regress, Width: 1}}
	for want, err := range map[string]error{
		"a model of 0 inputs and 1 codes, and columns for 0 and 0": exchange.Go(&bytes.Buffer{}, m, exchange.GoFile{Package: "p", Prep: prep}),
		"columns without a target":                                 exchange.ONNX(&bytes.Buffer{}, m, exchange.ONNXFile{Prep: &tabular.Prep{}}),
		`"func" is no package's name`:                              exchange.Go(&bytes.Buffer{}, m, exchange.GoFile{Package: "func"}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A model becomes one file, for programs that shall not depend on anything.
func ExampleGo() {
	dev := cpu.Open()
	defer dev.Close()
	m, err := nn.New(dev, 2, nn.Linear(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := m.SetWeights([]float32{1, 2, 0.5}); err != nil {
		fmt.Println(err)
	}
	var text strings.Builder
	if err := exchange.Go(&text, m, exchange.GoFile{Package: "price"}); err != nil {
		fmt.Println(err)
	}
	for _, line := range strings.Split(text.String(), "\n")[:14] {
		fmt.Println(line)
	}
	// Output:
	// // Code generated by gloss; DO NOT EDIT.
	//
	// package price
	//
	// import (
	// 	"encoding/base64"
	// 	"math"
	// )
	//
	// // Inputs and Outputs are how many numbers Predict takes and gives.
	// const (
	// 	Inputs  = 2
	// 	Outputs = 1
	// )
}
