//go:build cgo && gl && linux

package gl_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
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
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("opened", dev.Info().Driver)
	dev.Close()
}

// TestRefused: what lacks, and what would mend it, is said of a driver that is too old, of one without compute shaders, and of none.
func TestRefused(t *testing.T) {
	if i := open(t).Info(); !i.Software {
		t.Skipf("%s does not listen to Mesa's variables", i.Name)
	}
	const old = "offers no OpenGL 4.3 core context: EGL_BAD_MATCH (compute shaders need 4.3; a newer driver or GPU is needed)"
	for env, want := range map[string]string{
		"MESA_GL_VERSION_OVERRIDE=4.3":                                 "opened",
		"MESA_GL_VERSION_OVERRIDE=4.2":                                 old,
		"MESA_EXTENSION_OVERRIDE=-GL_ARB_compute_shader":               old,
		"MESA_EXTENSION_OVERRIDE=-GL_ARB_shader_storage_buffer_object": old,
		"__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent":                  "no graphics driver registers with it (install the GPU's driver,",
		"LIBGL_DRIVERS_PATH=/nonexistent":                              "for Mesa install the Debian package libgl1-mesa-dri",
	} {
		c := exec.Command(os.Args[0], "-test.run=^TestRefusedChild$", "-test.v")
		c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MESA_GL") }), refusedHere+"=1", "DISPLAY=", env)
		out, err := c.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) || want != "opened" && !strings.Contains(string(out), "device unavailable: ") {
			t.Errorf("%s: %v\n%s\nwant %q", env, err, out, want)
		}
	}
}
