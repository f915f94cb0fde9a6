//go:build cgo && (gl || glfw) && linux

package glrt

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// TestHelper is run by TestUnavailable in a process of its own.
func TestHelper(t *testing.T) {
	if os.Getenv("GLOSS_TEST_HELPER") == "" {
		t.Skip("for TestUnavailable")
	}
	d, err := Open(Options{Device: os.Getenv("GLOSS_TEST_HELPER_DEVICE")})
	if err == nil {
		fmt.Println("OPENED", d.Info().Renderer)
		d.Close()
	} else {
		fmt.Println("ERROR", err)
	}
}

func TestUnavailable(t *testing.T) {
	d := open(t, Options{}) // the cases take away what is there
	info := d.Info()
	d.Close()
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "libEGL.so.1"), []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	const mesa = true
	for _, c := range []struct {
		name, env, want string
		mesa            bool // takes away what only Mesa's drivers look for
	}{
		{"no libEGL", "LD_LIBRARY_PATH=" + bad, "libegl1", !mesa},
		{"no vendor", "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent", "driver", !mesa},
		{"no driver", "LIBGL_DRIVERS_PATH=/nonexistent", "libgl1-mesa-dri", mesa},
		{"too old", "MESA_GL_VERSION_OVERRIDE=4.2", "offers no OpenGL 4.3", mesa},
		{"exactly 4.3", "MESA_GL_VERSION_OVERRIDE=4.3", "OPENED", mesa},
		{"no such name", "GLOSS_TEST_HELPER_DEVICE=voodoo", "voodoo", !mesa},
		{"no such number", "GLOSS_TEST_HELPER_DEVICE=99", "99", !mesa},
		{"by name", "GLOSS_TEST_HELPER_DEVICE=" + strings.ToUpper(info.Renderer), "OPENED " + info.Renderer, !mesa},
	} {
		if c.mesa && !strings.Contains(info.Version+info.Vendor, "Mesa") {
			t.Logf("%s: not on %s", c.name, info.Vendor)
			continue
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$", "-test.v")
		cmd.Env = append(os.Environ(), "GLOSS_TEST_HELPER=1", c.env)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
		if !strings.Contains(string(out), c.want) {
			t.Errorf("%s: want a message with %q:\n%s", c.name, c.want, out)
		}
	}
}

// TestLinks: a binary with OpenGL in it starts where there is no OpenGL.
func TestLinks(t *testing.T) {
	f, err := elf.Open("/proc/self/exe")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	libs, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range libs {
		for _, not := range []string{"libGL", "libEGL", "libX11", "libOpenGL"} {
			if strings.HasPrefix(l, not) {
				t.Errorf("the binary needs %s to start", l)
			}
		}
	}
	t.Log(libs)
}
