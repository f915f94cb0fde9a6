package nn

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// initializers are testdata/initializers.json, which testdata/initializers.py wrote with PyTorch.
type initializers struct {
	Gains        map[string]float64
	Initializers []struct {
		Name       string
		Rows, Cols int
		Drawn      [3]any // "uniform", a, b or "normal", mean, std
	}
	Us          []float64 // draws
	Truncated   []struct{ Cut, Quantiles []float64 }
	LeCunNormal struct {
		FanIn     int `json:"fan_in"`
		Quantiles []float64
	} `json:"lecun_normal"`
	Orthogonal []struct {
		Rows, Cols int // of PyTorch's matrix
		Gain       float64
		Start, End []float64
	}
}

func readInitializers(t *testing.T) (g initializers) {
	t.Helper()
	raw, err := os.ReadFile("testdata/initializers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// filled is a rows×cols parameter that init has filled, with the third stream's draws of seed 5.
func filled(init Initializer, rows, cols int, fans Fans) *InitParam {
	p := &InitParam{W: make([]float32, rows*cols), Rows: rows, Cols: cols, Fans: fans, key: [4]uint32{5, 0, 0, initSalt}, stream: 3}
	init.Fill(p)
	return p
}

func TestGains(t *testing.T) {
	got := map[string]float64{
		"linear": GainLinear, "sigmoid": GainSigmoid, "tanh": GainTanh, "relu": GainReLU, "selu": GainSELU, "leaky_relu": GainLeakyReLU(0.01),
	}
	for name, want := range readInitializers(t).Gains {
		if !(math.Abs(got[name]-want) <= 1e-15*want) {
			t.Errorf("the gain of %s is %v, PyTorch has %v", name, got[name], want)
		}
	}
}

// TestInitializerGoldens: each element is its draw, moved and scaled to the distribution that PyTorch draws from.
func TestInitializerGoldens(t *testing.T) {
	table := map[string]Initializer{
		"default":                   UniformFanIn(),
		"kaiming uniform relu":      KaimingUniform(FanIn, GainReLU),
		"kaiming uniform leaky out": KaimingUniform(FanOut, GainLeakyReLU(0.2)),
		"kaiming normal tanh":       KaimingNormal(FanIn, GainTanh),
		"kaiming normal selu out":   KaimingNormal(FanOut, GainSELU),
		"kaiming normal linear":     KaimingNormal(FanIn, GainLinear),
		"xavier uniform":            XavierUniform(1),
		"xavier uniform relu":       XavierUniform(GainReLU),
		"xavier normal":             XavierNormal(1),
		"xavier normal tanh":        XavierNormal(GainTanh),
		"uniform":                   Uniform(-0.3, 0.7),
		"normal":                    Normal(0.1, 0.02),
		"lecun uniform":             LeCunUniform(),
	}
	for _, g := range readInitializers(t).Initializers {
		init := table[g.Name]
		if init == nil {
			t.Fatalf("the table has no %q", g.Name)
		}
		if err := init.Check(); err != nil {
			t.Fatal(err)
		}
		p := filled(init, g.Rows, g.Cols, Fans{In: g.Rows, Out: g.Cols})
		a, b := g.Drawn[1].(float64), g.Drawn[2].(float64)
		for i, w := range p.W {
			want, scale := a+b*p.Normal(i), math.Abs(a)+7*b
			if g.Drawn[0] == "uniform" {
				want, scale = a+(b-a)*p.Uniform(i), b-a
			}
			if !(math.Abs(float64(w)-want) <= scale/(1<<23)) {
				t.Fatalf("%s, %d×%d: element %d is %v, PyTorch's %v would have %v", g.Name, g.Rows, g.Cols, i, w, g.Drawn, want)
			}
		}
	}
}

// TestTruncatedGoldens has the cut normals at PyTorch's quantiles; what fills a parameter is the quantile of its draw.
func TestTruncatedGoldens(t *testing.T) {
	g := readInitializers(t)
	near := func(what string, quantile func(u float64) float64, want []float64) {
		for i, u := range g.Us {
			if got := quantile(u); !(math.Abs(got-want[i]) <= 1e-12*(1+math.Abs(want[i]))) {
				t.Errorf("%s: quantile %v is %v, PyTorch has %v", what, u, got, want[i])
			}
		}
	}
	for _, c := range g.Truncated {
		mean, std, a, b := c.Cut[0], c.Cut[1], c.Cut[2], c.Cut[3]
		quantile := truncated(mean, std, a, b)
		near("TruncatedNormal", quantile, c.Quantiles)
		for p, i := filled(TruncatedNormal(mean, std, a, b), 1, 9, Fans{In: 1, Out: 9}), 0; i < 9; i++ {
			if want := float32(quantile(p.open(i))); p.W[i] != want {
				t.Errorf("element %d of TruncatedNormal%v is %v, want %v", i, c.Cut, p.W[i], want)
			}
		}
	}
	n := g.LeCunNormal
	std := 1 / math.Sqrt(float64(n.FanIn)) / cutStd
	near("LeCunNormal", func(u float64) float64 { return std * unitCut(u) }, n.Quantiles)
	for p, i := filled(LeCunNormal(), n.FanIn, 2, Fans{In: n.FanIn, Out: 2}), 0; i < 9; i++ {
		if want := float32(std * unitCut(p.open(i))); p.W[i] != want {
			t.Errorf("element %d of LeCunNormal is %v, want %v", i, p.W[i], want)
		}
	}
}

// TestOrthogonalGoldens: what Gram and Schmidt make of normals is what PyTorch makes of them by LAPACK and signs.
func TestOrthogonalGoldens(t *testing.T) {
	for _, g := range readInitializers(t).Orthogonal {
		// PyTorch factors the columns of a tall or square matrix, the rows of a wide one.
		count, length, step, stride := g.Cols, g.Rows, 1, g.Cols
		if g.Rows < g.Cols {
			count, length, step, stride = g.Rows, g.Cols, g.Cols, 1
		}
		v := make([][]float64, count)
		for i := range v {
			for j := range length {
				v[i] = append(v[i], g.Start[i*step+j*stride])
			}
		}
		orthonormalize(v)
		for i := range v {
			for j, x := range v[i] {
				if want := g.End[i*step+j*stride]; !(math.Abs(g.Gain*x-want) <= 1e-12) {
					t.Errorf("%d×%d: element %d of vector %d is %v, PyTorch has %v", g.Rows, g.Cols, j, i, g.Gain*x, want)
				}
			}
		}
	}
}
