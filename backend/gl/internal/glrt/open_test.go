//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func threads(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Skip(err)
	}
	return len(list)
}

func TestOpenCloseLeaksNoThread(t *testing.T) {
	cycle := func() {
		d := open(t, Options{})
		if _, err := d.Alloc(1 << 20); err != nil { // left to Close
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		cycle()
	}
	before := threads(t)
	for range 50 {
		cycle()
	}
	// The runtime keeps a few idle threads of its own, and threads end a little after their goroutine.
	for range 100 {
		if threads(t) <= before+2 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d threads before 50 cycles, %d after", before, threads(t))
}

func TestTwoDevices(t *testing.T) {
	a, b := open(t, Options{}), open(t, Options{})
	x, err := b.Alloc(64)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(x, 0, []byte("still here"))
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 10)
	if err := b.Read(x, 0, got); err != nil || string(got) != "still here" {
		t.Fatalf("after another device was closed: %q, %v", got, err)
	}
}

// TestHelper is run by asUser in a process of its own.
func TestHelper(t *testing.T) {
	if os.Getenv("GLOSS_TEST_HELPER") == "" {
		t.Skip("for asUser")
	}
	d, err := Open(Options{Device: os.Getenv("GLOSS_TEST_HELPER_DEVICE")})
	if err == nil {
		fmt.Println("OPENED", d.Info().Renderer, "BY", d.Info().Path)
		d.Close()
	} else {
		fmt.Println("ERROR", err)
	}
}

// asUser opens a device in a process with that environment: drivers look at it once. It wants to be told that.
func asUser(t *testing.T, name, want string, env ...string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$", "-test.v")
	cmd.Env = append(append(os.Environ(), "GLOSS_TEST_HELPER=1"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	if !strings.Contains(string(out), want) {
		t.Errorf("%s: want a message with %q:\n%s", name, want, out)
	}
}

// mesa reports whether what opens is Mesa's, whose environment variables can make it older or take it away.
func mesa(t *testing.T) bool {
	d := open(t, Options{})
	defer d.Close()
	return strings.Contains(d.Info().Version+d.Info().Vendor, "Mesa")
}

// TestByName asks for what is there and for what is not.
func TestByName(t *testing.T) {
	d := open(t, Options{})
	info := d.Info()
	d.Close()
	asUser(t, "no such name", "voodoo", "GLOSS_TEST_HELPER_DEVICE=voodoo")
	asUser(t, "no such number", "there is no device 99", "GLOSS_TEST_HELPER_DEVICE=99")
	asUser(t, "by renderer", "OPENED "+info.Renderer, "GLOSS_TEST_HELPER_DEVICE="+strings.ToUpper(info.Renderer))
	asUser(t, "by way", "BY "+info.Path, "GLOSS_TEST_HELPER_DEVICE="+strings.ToUpper(info.Path))
}
