package bench

import (
	"math"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
)

// checked are workloads of awkward sizes; the long product is compared in parts.
var checked = []string{
	"gemm/nn/5x7x3", "gemm/nt/5x7x3", "gemm/tn/5x7x3", "gemm/nn/1x1x1", "gemm/nn/1x9x1", "gemm/tn/9x1x4",
	"each/adam/1", "each/adam/77",
	"train/5-4-3/b7/adam", "train/5-4-3/b7/adam/logged", "train/5-4-3/b7/sgd", "train/5-4-4-2/b1/adam/mse", "train/3-1/b4/sgd/mse",
}

// TestReferenceAgrees holds the reference to itself, through every case's way of laying out its inputs.
func TestReferenceAgrees(t *testing.T) {
	for _, name := range checked {
		w, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := w.Case()
		if err != nil {
			t.Fatal(err)
		}
		dev := ref.Open()
		j, err := c.Open(dev)
		if err != nil {
			t.Fatal(err)
		}
		worst, err := j.Check()
		if err != nil || worst > 1e-7 { // reading rounds to float32
			t.Errorf("%s: the reference differs from itself by %v: %v", name, worst, err)
		}
		if err := j.Run(runSteps + 3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		j.Release()
		if s := dev.Stats(); s.LiveBuffers != 0 {
			t.Errorf("%s left %d buffers", name, s.LiveBuffers)
		}
	}
}

// TestGemmInParts compares a product of which the reference computes a part.
func TestGemmInParts(t *testing.T) {
	for _, form := range []string{"nn", "nt", "tn"} {
		g := Gemm{Form: form, M: 90, N: 80, K: 300}
		c := must(g.checkedBy(1 << 20))
		if m, n := len(c.rows), len(c.cols); m*n > 1<<20/g.K || m*n < 1<<19/g.K || c.rows[m-1] != 89 || c.cols[n-1] != 79 {
			t.Errorf("%d×%d elements are compared, up to (%d, %d)", m, n, c.rows[m-1], c.cols[n-1])
		}
		got := make([]float32, g.M*g.N)
		for _, i := range c.rows {
			for _, j := range c.cols {
				got[i*g.N+j] = float32(naive(c, i, j))
			}
		}
		if worst, err := c.compare(got); err != nil || worst > 1e-5 {
			t.Errorf("%s: largest difference %v, %v", form, worst, err)
		}
	}
}

// naive is an element of the product by its definition.
func naive(c *gemmCase, i, j int) (sum float64) {
	for l := range c.K {
		a, b := i*c.K+l, l*c.N+j
		if c.Form[0] == 't' {
			a = l*c.M + i
		}
		if c.Form[1] == 't' {
			b = j*c.K + l
		}
		sum += float64(c.a[a]) * float64(c.b[b])
	}
	return sum
}

func TestWrongProducts(t *testing.T) {
	c := must(Gemm{Form: "nn", M: 5, N: 7, K: 3}.Case()).(*gemmCase)
	for _, wrong := range []float32{c.want[8] + 1e-5, c.want[8] - 1e-5, float32(math.NaN()), float32(math.Inf(1))} {
		got := append([]float32{}, c.want...)
		got[8] = wrong
		if _, err := c.compare(got); err == nil || !strings.Contains(err.Error(), "element (1, 1) is") {
			t.Errorf("%v for %v: error %v", wrong, c.want[8], err)
		}
	}
}

func TestWrongAdam(t *testing.T) {
	c := must(EachAdam{N: 9}.Case()).(*adamCase)
	for k := range 3 {
		for _, factor := range []float32{1 + 3e-5, float32(math.NaN())} {
			j := must(c.Open(ref.Open())).(*adamJob)
			if err := j.Run(1); err != nil {
				t.Fatal(err)
			}
			got := must(j.read())
			got[k][5] *= factor
			if _, err := c.compare(got); err == nil || !strings.Contains(err.Error(), string("wmv"[k])+"[5] is") {
				t.Errorf("%c times %v: error %v", "wmv"[k], factor, err)
			}
		}
	}
}

func TestWrongTraining(t *testing.T) {
	c := must(must(NewTrain("20-10-3", 8, "adam", "xent")).Case()).(*trainCase)
	for _, w := range []struct {
		name  string
		spoil func(*trajectory)
		want  string
	}{
		{"loss", func(g *trajectory) { g.losses[1] *= 1 + 2e-5 }, "the loss of step 1"},
		{"no loss", func(g *trajectory) { g.losses[0] = math.NaN() }, "the loss of step 0"},
		{"a weight", func(g *trajectory) { g.weights[7] += 0.01 }, "after 2 steps the weights are"},
		{"no weight", func(g *trajectory) { g.weights[7] = float32(math.NaN()) }, "after 2 steps the weights are"},
		{"a rate one per cent off", func(g *trajectory) {
			for i := range g.weights {
				g.weights[i] += 0.01 * (c.want.weights[i] - c.start.weights[i])
			}
		}, "after 2 steps the weights are"},
	} {
		got := trajectory{append([]float64{}, c.want.losses...), append([]float32{}, c.want.weights...)}
		if worst, err := c.compare(got); worst != 0 || err != nil {
			t.Fatalf("the reference differs from itself by %v: %v", worst, err)
		}
		w.spoil(&got)
		if _, err := c.compare(got); err == nil || !strings.Contains(err.Error(), w.want) {
			t.Errorf("%s: error %v, want one that says %q", w.name, err, w.want)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
