//go:build cgo && gl && !glfw && linux

package glrt

import (
	"debug/elf"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWithoutEGL takes away what is there.
func TestWithoutEGL(t *testing.T) {
	open(t, Options{}).Close()
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "libEGL.so.1"), []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	asUser(t, "no libEGL", "libegl1", "LD_LIBRARY_PATH="+bad)
	asUser(t, "no vendor", "driver", "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent")
	if mesa(t) {
		asUser(t, "no driver", "libgl1-mesa-dri", "LIBGL_DRIVERS_PATH=/nonexistent")
		asUser(t, "too old", "offers no OpenGL 4.3", "MESA_GL_VERSION_OVERRIDE=4.2")
		asUser(t, "exactly 4.3", "OPENED", "MESA_GL_VERSION_OVERRIDE=4.3")
	}
	asUser(t, "no display", "OPENED", "DISPLAY=", "WAYLAND_DISPLAY=")
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
