package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

// alphaRows×alphaCols standard normals go through AlphaDropout.
const alphaRows, alphaCols = 256, 256

func alphaLesson(t *testing.T, dev backend.Backend, p float64) (l *lesson, x []float64) {
	rng := rand.New(rand.NewPCG(3, 4))
	x = make([]float64, alphaRows*alphaCols)
	ones := make([]float64, len(x))
	for i := range x {
		x[i], ones[i] = float64(float32(rng.NormFloat64())), 1
	}
	return newLesson(t, dev, SGD(0.1), weighted{}, alphaRows, x, ones, []Layer{AlphaDropout(p)}), x
}

// TestAlphaDropoutMoments: a mean of 0 and a variance of 1 are kept within five standard deviations of what they
// estimate, a share p is dropped, to one value, and the gradient passes where the values do.
func TestAlphaDropoutMoments(t *testing.T) {
	for _, p := range []float64{0.05, 0.25, 0.5, 0.9} {
		l, x := alphaLesson(t, cpu.Open(), p)
		l.step(0)
		y, dx := l.read(l.plan.Output), l.read(l.plan.DX)
		const limit = 1.7580993408473766
		n := float64(len(y))
		a := 1 / math.Sqrt((1-p)*(1+p*limit*limit))
		b := a * p * limit
		dropped, mean, variance, fourth := 0.0, 0.0, 0.0, 0.0
		for i := range y {
			want, slope := a*x[i]+b, a
			if dx[i] == 0 {
				want, slope = b-a*limit, 0
				dropped++
			}
			if !(math.Abs(y[i]-want) <= 1e-5 && math.Abs(dx[i]-slope) <= 1e-5) {
				t.Fatalf("p %v: %v has become %v with gradient %v, want %v and %v", p, x[i], y[i], dx[i], want, slope)
			}
			mean += y[i] / n
		}
		for _, v := range y {
			variance += (v - mean) * (v - mean) / n
			fourth += math.Pow(v-mean, 4) / n
		}
		if !(math.Abs(dropped/n-p) <= 5*math.Sqrt(p*(1-p)/n)) {
			t.Errorf("p %v: a share of %v is dropped", p, dropped/n)
		}
		if !(math.Abs(mean) <= 5/math.Sqrt(n)) || !(math.Abs(variance-1) <= 5*math.Sqrt((fourth-1)/n)) {
			t.Errorf("p %v: mean %v and variance %v, want 0 and 1", p, mean, variance)
		}
	}
}

// TestAlphaDropoutMasks: a step's mask is the same whenever it is drawn and on every device, another step's is another.
func TestAlphaDropoutMasks(t *testing.T) {
	masks := func(dev backend.Backend) (m [3][]bool) {
		l, _ := alphaLesson(t, dev, 0.5)
		for i, step := range []int{7, 8, 7} {
			l.step(step)
			for _, dx := range l.read(l.plan.DX) {
				m[i] = append(m[i], dx == 0)
			}
		}
		return m
	}
	a, b := masks(cpu.Open()), masks(ref.Open())
	for i := range a {
		if !slices.Equal(a[i], b[i]) {
			t.Errorf("cpu and ref draw different masks")
		}
	}
	if !slices.Equal(a[0], a[2]) || slices.Equal(a[0], a[1]) {
		t.Error("step 7 twice should draw the same mask, step 8 another")
	}
}

// In evaluation AlphaDropout does nothing.
func TestAlphaDropoutEvaluation(t *testing.T) {
	m, err := New(cpu.Open(), 3, AlphaDropout(0.5))
	if err != nil {
		t.Fatal(err)
	}
	x := []float32{1, -2, 3}
	if y, err := m.Predict(x); err != nil || !slices.Equal(x, y) {
		t.Errorf("%v has become %v, error %v", x, y, err)
	}
}
