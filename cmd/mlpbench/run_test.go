package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/internal/need"
)

const tiny = "-net 6-5-4 -batch 3 -gemm 8x9x10"

// contains reports the wants that are not in a text.
func contains(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s does not say %q:\n%s", what, want, text)
		}
	}
}

func TestTextReport(t *testing.T) {
	code, stdout, stderr := mlpbench(strings.Fields(tiny + " -v -device gonum,cpu")...)
	if code != exitOK || stderr != "" {
		t.Fatalf("status %d, %q", code, stderr)
	}
	contains(t, "the report", stdout, "\n  gonum  ", "\n  cpu    ", "cpu÷gonum\n", "train/6-5-4/b3/adam", "samples/s", "gemm/nn/8x9x10", "gemm/nt/8x9x10",
		"gemm/tn/8x9x10", "GFLOP/s", "×\n", "waits", "largest difference")
	if strings.Contains(stdout, "FAILED") {
		t.Error(stdout)
	}
}

// TestAllDevices names no device: what is not there is a line, and no error.
func TestAllDevices(t *testing.T) {
	code, stdout, stderr := mlpbench("-gemm", "8x9x10", "-run", "/nn/")
	if code != exitOK || stderr != "" {
		t.Fatalf("status %d, %q", code, stderr)
	}
	contains(t, "the report", stdout, "gonum", "cpu", "gemm/nn/8x9x10")
	if gl := openGL(t); gl {
		contains(t, "the report", stdout, "gl÷gonum")
	} else {
		contains(t, "the report", stdout, "without gl: gl: "+backend.ErrUnavailable.Error())
	}
}

// openGL reports whether OpenGL is there, as it has to be where GLOSS_REQUIRE says so.
func openGL(t *testing.T) bool {
	dev, err := auto.Open("gl")
	if err == nil {
		dev.Close()
	} else if need.Required("gl") {
		t.Fatal(err)
	}
	return err == nil
}

func TestAskedForByName(t *testing.T) {
	code, stdout, stderr := mlpbench(strings.Fields(tiny + " -device cpu,gl")...)
	if openGL(t) {
		if code != exitOK {
			t.Errorf("status %d, %q, %q", code, stdout, stderr)
		}
		return
	}
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, "device gl: gl: "+backend.ErrUnavailable.Error()) {
		t.Errorf("status %d, %q, %q", code, stdout, stderr)
	}
}

// TestJSONFile writes over a longer file.
func TestJSONFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.json")
	if err := os.WriteFile(file, make([]byte, 100_000), 0o666); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := mlpbench(strings.Fields(tiny + " -device cpu,ref -format json -o " + file)...)
	if code != exitOK || stdout != "" {
		t.Fatalf("status %d, %q, %q", code, stdout, stderr)
	}
	contains(t, "standard error", stderr, "train/6-5-4/b3/adam …\n", "gemm/tn/8x9x10 …\n")
	var list []struct {
		Workload, Device string
		Median           float64 `json:"median_s"`
		Runs             int
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &list); err != nil || len(list) != 8 {
		t.Fatalf("%d records, %v", len(list), err)
	}
	if r := list[0]; r.Workload != "train/6-5-4/b3/adam" || r.Device != "cpu" || !(r.Median > 0) || r.Runs != 5 {
		t.Errorf("%+v", r)
	}
}

func TestTextFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.txt")
	code, stdout, stderr := mlpbench("-gemm", "8x9x10", "-device", "cpu", "-o", file)
	text, err := os.ReadFile(file)
	if code != exitOK || stdout != "" || err != nil {
		t.Fatalf("status %d, %q, %q, %v", code, stdout, stderr, err)
	}
	contains(t, "the file", string(text), "mlpbench ", "gemm/nn/8x9x10")
}

// TestInterrupted prints what there is.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, format := range []string{"text", "json"} {
		var stdout, stderr strings.Builder
		code := run(ctx, []string{"-gemm", "8x9x10", "-device", "cpu", "-format", format}, &stdout, &stderr)
		if code != exitFailed || !strings.Contains(stderr.String(), "interrupted") {
			t.Errorf("status %d, %q", code, stderr.String())
		}
		contains(t, "the report", stdout.String(), map[string]string{"text": "workload ", "json": "[]\n"}[format])
	}
}

// idle is a device that computes no product.
type idle struct{ backend.Backend }

func (d idle) Do(c backend.Call, at backend.At) {
	if _, ok := c.(*backend.MatMul); !ok {
		d.Backend.Do(c, at)
	}
}

// TestWrongResult never prints a number for one.
func TestWrongResult(t *testing.T) {
	var text strings.Builder
	c, err := parseFlags(strings.Fields(tiny), &text)
	if err != nil {
		t.Fatal(err)
	}
	devices := []bench.Device{{Name: "ref", Backend: ref.Open()}, {Name: "idle", Backend: idle{ref.Open()}}}
	out := &report{text: &text, ticker: &text}
	failed, err := c.measureTable(context.Background(), devices, out)
	if !failed || err != nil {
		t.Errorf("failed %v, %v", failed, err)
	}
	contains(t, "the report", text.String(), "idle FAILED: the result is wrong: element (0, 0) is 0", "idle FAILED: the result is wrong: the loss of step 0")
	for _, r := range out.results {
		if wrong := r.Device == "idle"; wrong != (r.Err != nil) || wrong != (r.Median() == 0) {
			t.Errorf("%s on %s: %v, %v s", r.Workload, r.Device, r.Err, r.Median())
		}
	}
}

// TestMNIST trains on made-up files: the class is the row of the image that is lit.
func TestMNIST(t *testing.T) {
	dir := t.TempDir()
	writeImages(t, dir, "train", 300)
	writeImages(t, dir, "t10k", 60)
	code, stdout, stderr := mlpbench("-mnist", dir, "-device", "cpu", "-epochs", "3", "-target", "0.5", "-v")
	if code != exitOK || stderr != "" {
		t.Fatalf("status %d, %q", code, stderr)
	}
	contains(t, "the report", stdout, "mnist/784-128-10/b128/adam: 300 images, 60 to test, seed 0", "epoch 1: loss", "epoch 3: loss", "reached 0.5 after", "dispatches")
	code, stdout, _ = mlpbench("-mnist", dir, "-device", "cpu,gonum", "-epochs", "1", "-target", "1", "-format", "json")
	var list []map[string]any
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || code != exitOK || len(list) != 2 {
		t.Fatalf("status %d, %v, %s", code, err, stdout)
	}
	if r := list[1]; r["workload"] != "mnist/784-128-10/b128/adam" || r["device"] != "gonum" || r["epochs"] != 1.0 || r["target_accuracy"] != 1.0 {
		t.Errorf("%v", r)
	}
}

func writeImages(t *testing.T, dir, part string, n int) {
	t.Helper()
	images := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 3}, uint32(n))
	images = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(images, 28), 28)
	labels := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(n))
	for i := range n {
		image := make([]byte, 28*28)
		for j := range 28 {
			image[(2*(i%10)+4)*28+j] = byte(100 + (i*37+j*11)%156)
		}
		images, labels = append(images, image...), append(labels, byte(i%10))
	}
	for name, content := range map[string][]byte{"-images-idx3-ubyte": images, "-labels-idx1-ubyte": labels} {
		if err := os.WriteFile(filepath.Join(dir, part+name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
