//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"strings"
	"testing"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// TestMessages: with GLOSS_GLDEBUG a message of the driver fails the command that it came with, from medium severity on.
func TestMessages(t *testing.T) {
	for severity, fails := range map[uint32]bool{
		gl.DEBUG_SEVERITY_HIGH: true, gl.DEBUG_SEVERITY_MEDIUM: true, gl.DEBUG_SEVERITY_LOW: false, gl.DEBUG_SEVERITY_NOTIFICATION: false,
	} {
		for _, debug := range []string{"1", ""} {
			t.Setenv("GLOSS_GLDEBUG", debug)
			d := open(t, Options{})
			err := d.do(func(*Device) error {
				text := gl.Str("a buffer moves to where nobody wants it\x00")
				gl.DebugMessageInsert(gl.DEBUG_SOURCE_APPLICATION, gl.DEBUG_TYPE_PERFORMANCE, 7, severity, -1, text)
				return nil
			})
			if err == nil {
				err = d.Sync()
			}
			if want := fails && debug != ""; (err != nil) != want || want && !strings.Contains(err.Error(), "moves to where nobody wants it") {
				t.Errorf("severity %#x, GLOSS_GLDEBUG=%q: %v", severity, debug, err)
			}
			d.Close()
		}
	}
}
