package gl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/gl"
)

// misused runs f and returns what it panics with.
func misused(f func()) (m *backend.Misuse) {
	defer func() { m, _ = recover().(*backend.Misuse) }()
	f()
	return nil
}

// TestLendMisuse holds in every build, with OpenGL or without.
func TestLendMisuse(t *testing.T) {
	b := cpu.Open()
	defer b.Close()
	buf, err := backend.Alloc(b, backend.F32, 1)
	if err != nil {
		t.Fatal(err)
	}
	if m := misused(func() { gl.Work(b) }); m == nil || !strings.Contains(m.Error(), "cpu is no OpenGL device") {
		t.Errorf("Work on the CPU: %v", m)
	}
	if m := misused(func() { gl.Object(buf) }); m == nil {
		t.Error("Object of the CPU's memory")
	}
	if _, err := gl.Open(gl.Device("0"), gl.Lend(nil)); err == nil {
		t.Error("a nil function, and a device besides")
	}
	if _, err := gl.Open(gl.Lend(nil)); err == nil || errors.Is(err, backend.ErrUnavailable) {
		t.Errorf("a nil function: %v", err)
	}
}
