//go:build cgo && (gl || glfw) && linux

package train_test

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/internal/need"
)

func init() {
	devices["gl"] = func(t testing.TB) backend.Backend {
		dev, err := gl.Open()
		if err != nil {
			need.Lacking(t, "gl", err)
		}
		return dev
	}
}
