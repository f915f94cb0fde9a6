package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend/gl"
)

// process starts the program as a user does: signals, pipes and drivers are a process' own.
func process(t *testing.T, env, args []string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), "GLOSS_TEST_MLPBENCH=1", "GLOSS_DEVICE="), env...)
	kill := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() { kill.Stop() })
	return cmd
}

// TestWrongSurroundings is TestWrongTurns for what is wrong around the program. Where OpenGL is not built in, what it
// would say is that.
func TestWrongSurroundings(t *testing.T) {
	half := t.TempDir()
	writeImages(t, half, "train", 10)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o444); err != nil {
		t.Fatal(err)
	}
	const small = "-gemm 8x9x10 -run /nn/ -device "
	noDriver := []string{"__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent", "DISPLAY="}
	_, notBuilt := gl.Open()
	built := notBuilt == nil || !strings.Contains(notBuilt.Error(), "built without")
	there, locked := openGL(t), readOnly()
	for _, c := range []struct {
		name string
		when bool // on this machine
		env  []string
		args string
		code int
		want string
	}{
		{"no display", there && runtime.GOOS == "linux", []string{"DISPLAY=", "WAYLAND_DISPLAY="}, small + "gl", exitOK, "gemm/nn/8x9x10"},
		{"a software renderer by name", there && software(t), nil, small + "gl", exitOK, "— a software renderer: its speed is the CPU's and says nothing about a GPU"},
		{"a software renderer for auto", there && software(t), nil, small + "auto", exitOK, "only a software renderer"},
		{"no driver", built && runtime.GOOS == "linux", noDriver, small + "gl", exitFailed, "install the GPU's driver"},
		{"no driver, and no device named", built && runtime.GOOS == "linux", noDriver, "-gemm 8x9x10 -run /nn/", exitOK, "without gl: "},
		{"an old driver", there && software(t), []string{"MESA_GL_VERSION_OVERRIDE=4.2"}, small + "gl", exitFailed, "a newer driver or GPU is needed"},
		{"a GPU that is not there", there, nil, small + "gl:voodoo", exitFailed, `OpenGL has no device "voodoo"; it has:`},
		{"built without the tag", !built, nil, small + "gl", exitFailed, "built without -tags gl (or without cgo); building needs gcc"},
		{"built without the tag, auto", !built, nil, small + "auto", exitOK, "auto: no OpenGL GPU: built without -tags gl"},
		{"half of MNIST", true, nil, "-mnist " + half, exitUsage, "2 of 4 files missing"},
		{"a file for MNIST's folder", true, nil, "-mnist " + file, exitUsage, "is a file: want the folder of MNIST's four files"},
		{"a report below a file", true, nil, small + "cpu -o " + filepath.Join(file, "out.json"), exitUsage, "-o: open " + file},
		{"a folder that may not be written", locked != "", nil, small + "cpu -o " + filepath.Join(locked, "out.json"), exitUsage, "-o: open " + locked},
		{"a chart in such a folder", locked != "", nil, small + "cpu -plot " + filepath.Join(locked, "out.png"), exitUsage, "-plot: open " + locked},
	} {
		if !c.when {
			t.Logf("%s: not on this machine", c.name)
			continue
		}
		out, err := process(t, c.env, strings.Fields(c.args)).CombinedOutput()
		var exit *exec.ExitError
		if code := 0; err != nil && !errors.As(err, &exit) {
			t.Errorf("%s: %v", c.name, err)
		} else if exit != nil {
			if code = exit.ExitCode(); code != c.code {
				t.Errorf("%s: status %d, want %d\n%s", c.name, code, c.code, out)
			}
		} else if c.code != exitOK {
			t.Errorf("%s: status 0, want %d\n%s", c.name, c.code, out)
		}
		if text := string(out); !strings.Contains(text, c.want) || strings.Contains(text, "goroutine ") {
			t.Errorf("%s: want %q in\n%s", c.name, c.want, text)
		}
	}
}

// software reports whether the first OpenGL device is Mesa's on the CPU.
func software(t *testing.T) bool {
	b, err := gl.Open()
	if err != nil {
		return false
	}
	defer b.Close()
	return b.Info().Software && strings.Contains(b.Info().Driver, "Mesa")
}

// readOnly is a folder that nobody may write, root included, whom no mode stops. "" where none is known.
func readOnly() string {
	if runtime.GOOS == "linux" {
		return "/proc/self"
	}
	return ""
}

// start runs the program as a process and waits for its first line.
func start(t *testing.T, stderr io.Writer, args ...string) (*exec.Cmd, *bufio.Reader, io.Closer) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows sends no signals")
	}
	cmd := process(t, nil, args)
	cmd.Stderr = stderr
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
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
