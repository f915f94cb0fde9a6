package auto

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/internal/need"
)

// needGL skips where there is no OpenGL, and fails where GLOSS_REQUIRE says that it has to be there.
func needGL(t *testing.T) {
	t.Helper()
	dev, err := Open("gl")
	if err == nil {
		dev.Close()
		return
	}
	need.Lacking(t, "gl", err)
}

// TestOpen opens every name. What opens is what was asked for, and what does not says that it is not there.
func TestOpen(t *testing.T) {
	for _, name := range Names() {
		dev, choice, err := Choose(name)
		if err != nil {
			if dev != nil || !errors.Is(err, backend.ErrUnavailable) {
				t.Errorf("%s: %v, %v; want nothing and ErrUnavailable", name, dev, err)
			}
			if name != "gl" || need.Required("gl") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if got := dev.Info().Device; got != name || choice.Info != dev.Info() {
			t.Errorf("%s opened %q, and says %+v", name, got, choice.Info)
		}
		if s := choice.String(); !strings.HasPrefix(s, name+": ") || !strings.HasSuffix(s, " (asked for as "+name+")") {
			t.Errorf("%s: %q", name, s)
		}
		if err := dev.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnknownName(t *testing.T) {
	for _, name := range []string{"CPU", "cuda", "gl ", "cpu:1", "auto:1", "ref:", ":", "gonum,cpu"} {
		dev, err := Open(name)
		if dev != nil || err == nil || !strings.Contains(err.Error(), "there are gonum, cpu, gl, ref, auto") || errors.Is(err, backend.ErrUnavailable) {
			t.Errorf("%q: %v, %v", name, dev, err)
		}
	}
	for _, name := range []string{"gl:", "gl: "} {
		if dev, err := Open(name); dev != nil || err == nil || !strings.Contains(err.Error(), "as in gl:1 or gl:NVIDIA") {
			t.Errorf("%q: %v, %v", name, dev, err)
		}
	}
	for _, name := range []string{"", "auto", "gl", "gl:0", "gl:NVIDIA", "gl:a:b", "ref"} {
		if err := Check(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestEnvironment sets the variable, which is asked only where no name is given.
func TestEnvironment(t *testing.T) {
	t.Setenv(Variable, "ref")
	for name, want := range map[string]string{"": "ref", "gonum": "gonum"} {
		dev, choice, err := Choose(name)
		if err != nil || dev.Info().Device != want || choice.Environment != (name == "") {
			t.Fatalf("%q: %v, %+v", name, err, choice)
		}
		dev.Close()
	}
	t.Setenv(Variable, "voodoo")
	if dev, err := Open(""); dev != nil || err == nil || !strings.HasPrefix(err.Error(), "GLOSS_DEVICE=voodoo: no device is called") {
		t.Errorf("%v, %v", dev, err)
	}
	t.Setenv(Variable, "")
	dev, choice, err := Choose("")
	if err != nil || choice.Asked != "auto" || choice.Why == "" || choice.Environment {
		t.Fatalf("%v, %+v", err, choice)
	}
	if i := dev.Info(); i.Software || i.Device != "gl" && i.Device != "cpu" {
		t.Errorf("auto opened %+v", i)
	}
	t.Log(choice)
	dev.Close()
}

// TestThisMachinesGL asks for what is there and for what is not. OpenGL needs no display.
func TestThisMachinesGL(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	needGL(t)
	dev, choice, err := Choose("gl:0")
	if err != nil || choice.Asked != "gl:0" || choice.Info.Device != "gl" {
		t.Fatalf("%v, %+v", err, choice)
	}
	dev.Close()
	word := strings.ToUpper(strings.Fields(choice.Info.Name)[0])
	if dev, choice, err = Choose("gl:" + word); err != nil {
		t.Fatal(err)
	}
	t.Log(choice)
	if i := dev.Info(); i.Software != strings.Contains(choice.String(), "a software renderer") {
		t.Errorf("%q says of %+v", choice, i)
	}
	dev.Close()
	for _, name := range []string{"gl:77", "gl:-1", "gl:voodoo"} {
		dev, err := Open(name)
		if dev != nil || !errors.Is(err, backend.ErrUnavailable) || !strings.Contains(err.Error(), "\n  gl:0  ") {
			t.Errorf("%s: %v, %v; want a list", name, dev, err)
		}
	}
}

// TestHelper is run by TestWithoutDriver in a process of its own: libEGL reads the environment once.
func TestHelper(t *testing.T) {
	if os.Getenv("GLOSS_TEST_HELPER") == "" {
		t.Skip("for TestWithoutDriver")
	}
	dev, choice, err := Choose("")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("opened %v", choice)
	dev.Close()
}

func TestWithoutDriver(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux' drivers can be taken away by variables")
	}
	needGL(t) // the cases take away what is there
	for _, c := range []struct {
		name, device, env string
		fails             bool
		want              string
	}{
		{"asked for", "gl", "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent", true, "GLOSS_DEVICE=gl: device unavailable: "},
		{"by number", "gl:0", "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent", true, "GLOSS_DEVICE=gl:0: device unavailable: "},
		{"auto", "", "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent", false, "(auto: no OpenGL GPU: "},
		{"auto by name", "auto", "__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent", false, "(GLOSS_DEVICE=auto: no OpenGL GPU: "},
		{"too old", "auto", "MESA_GL_VERSION_OVERRIDE=4.2", false, "(GLOSS_DEVICE=auto: "},
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$", "-test.v")
		cmd.Env = append(os.Environ(), "GLOSS_TEST_HELPER=1", "GLOSS_DEVICE="+c.device, "DISPLAY=", c.env)
		out, err := cmd.CombinedOutput()
		if (err != nil) != c.fails || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v; want %q:\n%s", c.name, err, c.want, out)
		}
	}
}
