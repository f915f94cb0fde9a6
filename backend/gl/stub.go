//go:build !(cgo && (gl || glfw) && (linux || windows))

package gl

import (
	"fmt"
	"runtime"

	"github.com/gloss-ml/gloss/backend"
)

func open(options) (backend.Backend, error) { return nil, errNotBuilt() }

func devices() ([]Found, error) { return nil, errNotBuilt() }

func programsOf(backend.Backend) ProgramState { return ProgramState{} }

func errNotBuilt() error {
	switch runtime.GOOS {
	case "linux":
		return fmt.Errorf("gl: %w: built without -tags gl (or without cgo); building needs gcc and libgl-dev, running only the driver",
			backend.ErrUnavailable)
	case "windows":
		return fmt.Errorf("gl: %w: built without -tags gl (or without cgo); building needs gcc (MinGW-w64), running only the driver",
			backend.ErrUnavailable)
	}
	return fmt.Errorf("gl: %w: OpenGL has no compute shaders on %s, or has not been tried there", backend.ErrUnavailable, runtime.GOOS)
}
