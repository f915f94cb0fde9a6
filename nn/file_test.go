package nn

import (
	"go/ast"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

// savedLayers are models that between them have every layer, by its constructor, with options.
func savedLayers() map[string]func() []Layer {
	return map[string]func() []Layer{
		"activations": func() []Layer {
			return []Layer{ReLU(), LeakyReLU(0.1), ReLU6(), Hardtanh(-1.5, 1e9), ELU(0.7), SELU(), CELU(1.3), Tanh(), Sigmoid(), LogSigmoid(),
				GELU(), GELUTanh(), SiLU(), Mish(), Softplus(), SoftplusOf(2, 10), Softsign(), Hardswish(), Hardsigmoid(), Softmax(), LogSoftmax()}
		},
		"parameters": func() []Layer {
			return []Layer{Linear(6, NoBias()), BatchNorm(Epsilon(1e-3), Momentum(0.25)), PReLU(WeightInit(Constant(0.1))), Linear(4),
				LayerNorm(NoAffine()), PReLUPerFeature(), RMSNorm(), Dropout(0.25), AlphaDropout(0.1), Linear(6), GLU(),
				BatchNorm(NoBias()), Linear(3, WeightInit(KaimingNormal(FanOut, GainReLU)), BiasInit(TruncatedNormal(0, 0.1, -0.2, 0.2)))}
		},
		"containers": func() []Layer {
			return []Layer{Linear(4), Residual(Linear(8), ReLU(), Linear(4)), Concat(Sequence(Linear(2), Tanh()), Residual(BatchNorm())), Linear(2)}
		},
		"embeddings": func() []Layer {
			named := Embedding(5, 2)
			named.Init = Uniform(-0.05, 0.05)
			return []Layer{Embeddings(named, Tokens(7, 3, 2), BagSum(4, 2, 3), BagMean(3, 1, 2)), Linear(2, WeightInit(Orthogonal(1)))}
		},
	}
}

// savedPredictions are a model's for some rows.
func savedPredictions(t *testing.T, m *Model) []float32 {
	t.Helper()
	x, codes := make([]float32, 5*m.Inputs()), make([]uint32, 5*m.Codes())
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	for i := range codes {
		codes[i] = uint32(i % 3)
	}
	y, err := m.PredictCodes(x, codes)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// TestSaveLoad: a model is its file's, every layer with its settings and numbers, and what it draws anew.
func TestSaveLoad(t *testing.T) {
	for name, layers := range savedLayers() {
		onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
			m := modelOf(t, dev, 4, layers()...)
			m.Init(7)
			stats, err := m.RunningStats()
			if err != nil {
				t.Fatal(err)
			}
			for i := range stats {
				for j := range stats[i].Values {
					stats[i].Values[j] = 0.5 + float32(i+j)/8
				}
			}
			if err := m.SetRunningStats(stats); err != nil {
				t.Fatal(err)
			}
			path, meta := filepath.Join(t.TempDir(), "m.safetensors"), map[string]string{"classes": `["cat","dog"]`}
			if err := m.Save(path, meta); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			back, got, err := Load(dev, path)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			defer back.Release()
			if !maps.Equal(got, meta) {
				t.Errorf("metadata %v", got)
			}
			if a, b := savedPredictions(t, back), savedPredictions(t, m); !slices.Equal(a, b) {
				t.Errorf("%s: predicts %v, want %v", name, a, b)
			}
			a, err := back.Architecture()
			b, err2 := m.Architecture()
			if a != b || err != nil || err2 != nil {
				t.Errorf("%s, want %s; %v, %v", a, b, err, err2)
			}
			back.Init(9)
			m.Init(9)
			if a, b := savedPredictions(t, back), savedPredictions(t, m); !slices.Equal(a, b) {
				t.Errorf("%s: drawn anew it predicts %v, want %v", name, a, b)
			}
		})
	}
}

// TestEveryLayerIsSaved walks the functions that make layers and initialisers: each is in a model that was saved, and known
// to Load.
func TestEveryLayerIsSaved(t *testing.T) {
	here := used(t, "file_test.go")
	found := 0
	for name, result := range layerFunctions(t) {
		found++
		switch {
		case result == "Layer" && !here[name]:
			t.Errorf("no model with %s is saved", name)
		case result == "Initializer" && initializerKinds[name] == nil:
			t.Errorf("Load knows no initialiser %s", name)
		}
	}
	if found < 40 {
		t.Errorf("%d functions: the walk misses some", found)
	}
}

// gain is a layer of one's own that says what it is made of.
type gain struct {
	scaled
	by float64
}

func (gain) String() string        { return "gain" }
func (g gain) Describe() LayerSpec { return LayerSpec{Kind: "gain", Args: []float64{g.by}} }

func gainKind() LayerKind {
	return LayerKind{"gain", func(s LayerSpec) (Layer, error) { return gain{by: s.Args[0]}, nil }}
}

