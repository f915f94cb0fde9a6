package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestDoctor examines this machine, whatever it is. Package doctor's tests have the others.
func TestDoctor(t *testing.T) {
	code, stdout, stderr := mlpbench("doctor")
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	last := lines[len(lines)-1]
	if cpuOnly := strings.HasPrefix(last, "ONLY THE CPU can be used. Used now: "); stderr != "" || code != map[bool]int{false: exitOK, true: exitFailed}[cpuOnly] {
		t.Errorf("status %d, %q\n%s", code, stderr, stdout)
	}
	contains(t, "the report", stdout, "mlpbench doctor: ", "  build ", "  cpu ", "  auto ")
	t.Log("\n" + stdout)
	for args, want := range map[string]struct {
		code int
		text string
	}{
		"doctor -h":    {exitOK, "usage: mlpbench doctor"},
		"doctor gl:1":  {exitUsage, `doctor takes no arguments, and "gl:1" is one`},
		"doctor -json": {exitUsage, `doctor takes no arguments`},
		"-v doctor":    {exitUsage, `unexpected argument "doctor"`},
	} {
		code, stdout, stderr := mlpbench(strings.Fields(args)...)
		if code != want.code || stdout != "" || !strings.Contains(stderr, want.text) {
			t.Errorf("mlpbench %s: status %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

// TestHelper is mlpbench itself, for tests in a process of its own: drivers read the environment once.
func TestHelper(t *testing.T) {
	args := os.Getenv("GLOSS_TEST_ARGS")
	if args == "" {
		t.Skip("for TestDeviceWrongTurns")
	}
	os.Exit(run(context.Background(), strings.Fields(args), os.Stdout, os.Stderr))
}

// TestDeviceWrongTurns asks for devices that are not there, and in surroundings that lack something.
func TestDeviceWrongTurns(t *testing.T) {
	const quick = "-gemm 4x4x4 -run /nn/ -device "
	const noDriver = "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent"
	there := openGL(t)
	const always, with, without = "always", "where OpenGL is", "where it is not"
	for _, c := range []struct {
		name, args, env, when string
		code                  int
		want                  string
	}{
		{"unknown device", "-device voodoo", "", always, exitUsage, `-device: no device is called "voodoo": there are gonum, cpu, gl, ref, auto, and gl:1`},
		{"nothing after the colon", "-device gl:", "", always, exitUsage, `-device: device "gl:": a number or a part`},
		{"the same by auto", quick + "cpu,auto", noDriver, always, exitFailed, "device auto is cpu here, which is named as well"},
		{"auto", quick + "auto", "", always, exitOK, "auto chose "},
		{"without the tag", quick + "gl", "", without, exitFailed, "device gl: gl: device unavailable: "},
		{"without the tag, by number", quick + "gl:1", "", without, exitFailed, "device gl:1: gl: device unavailable: "},
		{"without the tag, auto", quick + "auto", "", without, exitOK, "auto chose cpu: "},
		{"no display", quick + "gl", "DISPLAY=", with, exitOK, "gemm/nn/4x4x4"},
		{"no such number", quick + "gl:77", "", with, exitFailed, "OpenGL has no device \"77\"; it has:\n  gl:0  "},
		{"no such name", quick + "gl:voodoo", "", with, exitFailed, "OpenGL has no device \"voodoo\"; it has:\n  gl:0  "},
		{"no driver", quick + "gl", noDriver, with, exitFailed, "device gl: device unavailable: "},
		{"no driver, auto", quick + "auto", noDriver, with, exitOK, "auto chose cpu: "},
		{"no driver, doctor", "doctor", noDriver, with, exitFailed, "__EGL_VENDOR_LIBRARY_FILENAMES is set"},
		{"no driver, nothing asked for", "-gemm 4x4x4 -run /nn/", noDriver, with, exitOK, "without gl: device unavailable: "},
	} {
		if c.when == with && !there || c.when == without && there {
			continue
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$")
		cmd.Env = append(os.Environ(), "GLOSS_TEST_ARGS="+c.args, c.env)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: status %d, want %d and %q:\n%s", c.name, code, c.code, c.want, out)
		}
	}
}

// TestSoftwareIsLabelled runs a software renderer that was asked for by name, and says what it is.
func TestSoftwareIsLabelled(t *testing.T) {
	if !openGL(t) {
		t.Skip("no OpenGL")
	}
	code, stdout, stderr := mlpbench(strings.Fields("-gemm 4x4x4 -run /nn/ -device gl:llvmpipe")...)
	if code == exitFailed && strings.Contains(stderr, "OpenGL has no device") {
		t.Skip("no llvmpipe here")
	}
	if code != exitOK {
		t.Fatalf("status %d, %q", code, stderr)
	}
	contains(t, "the report", stdout, "gl:llvmpipe", "a software renderer: its speed is the CPU's")
}
