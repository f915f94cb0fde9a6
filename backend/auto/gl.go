package auto

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
)

// auto opens a GPU, or the CPU and says why there is no GPU. It never fails.
func (m *machine) auto() (b backend.Backend, why string) {
	first, err := m.gl()
	if err != nil {
		return m.cpu(), "no OpenGL GPU: " + oneLine(err)
	}
	if !first.Info().Software {
		return first, "the first OpenGL GPU"
	}
	renderer := first.Info().Name
	first.Close()
	// Hardware is tried first, but by EGL's word. What EGL calls software, or says nothing of, may be a GPU after all,
	// as Direct3D's under WSL is.
	found, _ := m.devices()
	var failed []string
	for i, f := range found {
		if f.Err != nil {
			failed = append(failed, fmt.Sprintf("%s does not open", f.Name))
			continue
		}
		if f.Software {
			continue
		}
		if b, err := m.gl(gl.Device(strconv.Itoa(i))); err == nil {
			if !b.Info().Software {
				return b, fmt.Sprintf("the first OpenGL GPU, gl:%d", i)
			}
			b.Close()
		}
	}
	why = "no OpenGL GPU: only a software renderer, " + short(renderer) + ", was found"
	if len(failed) > 0 {
		why += "; " + strings.Join(failed, ", ")
	}
	return m.cpu(), why
}

// openGL opens the device that the words after "gl:" name; "" is the first.
func (m *machine) openGL(which string) (backend.Backend, error) {
	if which == "" {
		return m.gl()
	}
	b, err := m.gl(gl.Device(which))
	if err == nil {
		return b, nil
	}
	found, listing := m.devices()
	if listing != nil || has(found, which) {
		return nil, err // there is no OpenGL at all, or the device is there and err says why it does not open
	}
	return nil, fmt.Errorf("%w: OpenGL has no device %q; it has:\n%s", backend.ErrUnavailable, which, list(found))
}

// has reports whether the selector names one of the devices, as gl.Device takes it.
func has(found []gl.Found, which string) bool {
	if i, err := strconv.Atoi(which); err == nil {
		return i >= 0 && i < len(found)
	}
	for _, f := range found {
		if f.Err == nil && (contains(f.Renderer, which) || contains(f.Name, which)) {
			return true
		}
	}
	return false
}

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// list is a line for each device, headed by the name that opens it.
func list(found []gl.Found) string {
	lines := make([]string, len(found))
	for i, f := range found {
		switch {
		case f.Err != nil:
			lines[i] = fmt.Sprintf("  gl:%d  does not open: %s", i, oneLine(f.Err))
		case f.Software:
			lines[i] = fmt.Sprintf("  gl:%d  %s, a software renderer, by %s", i, f.Renderer, f.Name)
		default:
			lines[i] = fmt.Sprintf("  gl:%d  %s, by %s", i, f.Renderer, f.Name)
		}
	}
	return strings.Join(lines, "\n")
}

// oneLine is an error without what every error of OpenGL begins with, for where that is said already.
func oneLine(err error) string {
	s := err.Error()
	for again := true; again; {
		again = false
		for _, head := range []string{"gl: ", "egl: ", backend.ErrUnavailable.Error() + ": "} {
			rest, ok := strings.CutPrefix(s, head)
			if ok {
				s, again = rest, true
			}
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, ":\n", ": "), "\n", "; ")
}

// short is a renderer's name without what stands in parentheses after it: the versions of its compiler.
func short(renderer string) string {
	name, _, _ := strings.Cut(renderer, " (")
	return name
}
