//go:build cgo && glfw && linux

package glrt

import "testing"

// TestWithoutWindow takes away what a hidden window needs.
func TestWithoutWindow(t *testing.T) {
	open(t, Options{Device: "glfw"}).Close()
	for _, c := range []struct{ name, env, want string }{
		{"no display", "DISPLAY=", "DISPLAY is not set"},
		{"no server", "DISPLAY=:9987", "does its display server run"},
		{"as it is", "", "OPENED"},
	} {
		asUser(t, c.name, c.want, "GLOSS_TEST_HELPER_DEVICE=glfw", c.env)
	}
	if mesa(t) {
		asUser(t, "too old", "no OpenGL 4.3 core context", "GLOSS_TEST_HELPER_DEVICE=glfw", "MESA_GL_VERSION_OVERRIDE=4.2")
		asUser(t, "exactly 4.3", "OPENED", "GLOSS_TEST_HELPER_DEVICE=glfw", "MESA_GL_VERSION_OVERRIDE=4.3")
	}
}

// TestManyWindows: a window more or less is nothing to the others.
func TestManyWindows(t *testing.T) {
	keep := open(t, Options{Device: "glfw"})
	x, err := keep.Alloc(16)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		d := open(t, Options{Device: "glfw"})
		if _, err := d.Alloc(1 << 10); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	keep.Write(x, 0, []byte("still here"))
	got := make([]byte, 10)
	if err := keep.Read(x, 0, got); err != nil || string(got) != "still here" {
		t.Errorf("%q, %v", got, err)
	}
}
