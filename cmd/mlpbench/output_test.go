package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

func TestCSVReport(t *testing.T) {
	code, stdout, _ := mlpbench(strings.Fields(tiny + " -device cpu,gonum -format csv")...)
	lines, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if code != exitOK || err != nil || len(lines) != 1+8 || lines[1][0] != "train/6-5-4/b3/adam" || lines[2][1] != "gonum" {
		t.Errorf("status %d, %v, %v", code, err, lines)
	}
}

func TestGoBenchReport(t *testing.T) {
	code, stdout, _ := mlpbench("-gemm", "8x9x10", "-run", "/nt/", "-device", "cpu", "-format", "gobench")
	line := regexp.MustCompile(`(?m)^BenchmarkGemm/nt/8x9x10/device=cpu-\d+\t +\d+\t +[\d.]+ ns/op\t +[\d.e+]+ GFLOP/s$`)
	if got := line.FindAllString(stdout, -1); code != exitOK || len(got) != 5 {
		t.Errorf("status %d, %d lines of %s", code, len(got), stdout)
	}
}

// TestPlot draws beside the report, over what is there.
func TestPlot(t *testing.T) {
	for ext, begins := range map[string]string{".svg": "<?xml", ".png": "\x89PNG"} {
		file := filepath.Join(t.TempDir(), "chart"+ext)
		if err := os.WriteFile(file, make([]byte, 1_000_000), 0o666); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := mlpbench(strings.Fields(tiny + " -device gonum,cpu -plot " + file)...)
		got, err := os.ReadFile(file)
		if code != exitOK || stderr != "" || err != nil || !strings.HasPrefix(string(got), begins) || len(got) == 1_000_000 {
			t.Errorf("%s: status %d, %q, %v, %d bytes", ext, code, stderr, err, len(got))
		}
		contains(t, "the report", stdout, "cpu÷gonum", "gemm/nn/8x9x10")
	}
}

// TestPlotOfNothing leaves files as they were.
func TestPlotOfNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	fresh, there := filepath.Join(dir, "fresh.svg"), filepath.Join(dir, "there.svg")
	if err := os.WriteFile(there, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{fresh, there} {
		if code := run(ctx, []string{"-gemm", "8x9x10", "-device", "cpu", "-plot", file}, io.Discard, io.Discard); code != exitFailed {
			t.Errorf("status %d", code)
		}
	}
	if _, err := os.Stat(fresh); !os.IsNotExist(err) {
		t.Errorf("an empty file was left: %v", err)
	}
	if got, _ := os.ReadFile(there); string(got) != "mine" {
		t.Errorf("the file that was there became %q", got)
	}
}

// TestCompare measures what the old report holds, and says what is missing.
func TestCompare(t *testing.T) {
	old := filepath.Join(t.TempDir(), "old.json")
	if code, _, stderr := mlpbench(strings.Fields(tiny + " -run nn|train -device cpu,ref -format json -o " + old)...); code != exitOK {
		t.Fatal(stderr)
	}
	code, stdout, stderr := mlpbench("-compare", old, "-device", "cpu,gonum")
	if code != exitOK || stderr != "" {
		t.Fatalf("status %d, %q", code, stderr)
	}
	_, stdout, _ = strings.Cut(stdout, "compared with "+old)
	contains(t, "the comparison", stdout, "old÷new", "\ntrain/6-5-4/b3/adam  cpu ", "\ngemm/nn/8x9x10       cpu ",
		"in "+old+" alone:\n  train/6-5-4/b3/adam on ref\n  gemm/nn/8x9x10 on ref\n", "measured now alone:\n  train/6-5-4/b3/adam on gonum\n")
	// Another format has standard output for itself, and own choices go first.
	code, stdout, stderr = mlpbench("-compare", old, "-device", "cpu", "-gemm", "8x9x10", "-format", "json")
	if code != exitOK || !strings.HasPrefix(stdout, "[\n") || strings.Contains(stdout, "old÷new") {
		t.Errorf("status %d, %s", code, stdout)
	}
	contains(t, "standard error", stderr, "old÷new", "measured now alone:\n  gemm/nt/8x9x10 on cpu\n")
}

// broken is standard output that takes no more.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

// TestBrokenOutput ends before everything is measured: quietly where nobody reads, with the reason otherwise.
func TestBrokenOutput(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EPIPE: "", io.ErrClosedPipe: "", errors.New("no space left"): "mlpbench: no space left\n",
	} {
		for _, format := range []string{"text", "csv"} {
			var stderr strings.Builder
			code := run(context.Background(), []string{"-gemm", "8x9x10", "-run", "/nn/", "-device", "cpu", "-format", format}, broken{err}, &stderr)
			if got := strings.TrimPrefix(stderr.String(), "gemm/nn/8x9x10 …\n"); code != exitFailed || got != want {
				t.Errorf("%v: status %d, %q", err, code, got)
			}
		}
	}
}
