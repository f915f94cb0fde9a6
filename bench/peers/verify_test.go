package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/internal/peer"
)

func mustParse(t *testing.T, name string) peer.Workload {
	t.Helper()
	w, err := peer.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestExpected has gloss and gonum compute what the driver computes in float64.
func TestExpected(t *testing.T) {
	dev := cpu.Open(cpu.Workers(1))
	defer dev.Close()
	g := peer.Gloss{Dev: dev}
	for _, name := range []string{"gemm/nn/60x70x90", "gemm/tn/60x70x90", "gemm/nt/60x70x90", "each/axpy/1003", "each/adam/1003", "infer/20-30-10/b3"} {
		w := mustParse(t, name)
		want, tolerance := expected(w)
		for _, p := range []peer.Peer{g, peer.Gonum{Gloss: g}} {
			if _, ok := p.(peer.Gonum); ok && w.Op == "adam" {
				continue
			}
			if got, err := p.Check(w); err != nil || !(math.Abs(got-want) <= tolerance) {
				t.Errorf("%s by %T: %v, %v; want %v ± %v", name, p, got, err, want, tolerance)
			}
		}
	}
}

// TestToleranceIsTight: a transposed operand, or a step with another rate, is told from rounding.
func TestToleranceIsTight(t *testing.T) {
	nn, tolerance := expected(mustParse(t, "gemm/nn/64x64x64"))
	if tn, _ := expected(mustParse(t, "gemm/tn/64x64x64")); math.Abs(nn-tn) < 100*tolerance {
		t.Errorf("a transposed operand makes %v of %v, with a tolerance of %v", tn, nn, tolerance)
	}
	two, three := adam(1, 0.5, 2), adam(1, 0.5, 3)
	if math.Abs(1-two-2e-3) > 1e-8 || math.Abs(two-three) < 5e-4 {
		t.Errorf("Adam's steps with one gradient are of the learning rate each: 1 becomes %v, %v", two, three)
	}
}

func TestFollows(t *testing.T) {
	c := &contender{}
	c.follows([]float64{2, 1.0001}, []float64{2, 1})
	if c.dead || math.Abs(c.MaxError-1e-4) > 1e-9 {
		t.Errorf("%+v", c)
	}
	for _, bad := range []float64{1.02, math.NaN()} {
		c = &contender{}
		if c.follows([]float64{2, bad}, []float64{2, 1}); !c.dead || !strings.Contains(c.Error, "loss of step 1") {
			t.Errorf("%v: %+v", bad, c)
		}
	}
}

func TestWeightsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "weights")
	if err := peer.WriteWeights(file, []float32{1, -2.5}); err != nil {
		t.Fatal(err)
	}
	w, err := readWeights(file, 4)
	if err != nil || len(w) != 2 || w[0] != 1 || w[1] != -2.5 {
		t.Errorf("%v, %v", w, err)
	}
	if d := distance([]float64{3, 4.5}, []float64{3, 4}); math.Abs(d-0.1) > 1e-12 {
		t.Errorf("a distance of 0.5 from a vector of length 5 is %v", d)
	}
}
