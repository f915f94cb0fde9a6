//go:build !(cgo && (gl || glfw) && linux)

package gl

import (
	"fmt"
	"runtime"

	"github.com/gloss-ml/gloss/backend"
)

func open(options) (backend.Backend, error) { return nil, errNotBuilt() }

func devices() ([]Found, error) { return nil, errNotBuilt() }

func errNotBuilt() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("gl: %w: OpenGL is not supported on %s yet", backend.ErrUnavailable, runtime.GOOS)
	}
	return fmt.Errorf("gl: %w: built without -tags gl (or without cgo); building needs gcc and libgl-dev, running only the driver",
		backend.ErrUnavailable)
}
