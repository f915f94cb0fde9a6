//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"os"
	"strconv"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// debugging is whether errors are looked for after every command, and the driver's messages read: what GLOSS_GLDEBUG says, or
// the tag gldebug where it says nothing.
func debugging() bool {
	text, ok := os.LookupEnv("GLOSS_GLDEBUG")
	if !ok {
		return debugByTag
	}
	on, err := strconv.ParseBool(text)
	return on && err == nil
}

// listen has the driver write down what it has to say (GL_KHR_debug, in the core since 4.3) as soon as it knows.
func (d *Device) listen() {
	if d.debug {
		gl.Enable(gl.DEBUG_OUTPUT)
		gl.Enable(gl.DEBUG_OUTPUT_SYNCHRONOUS)
	}
}

// messages takes what the driver has written down for listen, and returns the first that is of medium severity or worse.
func (d *Device) messages() (err error) {
	if !d.debug {
		return nil
	}
	var text [4096]uint8
	for range 1 << 10 { // a driver that never stops is not waited for
		var source, kind, id, severity uint32
		var n int32
		if gl.GetDebugMessageLog(1, int32(len(text)), &source, &kind, &id, &severity, &n, &text[0]) == 0 {
			return err
		}
		if err == nil && (severity == gl.DEBUG_SEVERITY_HIGH || severity == gl.DEBUG_SEVERITY_MEDIUM) {
			err = fmt.Errorf("gl: the driver says: %s", gl.GoStr(&text[0]))
		}
	}
	return err
}
