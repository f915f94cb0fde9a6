package peer

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
)

func mustParse(t *testing.T, name string) Workload {
	t.Helper()
	w, err := Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestParse(t *testing.T) {
	for name, want := range map[string][3]float64{ // operations, bytes, parameters
		"gemm/tn/2x3x4":                 {48, 0, 0},
		"train/2-8-1/b4/sgd/mse/tanh":   {4 * (6*(16+8) - 2*16), 0, 33},
		"train/784-128-10/b32/adam":     {32 * (6*(100352+1280) - 2*100352), 0, 101770},
		"each/adam/16M":                 {0, 28 * 16e6, 0},
		"each/axpy/10K":                 {0, 120e3, 0},
		"infer/784-128-10/b1":           {2 * (100352 + 1280), 0, 101770},
		"train/64-64-16/b4096/adam/mse": {4096 * (6*(4096+1024) - 2*4096), 0, 64*65 + 65*16},
	} {
		w := mustParse(t, name)
		if got := [3]float64{w.Flops(), w.Bytes(), float64(w.Params())}; got != want || w.Name != name {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"", "gemm", "gemm/nn/2x3", "gemm/xx/2x3x4", "train/2-8-1/b4", "train/2-8-1/4/sgd", "train/2-8-1/b0/sgd", "train/2-8-1/b4/lion",
		"train/2-8-1/b4/sgd/mae", "train/2-8-1/b4/sgd/mse/gelu", "train/2-8-1/b4/sgd/mse/tanh/x", "each/lion/1M", "each/adam/0", "each/adam/1G", "each/adam/999M", "infer/2/b1"} {
		if _, err := Parse(name); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("workload %q: ", name)) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestData holds the vectors that the peers in C and Python make too.
func TestData(t *testing.T) {
	// numpy's, by peer.py.
	got := fmt.Sprint(Uniform(VecA, 3), Uniform(1000+VecX, 2), Labels(VecY, 5, 10))
	if want := "[0.14679515 0.1767875 0.40826738] [0.28252625 0.75781214] [8 7 7 1 3]"; got != want {
		t.Errorf("the vectors begin with %s, want %s", got, want)
	}
	sum := 0.0
	for _, x := range Uniform(VecB, 1e5) {
		if !(x >= -1 && x < 1) {
			t.Fatalf("%v is not in [-1, 1)", x)
		}
		sum += float64(x)
	}
	if math.Abs(sum) > 1000 { // five standard deviations
		t.Errorf("the mean of 100,000 numbers is %v", sum/1e5)
	}
	for _, l := range Labels(VecY, 1000, 7) {
		if l >= 7 {
			t.Fatalf("class %d of 7", l)
		}
	}
	if w := mustParse(t, "infer/4-3-2/b1").Start(0); len(w) != 23 {
		t.Errorf("%d parameters of 4-3-2, want 23", len(w))
	}
}

// request asks a peer and returns its answers.
func request(t *testing.T, p Peer, lines ...string) []string {
	t.Helper()
	var out bytes.Buffer
	if err := Serve(strings.NewReader(strings.Join(lines, "\n")), &out, p); err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(answers) != len(lines) {
		t.Fatalf("%d answers to %d requests: %q", len(answers), len(lines), answers)
	}
	return answers
}

// TestGloss measures one workload of each kind by every peer that is written in Go.
func TestGloss(t *testing.T) {
	dev := cpu.Open(cpu.Workers(1))
	defer dev.Close()
	g := Gloss{Dev: dev, About: "about"}
	file := filepath.Join(t.TempDir(), "weights")
	lines := []string{
		"version", "run gemm/nn/8x8x8 0.001", "drop", "drop", "run each/adam/1K 0.001", "run each/axpy/1K 0.001", "run infer/4-3-2/b1 0.001",
		"run train/4-3-2/b5/adam 0.001", "run train/4-3-2/b5/sgd/mse/tanh 0.001", "check train/4-3-2/b5/adam", "walk train/4-3-2/b5/adam 1 70 " + file,
	}
	wants := map[string]string{
		"gloss": "ok ok ok ok ok ok ok ok ok no ok", "loop": "ok no ok ok no no no ok ok no no", "gonum": "ok ok ok ok no ok ok ok ok no ok",
	}
	for name, p := range map[string]Peer{"gloss": g, "loop": Gloss{Dev: dev, Loop: true}, "gonum": Gonum{g}} {
		answers := request(t, p, lines...)
		var words []string
		for _, a := range answers {
			word, _, _ := strings.Cut(a, " ")
			words = append(words, word)
		}
		if got := strings.Join(words, " "); got != wants[name] {
			t.Errorf("%s answers %s, want %s: %q", name, got, wants[name], answers)
		}
	}
	if s := dev.Stats(); s.LiveBuffers != 0 {
		t.Errorf("%d buffers are left", s.LiveBuffers)
	}
}

// TestWalk: a training goes down from its start, and leaves its weights.
func TestWalk(t *testing.T) {
	dev := cpu.Open(cpu.Workers(1))
	defer dev.Close()
	file := filepath.Join(t.TempDir(), "weights")
	w := mustParse(t, "train/20-30-10/b8/adam")
	losses, err := Gloss{Dev: dev}.Walk(w, 3, 100, file)
	if err != nil || len(losses) != 100 || !(losses[99] < losses[0]) {
		t.Fatalf("%v: %v", err, losses)
	}
	if info, err := os.Stat(file); err != nil || info.Size() != int64(4*w.Params()) {
		t.Errorf("%v, %v", info, err)
	}
}

func TestServeRefuses(t *testing.T) {
	dev := cpu.Open(cpu.Workers(1))
	defer dev.Close()
	for _, a := range request(t, Gloss{Dev: dev}, "hello", "run", "run gemm/nn/8x8x8", "run gemm/nn/8x8x8 x", "run gemm/nn/0x8x8 1", "walk train/4-3-2/b5/adam a b c") {
		if !strings.HasPrefix(a, "error ") {
			t.Errorf("%q", a)
		}
	}
}
