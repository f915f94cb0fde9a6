//go:build cgo && gl && linux

package gl_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/gloss-ml/gloss/backend/gl"
)

// refusedHere is the environment variable that makes a process of this test one that opens a device and says how that went.
const refusedHere = "GLOSS_TEST_REFUSED"

func TestRefusedChild(t *testing.T) {
	if os.Getenv(refusedHere) == "" {
		t.Skip("TestRefused starts this")
	}
	dev, err := gl.Open()
	fmt.Println(err)
	if err == nil {
		dev.Close()
	}
}

func TestRefused(t *testing.T) {
	for _, env := range []string{"MESA_GL_VERSION_OVERRIDE=4.2", "MESA_GL_VERSION_OVERRIDE=4.3", "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent", "LIBGL_DRIVERS_PATH=/nonexistent", "MESA_EXTENSION_OVERRIDE=-GL_ARB_compute_shader"} {
		c := exec.Command(os.Args[0], "-test.run=^TestRefusedChild$", "-test.v")
		c.Env = append(os.Environ(), refusedHere+"=1", "DISPLAY=", env)
		out, err := c.CombinedOutput()
		t.Logf("%s: %v\n%s", env, err, out)
	}
}
