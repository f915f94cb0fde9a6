package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
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

// start runs the program as a process and waits for its first line.
func start(t *testing.T, stderr io.Writer, args ...string) (*exec.Cmd, *bufio.Reader, io.Closer) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows sends no signals")
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "GLOSS_TEST_MLPBENCH=1")
	cmd.Stderr = stderr
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() { kill.Stop(); cmd.Process.Kill() })
	lines := bufio.NewReader(pipe)
	if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, "mlpbench ") {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd, lines, pipe
}

// TestClosedPipe is mlpbench | head -1.
func TestClosedPipe(t *testing.T) {
	var stderr strings.Builder
	cmd, _, pipe := start(t, &stderr, "-run", "gemm/nn/128|adam", "-device", "cpu")
	pipe.Close()
	if err := cmd.Wait(); err == nil || stderr.String() != "" {
		t.Errorf("%v, %q", err, stderr.String())
	}
}

// TestCtrlC prints what is done.
func TestCtrlC(t *testing.T) {
	var stderr strings.Builder
	cmd, lines, _ := start(t, &stderr, "-run", "gemm/nn/128|adam|gemm/nn/512", "-device", "cpu")
	for line := ""; !strings.HasPrefix(line, "gemm/nn/128"); {
		var err error
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Process.Signal(os.Interrupt)
	io.Copy(io.Discard, lines)
	if cmd.Wait(); cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("%v, %q", cmd.ProcessState, stderr.String())
	}
}

// TestCtrlCTwice does not wait: the reference is deep in a product of seconds here.
func TestCtrlCTwice(t *testing.T) {
	var stderr strings.Builder
	cmd, lines, _ := start(t, &stderr, "-gemm", "2048x2048x2048", "-device", "ref")
	done := make(chan error, 1)
	go func() { io.Copy(io.Discard, lines); done <- cmd.Wait() }()
	time.Sleep(200 * time.Millisecond)
	for range 100 {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-done:
			if status, ok := cmd.ProcessState.Sys().(interface{ Signaled() bool }); !ok || !status.Signaled() {
				t.Errorf("%v, %q; want the second Ctrl-C to have ended it", cmd.ProcessState, stderr.String())
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Error("Ctrl-C is not heard")
}
