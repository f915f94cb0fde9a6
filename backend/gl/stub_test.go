//go:build !(cgo && (gl || glfw) && (linux || windows))

package gl_test

import (
	"errors"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
)

func TestNotBuilt(t *testing.T) {
	_, err := gl.Open()
	if !errors.Is(err, backend.ErrUnavailable) {
		t.Errorf("Open: %v", err)
	}
	if _, err = gl.Devices(); !errors.Is(err, backend.ErrUnavailable) {
		t.Errorf("Devices: %v", err)
	}
	t.Log(err)
}
