package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

func phi(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func uniformCDF(a, b float64) func(float64) float64 {
	return func(x float64) float64 { return (x - a) / (b - a) }
}

func normalCDF(mean, std float64) func(float64) float64 {
	return func(x float64) float64 { return phi((x - mean) / std) }
}

func truncatedCDF(mean, std, a, b float64) func(float64) float64 {
	lo, hi := phi((a-mean)/std), phi((b-mean)/std)
	return func(x float64) float64 { return (phi((x-mean)/std) - lo) / (hi - lo) }
}

// TestInitializerDistributions holds 150,000 elements against the distribution function that they should have, by
// Kolmogorov and Smirnov's largest difference, and against its range. Draws are fixed by the seed.
func TestInitializerDistributions(t *testing.T) {
	const rows, cols = 500, 300
	inf := math.Inf(1)
	he, glorot, lecun := math.Sqrt(2.0/rows), math.Sqrt(2.0/(rows+cols)), math.Sqrt(1.0/rows)
	for _, c := range []struct {
		init   Initializer
		cdf    func(float64) float64
		lo, hi float64
	}{
		{UniformFanIn(), uniformCDF(-lecun, lecun), -lecun, lecun},
		{Uniform(2, 2.5), uniformCDF(2, 2.5), 2, 2.5},
		{Normal(-1, 3), normalCDF(-1, 3), -inf, inf},
		{TruncatedNormal(0, 1, -2, 2), truncatedCDF(0, 1, -2, 2), -2, 2},
		{TruncatedNormal(1, 0.5, 0, 1.25), truncatedCDF(1, 0.5, 0, 1.25), 0, 1.25},
		{TruncatedNormal(0, 1, 2, 9), truncatedCDF(0, 1, 2, 9), 2, 9},
		{TruncatedNormal(0, 1, -9, -2), truncatedCDF(0, 1, -9, -2), -9, -2},
		{KaimingUniform(FanIn, GainReLU), uniformCDF(-he*math.Sqrt(3), he*math.Sqrt(3)), -he * math.Sqrt(3), he * math.Sqrt(3)},
		{KaimingNormal(FanIn, GainReLU), normalCDF(0, he), -inf, inf},
		{KaimingNormal(FanAvg, 1), normalCDF(0, glorot), -inf, inf},
		{XavierUniform(1), uniformCDF(-glorot*math.Sqrt(3), glorot*math.Sqrt(3)), -glorot * math.Sqrt(3), glorot * math.Sqrt(3)},
		{XavierNormal(2), normalCDF(0, 2*glorot), -inf, inf},
		{LeCunUniform(), uniformCDF(-lecun*math.Sqrt(3), lecun*math.Sqrt(3)), -lecun * math.Sqrt(3), lecun * math.Sqrt(3)},
		{LeCunNormal(), truncatedCDF(0, lecun/cutStd, -2*lecun/cutStd, 2*lecun/cutStd), -2 * lecun / cutStd, 2 * lecun / cutStd},
	} {
		w := filled(c.init, rows, cols, Fans{In: rows, Out: cols}).W
		slices.Sort(w)
		worst := 0.0
		for i, x := range w {
			f := c.cdf(float64(x))
			worst = max(worst, math.Abs(f-float64(i)/float64(len(w))), math.Abs(f-float64(i+1)/float64(len(w))))
		}
		if limit := 1.95 / math.Sqrt(float64(len(w))); !(worst <= limit) { // one sample in a thousand is further off
			t.Errorf("%v: the distribution function is off by %v, want at most %v", c.init, worst, limit)
		}
		// Half a unit in the last place of a float32 may lie outside.
		if lo, hi := float64(w[0]), float64(w[len(w)-1]); !(lo >= c.lo-1e-7*math.Abs(c.lo) && hi <= c.hi+1e-7*math.Abs(c.hi)) {
			t.Errorf("%v: from %v to %v, want %v to %v", c.init, lo, hi, c.lo, c.hi)
		}
	}
}

// TestInitializerMoments: mean and variance within five of their own standard deviations, and LeCunNormal's as if it
// were not cut.
func TestInitializerMoments(t *testing.T) {
	const rows, cols, n = 400, 500, 400 * 500
	for _, c := range []struct {
		init           Initializer
		mean, variance float64
		kurtosis       float64 // of the distribution
	}{
		{Normal(0.5, 2), 0.5, 4, 3},
		{KaimingNormal(FanOut, GainReLU), 0, 2.0 / cols, 3},
		{XavierUniform(1), 0, 2.0 / (rows + cols), 1.8},
		{UniformFanIn(), 0, 1.0 / 3 / rows, 1.8},
		{LeCunNormal(), 0, 1.0 / rows, 2.37},
		{LeCunUniform(), 0, 1.0 / rows, 1.8},
		{Orthogonal(3), 0, 9.0 / cols, 3},
	} {
		var sum, sum2 float64
		for _, x := range filled(c.init, rows, cols, Fans{In: rows, Out: cols}).W {
			d := float64(x) - c.mean
			sum += d
			sum2 += d * d
		}
		if limit := 5 * math.Sqrt(c.variance/n); !(math.Abs(sum/n) <= limit) {
			t.Errorf("%v: the mean is off by %v, want at most %v", c.init, sum/n, limit)
		}
		if limit := 5 * c.variance * math.Sqrt((c.kurtosis-1)/n); !(math.Abs(sum2/n-c.variance) <= limit) {
			t.Errorf("%v: the variance is %v, want %v ± %v", c.init, sum2/n, c.variance, limit)
		}
	}
	// Of a standard normal cut at ±2: 1 − 4φ(2)/(2Φ(2) − 1).
	if v := 1 - 4*math.Exp(-2)/math.Sqrt(2*math.Pi)/(2*phi(2)-1); !(math.Abs(math.Sqrt(v)-cutStd) <= 1e-12) {
		t.Errorf("cutStd is %v, want %v", cutStd, math.Sqrt(v))
	}
}

func TestFixedInitializers(t *testing.T) {
	for want, init := range map[float32]Initializer{0: Zeros(), 1: Ones(), -2.5: Constant(-2.5), 7: Uniform(7, 7), 3: Normal(3, 0)} {
		for _, x := range filled(init, 3, 4, Fans{}).W {
			if x != want {
				t.Errorf("%v gives %v, want %v", init, x, want)
			}
		}
	}
}

// TestOrthogonal: QᵀQ or QQᵀ is gain² times the identity, whichever is smaller.
func TestOrthogonal(t *testing.T) {
	for _, c := range [][2]int{{1, 1}, {1, 7}, {7, 1}, {64, 64}, {30, 200}, {200, 30}, {129, 128}} {
		rows, cols := c[0], c[1]
		p := filled(Orthogonal(2), rows, cols, Fans{})
		count, length, step, stride := rows, cols, cols, 1
		if rows > cols {
			count, length, step, stride = cols, rows, 1, cols
		}
		for i := range count {
			for j := range i + 1 {
				s, want := 0.0, 0.0
				for k := range length {
					s += float64(p.W[i*step+k*stride]) * float64(p.W[j*step+k*stride])
				}
				if i == j {
					want = 4
				}
				if !(math.Abs(s-want) <= 4e-6) {
					t.Fatalf("%d×%d: the product of vectors %d and %d is %v, want %v", rows, cols, i, j, s, want)
				}
			}
		}
	}
}

// startWeights are the first weights, of one seed, of a model on a device.
func startWeights(t *testing.T, dev backend.Backend, seed uint64, layers ...Layer) []float32 {
	t.Helper()
	m, err := New(dev, 20, layers...)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(seed)
	w, err := m.Weights()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestInitDevices: the same start on every device, and another for another seed.
func TestInitDevices(t *testing.T) {
	layers := func(init Initializer) []Layer {
		return []Layer{Linear(30, WeightInit(init), BiasInit(init)), ReLU(), Linear(4)}
	}
	for _, init := range []Initializer{
		Ones(), Uniform(-1, 1), Normal(0, 1), TruncatedNormal(0, 1, -1, 2), KaimingUniform(FanIn, 1), KaimingNormal(FanOut, 1), XavierNormal(1),
		LeCunNormal(), Orthogonal(1),
	} {
		a, b := startWeights(t, ref.Open(), 7, layers(init)...), startWeights(t, cpu.Open(), 7, layers(init)...)
		if !slices.Equal(a, b) {
			t.Errorf("%v: the weights on ref and cpu differ", init)
		}
		if slices.Equal(a, startWeights(t, ref.Open(), 8, layers(init)...)) {
			t.Errorf("%v: seed 8 gives the weights of seed 7", init)
		}
	}
}

// TestInitIndependent: what a layer starts from does not depend on the sizes and the initialisers of the others, and no
// two parameters have the same draws.
func TestInitIndependent(t *testing.T) {
	dev := ref.Open()
	last := func(layers ...Layer) []float32 {
		w := startWeights(t, dev, 3, append(layers, Linear(5, WeightInit(Normal(0, 1)), BiasInit(Normal(0, 1))))...)
		return w[len(w)-50-5:]
	}
	a := last(Linear(10))
	for _, first := range []Layer{Linear(10, WeightInit(Orthogonal(1))), Linear(10, BiasInit(Normal(0, 1))), Linear(10, WeightInit(Zeros()))} {
		if !slices.Equal(a, last(first)) {
			t.Error("the second layer's start depends on the first layer's initialiser")
		}
	}
	seen := map[float32]int{}
	all := startWeights(t, dev, 3, Linear(10, WeightInit(Normal(0, 1)), BiasInit(Normal(0, 1))), Linear(10, WeightInit(Normal(0, 1)), BiasInit(Normal(0, 1))))
	for i, x := range all {
		if j, ok := seen[x]; ok {
			t.Errorf("elements %d and %d are both %v", j, i, x)
		}
		seen[x] = i
	}
}

// TestInitErrors: settings that make no sense are an error of New that names the layer, the parameter and the setting.
func TestInitErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		init Initializer
		want string
	}{
		{nil, "no initialiser"},
		{Constant(nan), "Constant(NaN): value NaN"},
		{Constant(1e39), "Constant(1e+39): value 1e+39"},
		{Uniform(nan, 1), "Uniform(NaN, 1): a NaN"},
		{Uniform(0, inf), "Uniform(0, +Inf): b +Inf"},
		{Uniform(1, 0), "Uniform(1, 0): a 1 is above b 0"},
		{Normal(inf, 1), "Normal(+Inf, 1): mean +Inf"},
		{Normal(0, -1), "Normal(0, -1): std -1"},
		{TruncatedNormal(0, 0, -1, 1), "TruncatedNormal(0, 0, -1, 1): std 0"},
		{TruncatedNormal(0, 1, 1, 1), "TruncatedNormal(0, 1, 1, 1): a 1 is not below b 1"},
		{TruncatedNormal(0, 1, nan, 1), "TruncatedNormal(0, 1, NaN, 1): a NaN"},
		{TruncatedNormal(5, 1, 0, 2), "TruncatedNormal(5, 1, 0, 2): mean 5 is more than 2·std away from [0, 2]"},
		{KaimingUniform(Fan(7), 1), "KaimingUniform(Fan(7), 1): mode Fan(7)"},
		{KaimingNormal(FanIn, -1), "KaimingNormal(fan-in, -1): gain -1"},
		{KaimingNormal(FanOut, GainLeakyReLU(nan)), "KaimingNormal(fan-out, NaN): gain NaN"},
		{XavierUniform(inf), "XavierUniform(+Inf): gain +Inf"},
		{XavierNormal(nan), "XavierNormal(NaN): gain NaN"},
		{Orthogonal(-2), "Orthogonal(-2): gain -2"},
	} {
		for role, opt := range map[string]ParamOption{"weight": WeightInit(c.init), "bias": BiasInit(c.init)} {
			want := "nn: layer 1, Linear(3): " + role + ": " + c.want
			if _, err := New(ref.Open(), 2, ReLU(), Linear(3, opt)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one that says %q", err, want)
			}
		}
	}
	if _, err := New(ref.Open(), 2, Linear(3, NoBias(), BiasInit(Zeros()))); err == nil || !strings.Contains(err.Error(), "layer 0, Linear(3): NoBias and BiasInit contradict") {
		t.Errorf("error %v for a start of no bias", err)
	}
}

// TestNoBias: y = x·W, one parameter, and gradients that finite differences confirm.
func TestNoBias(t *testing.T) {
	b := newBench(t, 5, 3, MSE(), []Layer{Linear(4, NoBias()), Tanh(), Linear(2, nil, NoBias())})
	if p := b.model.Params(); len(p) != 2 || p[0].Name != "0.weight" || p[1].Name != "2.weight" {
		t.Fatalf("parameters %+v", p)
	}
	b.loss()
	grads := append([]float64(nil), ref.Float64(b.plan.grads)...)
	b.differ(t, "x", b.x(), append([]float64(nil), b.view(b.plan.DX)...))
	for _, p := range b.model.params {
		b.differ(t, p.Name, ref.Float64(b.model.w)[p.off:p.off+p.Rows*p.Cols], grads[p.off:])
	}
}
