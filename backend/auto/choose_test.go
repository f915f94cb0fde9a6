package auto

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/backend/ref"
)

// named is a device that is somewhere else.
type named struct {
	backend.Backend
	info   backend.Info
	closed *int
}

func (n named) Info() backend.Info { return n.info }

func (n named) Close() error {
	*n.closed++
	return n.Backend.Close()
}

var (
	nvidia   = gl.Found{Name: "device 0 (/dev/dri/renderD128)", Renderer: "NVIDIA GeForce RTX 4090/PCIe/SSE2", Version: "4.6"}
	intel    = gl.Found{Name: "device 1 (/dev/dri/renderD129)", Renderer: "Mesa Intel(R) UHD Graphics 770", Version: "4.6"}
	locked   = gl.Found{Name: "device 0 (/dev/dri/renderD128)", Err: errors.New("egl: the driver does not start")}
	llvmpipe = gl.Found{Name: "device 2 (software)", Renderer: "llvmpipe (LLVM 15.0.6, 256 bits)", Version: "4.5", Software: true}
	d3d12    = gl.Found{Name: "surfaceless", Renderer: "D3D12 (NVIDIA GeForce RTX 4090)", Version: "4.6"}
)

// machineWith has the given ways to OpenGL, or none for the reason of err; opened and closed count.
func machineWith(env string, err error, found ...gl.Found) (m *machine, opened, closed *int) {
	opened, closed = new(int), new(int)
	open := func(i backend.Info) backend.Backend {
		*opened++
		return named{ref.Open(), i, closed}
	}
	return &machine{
		getenv: func(string) string { return env },
		cpu: func(opts ...cpu.Option) backend.Backend {
			if len(opts) > 0 {
				return open(backend.Info{Device: "gonum", Name: "AMD EPYC", Workers: 1})
			}
			return open(backend.Info{Device: "cpu", Name: "AMD EPYC", Workers: 2})
		},
		// As gl.Open: the first that opens. An option cannot be looked into; auto gives one only to open hardware.
		gl: func(opts ...gl.Option) (backend.Backend, error) {
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				if f.Err == nil && (len(opts) == 0 || !f.Software) {
					return open(backend.Info{Device: "gl", Name: f.Renderer, Software: f.Software}), nil
				}
			}
			return nil, fmt.Errorf("%w: gl: no OpenGL 4.3 device can be opened:\nfirst\nsecond", backend.ErrUnavailable)
		},
		devices: func() ([]gl.Found, error) { return found, err },
	}, opened, closed
}

func TestChoice(t *testing.T) {
	without := fmt.Errorf("gl: %w: built without -tags gl (or without cgo)", backend.ErrUnavailable)
	for _, c := range []struct {
		name, env string
		err       error
		found     []gl.Found
		want      string
	}{
		{"auto", "", nil, []gl.Found{nvidia, intel, llvmpipe}, "gl: NVIDIA GeForce RTX 4090/PCIe/SSE2 (auto: the first OpenGL GPU)"},
		{"", "", nil, []gl.Found{intel}, "gl: Mesa Intel(R) UHD Graphics 770 (auto: the first OpenGL GPU)"},
		{"", "", nil, []gl.Found{locked, intel}, "gl: Mesa Intel(R) UHD Graphics 770 (auto: the first OpenGL GPU)"},
		{"auto", "gl", without, nil, "cpu: AMD EPYC, 2 workers (auto: no OpenGL GPU: built without -tags gl (or without cgo))"},
		{"auto", "", nil, []gl.Found{llvmpipe}, "cpu: AMD EPYC, 2 workers (auto: no OpenGL GPU: only a software renderer, llvmpipe, was found)"},
		{"", "auto", nil, []gl.Found{locked, llvmpipe}, "cpu: AMD EPYC, 2 workers (GLOSS_DEVICE=auto: no OpenGL GPU: only a software renderer, " +
			"llvmpipe, was found; device 0 (/dev/dri/renderD128) does not open)"},
		{"auto", "", nil, []gl.Found{locked}, "cpu: AMD EPYC, 2 workers (auto: no OpenGL GPU: no OpenGL 4.3 device can be opened: first; second)"},
		{"auto", "", nil, []gl.Found{llvmpipe, d3d12}, "gl: D3D12 (NVIDIA GeForce RTX 4090) (auto: the first OpenGL GPU, gl:1)"},
		{"", "gonum", nil, []gl.Found{nvidia}, "gonum: AMD EPYC, 1 worker (GLOSS_DEVICE=gonum)"},
		{"cpu", "gonum", nil, nil, "cpu: AMD EPYC, 2 workers (asked for as cpu)"},
		{"gl", "cpu", nil, []gl.Found{llvmpipe}, "gl: llvmpipe (LLVM 15.0.6, 256 bits), a software renderer (asked for as gl)"},
	} {
		m, opened, closed := machineWith(c.env, c.err, c.found...)
		b, choice, err := m.choose(c.name, nil)
		if err != nil || choice.String() != c.want {
			t.Errorf("%q, GLOSS_DEVICE=%q: %v\n%s\nwant\n%s", c.name, c.env, err, choice, c.want)
			continue
		}
		if *opened != *closed+1 {
			t.Errorf("%s: %d devices opened, %d closed", c.want, *opened, *closed)
		}
		b.Close()
	}
}

// TestAbsent wants the reason why there is no OpenGL, or a list of what there is.
func TestAbsent(t *testing.T) {
	without := fmt.Errorf("gl: %w: built without -tags gl", backend.ErrUnavailable)
	ask := func(found []gl.Found, why error, name string) error {
		m, _, _ := machineWith("", why, found...)
		m.gl = func(...gl.Option) (backend.Backend, error) {
			if why != nil {
				return nil, why
			}
			return nil, fmt.Errorf("%w: gl: it does not open", backend.ErrUnavailable)
		}
		b, _, err := m.choose(name, nil)
		if b != nil {
			t.Errorf("%s opened", name)
		}
		return err
	}
	all := []gl.Found{nvidia, locked, llvmpipe}
	const listed = "\n  gl:0  NVIDIA GeForce RTX 4090/PCIe/SSE2, by device 0 (/dev/dri/renderD128)\n  gl:1  does not open: the driver does not start\n" +
		"  gl:2  llvmpipe (LLVM 15.0.6, 256 bits), a software renderer, by device 2 (software)"
	for _, c := range []struct {
		name, want string
		found      []gl.Found
		why        error
	}{
		{"gl:7", `device unavailable: OpenGL has no device "7"; it has:` + listed, all, nil},
		{"gl:voodoo", `device unavailable: OpenGL has no device "voodoo"; it has:` + listed, all, nil},
		{"gl:1", "device unavailable: gl: it does not open", all, nil},
		{"gl:geforce", "device unavailable: gl: it does not open", all, nil},
		{"gl", "device unavailable: gl: it does not open", all, nil},
		{"gl:7", "gl: device unavailable: built without -tags gl", nil, without},
		{"gl", "gl: device unavailable: built without -tags gl", nil, without},
	} {
		if err := ask(c.found, c.why, c.name); !errors.Is(err, backend.ErrUnavailable) || err.Error() != c.want {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
	m, _, _ := machineWith("gl:7", without)
	if _, _, err := m.choose("", nil); err == nil || !strings.HasPrefix(err.Error(), "GLOSS_DEVICE=gl:7: gl: device unavailable: built without") {
		t.Error(err)
	}
}
