package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
)

// box is a machine of a test: files with their content, in the manner of "path=content", and variables.
type box struct {
	os     string // "" for linux
	files  []string
	env    []string
	tags   string
	found  []gl.Found
	why    string // OpenGL's error, where it lists nothing
	locked string // a device file that may not be opened
	root   bool
	bare   bool // no compiler
	noCGO  bool
}

const (
	debian   = "etc/os-release=PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
	ubuntu   = "etc/os-release=PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nID=ubuntu\nID_LIKE=debian\n"
	mint     = "etc/os-release=PRETTY_NAME=\"Linux Mint 22\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"
	fedora   = "etc/os-release=PRETTY_NAME=\"Fedora Linux 42\"\nID=fedora\n"
	rocky    = "etc/os-release=PRETTY_NAME=\"Rocky Linux 9\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"
	arch     = "etc/os-release=PRETTY_NAME=\"Arch Linux\"\nID=arch\n"
	alpine   = "etc/os-release=PRETTY_NAME=\"Alpine Linux v3.22\"\nID=alpine\n"
	docker   = ".dockerenv"
	headers  = "usr/include/GL/glx.h"
	kernel   = "proc/driver/nvidia/version=NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build\nGCC version:  gcc version 12.2.0\n"
	ctl      = "dev/nvidiactl"
	gpu0     = "dev/nvidia0"
	render   = "dev/dri/renderD128"
	egl      = "usr/lib/x86_64-linux-gnu/libEGL.so.1"
	glvnd    = "usr/lib/x86_64-linux-gnu/libGLdispatch.so.0"
	eglNV    = "usr/lib/x86_64-linux-gnu/libEGL_nvidia.so.0"
	jsonMesa = `usr/share/glvnd/egl_vendor.d/50_mesa.json={"file_format_version":"1.0.0","ICD":{"library_path":"libEGL_mesa.so.0"}}`
	jsonNV   = `usr/share/glvnd/egl_vendor.d/10_nvidia.json={"file_format_version":"1.0.0","ICD":{"library_path":"libEGL_nvidia.so.0"}}`

	noTag    = "gl: device unavailable: built without -tags gl (or without cgo)"
	noEGL    = "device unavailable: egl: libEGL.so.1: cannot open shared object file: No such file or directory (install …)"
	noDriver = "device unavailable: egl: libEGL.so.1 is there but lists no device: no graphics driver registers with it"
)

func pci(id, driver string) string {
	return "sys/bus/pci/devices/0000:01:00.0/uevent=DRIVER=" + driver + "\nPCI_CLASS=30000\nPCI_ID=" + id + "\n"
}

var (
	soft     = gl.Found{Name: "device 0 (software)", Renderer: "llvmpipe (LLVM 15.0.6, 256 bits)", Version: "4.5", Software: true}
	geforce  = gl.Found{Name: "device 0", Renderer: "NVIDIA GeForce RTX 4090/PCIe/SSE2", Version: "4.6.0 NVIDIA 580.95.05"}
	broken   = gl.Found{Name: "device 0 (/dev/dri/renderD128)", Err: errors.New("egl: the driver does not start: EGL_NOT_INITIALIZED")}
	noWindow = gl.Found{Name: "GLFW, a hidden window", Err: errors.New("glfw: no OpenGL 4.3 core context: VersionUnavailable: WGL: OpenGL 1.1")}
	old      = gl.Found{Name: "device 0 (/dev/dri/renderD128)", Err: errors.New("egl: the driver (Mesa, EGL 1.4) offers no OpenGL 4.3 core context")}
)

func (b *box) machine() *Machine {
	files := fstest.MapFS{}
	for _, f := range b.files {
		name, content, _ := strings.Cut(f, "=")
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	m := &Machine{
		OS: "linux", Arch: "amd64", Files: files, Root: b.root, Tags: b.tags, CGO: !b.noCGO, CPU: []string{"avx2", "fma"},
		Getenv: func(name string) string {
			for _, v := range b.env {
				if value, ok := strings.CutPrefix(v, name+"="); ok {
					return value
				}
			}
			return ""
		},
		HasTool: func(string) bool { return !b.bare },
		OpenRW: func(file string) error {
			if file == b.locked {
				return &fs.PathError{Op: "open", Path: file, Err: fs.ErrPermission}
			}
			return nil
		},
		GL: func() ([]gl.Found, error) {
			if b.why != "" {
				return nil, fmt.Errorf("%w%s", backend.ErrUnavailable, strings.TrimPrefix(b.why, backend.ErrUnavailable.Error()))
			}
			return b.found, nil
		},
	}
	if b.os != "" {
		m.OS = b.os
	}
	m.Choose = func(name string) (backend.Info, string, error) {
		if v := m.Getenv("GLOSS_DEVICE"); name == "" && v == "cuda" {
			return backend.Info{}, "", errors.New(`GLOSS_DEVICE=cuda: no device is called "cuda"`)
		}
		i := slices.IndexFunc(b.found, func(f gl.Found) bool { return f.Err == nil && !f.Software })
		if name == "cpu" || i < 0 || name == "" && m.Getenv("GLOSS_DEVICE") == "cpu" {
			return backend.Info{Device: "cpu", Name: "AMD EPYC", Workers: 2}, "cpu: AMD EPYC, 2 workers (…)", nil
		}
		return backend.Info{Device: "gl", Name: b.found[i].Renderer}, "gl: " + b.found[i].Renderer + " (…)", nil
	}
	return m
}

// shape is what holds for every report: one line for each finding and step, and a last line that agrees with the rest.
func shape(t *testing.T, name string, r *Report, text string) {
	t.Helper()
	for _, f := range r.Findings {
		if f.Text == "" || f.Topic == "" || strings.Contains(f.Text+f.Step, "\n") || f.Mark == Lack && f.Step == "" || f.Mark == OK && f.Step != "" {
			t.Errorf("%s: %+v", name, f)
		}
		if strings.Contains(f.Text+f.Step, "%!") || strings.HasSuffix(f.Step, " ") || strings.Contains(f.Step, "  →") {
			t.Errorf("%s: %+v", name, f)
		}
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	last := lines[len(lines)-1]
	if last != r.Last() || r.GPU == strings.HasPrefix(last, "ONLY THE CPU") || !strings.Contains(last, "Used now: ") {
		t.Errorf("%s: the last line is %q", name, last)
	}
}

func TestThisMachine(t *testing.T) {
	m := This()
	m.Choose = func(string) (backend.Info, string, error) {
		return backend.Info{Device: "cpu", Name: "here"}, "cpu: here", nil
	}
	r := Examine(m)
	var text strings.Builder
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	shape(t, "here", r, text.String())
	t.Log("\n" + text.String())
}

// TestCaches: where programs are kept, or why they are not.
func TestCaches(t *testing.T) {
	for want, answer := range map[string]struct {
		dir string
		err error
	}{
		"ok /home/me/.cache/gloss: compiled kernels and measured rates; it may be removed at any time":    {"/home/me/.cache/gloss", nil},
		"note GLOSS_CACHE is off, or the user has no folder of caches: each process compiles its kernels": {"", nil},
		"note nothing can be kept in /ro, so each process compiles its kernels: read-only file system":    {"/ro", errors.New("read-only file system")},
	} {
		e := exam{Machine: &Machine{Caches: func() (string, error) { return answer.dir, answer.err }}}
		e.caches()
		if f := e.Findings; len(f) != 1 || f[0].Mark.String()+" "+f[0].Text != want {
			t.Errorf("%+v, want %s", f, want)
		}
	}
}
