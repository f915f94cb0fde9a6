//go:build cgo && (gl || glfw) && (linux || windows)

package gl_test

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/internal/need"
)

// open gives a backend that the test closes, or skips: not where GLOSS_REQUIRE says that OpenGL has to be there.
func open(t testing.TB, opts ...gl.Option) backend.Backend {
	t.Helper()
	b, err := gl.Open(opts...)
	if err != nil {
		need.Lacking(t, "gl", err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestRun(t *testing.T) {
	backendtest.Run(t, func(t testing.TB) backend.Backend { return open(t) })
}