func TestSaveOwn(t *testing.T) {
	dev := cpu.Open()
	path := filepath.Join(t.TempDir(), "m")
	m := modelOf(t, dev, 2, Residual(gain{by: 2}), Linear(1))
	if err := m.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	back, _, err := Load(dev, path, gainKind())
	if err != nil {
		t.Fatal(err)
	}
	if a, b := savedPredictions(t, back), savedPredictions(t, m); !slices.Equal(a, b) {
		t.Errorf("%v, want %v", a, b)
	}
	if _, _, err := Load(dev, path); err == nil || !strings.Contains(err.Error(), `layer 0, "Residual": layer 0, "gain": no layer of that kind`) {
		t.Errorf("%v", err)
	}
	other := modelOf(t, dev, 2, Linear(2), scaled{})
	if err := other.Save(path, nil); err == nil || !strings.Contains(err.Error(), "layer 1, scaled: a layer of one's own needs the method Describe") {
		t.Errorf("%v", err)
	}
	if err := other.SaveWeights(path, map[string]string{"a": "b"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(dev, path); err == nil || !strings.Contains(err.Error(), "no architecture in it") {
		t.Errorf("%v", err)
	}
	loaded, err := modelOf(t, dev, 2, Linear(2), scaled{}).LoadWeights(path, nil)
	if err != nil || loaded.Strict() != nil || !slices.Equal(loaded.Loaded, []string{"0.weight", "0.bias", "1.scale"}) {
		t.Errorf("%+v, %v", loaded, err)
	}
}

// TestLoadWeights: for fine-tuning all layers but the last are taken from a file.
func TestLoadWeights(t *testing.T) {
	dev := cpu.Open()
	path := filepath.Join(t.TempDir(), "m")
	from := modelOf(t, dev, 4, Linear(3), BatchNorm(), Linear(10))
	from.Init(3)
	if err := from.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	to := modelOf(t, dev, 4, Linear(3), BatchNorm(), Linear(2), PReLU())
	before, err := to.Weights()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.LoadWeights(path, nil); err == nil || !strings.Contains(err.Error(), `tensor "2.weight" has the shape [3 10], the model's is [3 2]`) {
		t.Errorf("%v", err)
	}
	if after, err := to.Weights(); err != nil || !slices.Equal(after, before) {
		t.Error("a file that did not fit has changed the model")
	}
	loaded, err := to.LoadWeights(path, func(name string) bool { return !strings.HasPrefix(name, "2.") })
	if err != nil {
		t.Fatal(err)
	}
	want := Loaded{[]string{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"}, []string{"3.weight"}, nil}
	if !slices.Equal(loaded.Loaded, want.Loaded) || !slices.Equal(loaded.Missing, want.Missing) || len(loaded.Unexpected) != 0 {
		t.Errorf("%+v, want %+v", loaded, want)
	}
	if err := loaded.Strict(); err == nil || !strings.Contains(err.Error(), `missing from the file: ["3.weight"]`) {
		t.Errorf("%v", err)
	}
	after, err := to.Weights()
	theirs, err2 := from.Weights()
	if err != nil || err2 != nil || !slices.Equal(after[:21], theirs[:21]) || !slices.Equal(after[21:], before[21:]) {
		t.Errorf("%v, %v: %v, want %v and %v", err, err2, after, theirs[:21], before[21:])
	}
	if _, err := modelOf(t, dev, 4, Residual(Linear(4))).LoadWeights(path, nil); err == nil || !strings.Contains(err.Error(), "none of the tensors") {
		t.Errorf("%v", err)
	}
}

// TestState: a state's numbers come back to the last bit, also where they are wider than float32.
func TestState(t *testing.T) {
	dev := ref.Open()
	m := modelOf(t, dev, 3, Linear(2), BatchNorm())
	s, err := NewState(m, RMSprop(0.1), Averaged(EMA(0.5)))
	if err != nil {
		t.Fatal(err)
	}
	for i, slot := range s.all() {
		ref.Float64(slot.buf)[slot.off] = 1 / (3 + float64(i))
	}
	path := filepath.Join(t.TempDir(), "s")
	if err := s.Save(path, Extra{map[string]string{"a": "b"}, map[string][]float32{"best": {1, 2}}}); err != nil {
		t.Fatal(err)
	}
	other := modelOf(t, dev, 3, Linear(2), BatchNorm())
	to, err := NewState(other, RMSprop(0.1), Averaged(EMA(0.5)))
	if err != nil {
		t.Fatal(err)
	}
	x, err := to.Load(path)
	if err != nil || x.Strings["a"] != "b" || !slices.Equal(x.Numbers["best"], []float32{1, 2}) {
		t.Errorf("%+v, %v", x, err)
	}
	for i, slot := range to.all() {
		if got := ref.Float64(slot.buf)[slot.off]; got != 1/(3+float64(i)) {
			t.Errorf("%s: %v", slot.name, got)
		}
	}
	adam, err := NewState(other, Adam(0.1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := adam.Load(path); err == nil || !strings.Contains(err.Error(), `tensor "average/0.bias" belongs to another model or optimizer than Adam`) {
		t.Errorf("%v", err)
	}
}

func modelOf(t testing.TB, dev backend.Backend, inputs int, layers ...Layer) *Model {
	t.Helper()
	m, err := New(dev, inputs, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// layerFunctions are the exported functions of this package that make layers, initialisers and embeddings, with what each makes.
func layerFunctions(t *testing.T) map[string]string {
	all := map[string]string{}
	for _, f := range parse(t, "*.go") {
		if strings.HasSuffix(f.Name.Name, "_test") {
			continue
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil || len(fn.Type.Results.List) != 1 {
				continue
			}
			if id, ok := fn.Type.Results.List[0].Type.(*ast.Ident); ok && (id.Name == "Layer" || id.Name == "Initializer") {
				all[fn.Name.Name] = id.Name
			}
		}
	}
	return all
}
