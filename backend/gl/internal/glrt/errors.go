//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"errors"
	"fmt"

	"github.com/go-gl/gl/v4.3-core/gl"
)

var errLost = errors.New("the context is lost or was never current")

func orLost(err error) error {
	if err == nil {
		return errLost
	}
	return err
}

// glError takes the context's pending errors and names the first.
func glError() error {
	code := gl.GetError()
	if code == gl.NO_ERROR {
		return nil
	}
	// Several flags may be set; a lost context answers errors for ever, so the loop is bounded.
	for range 16 {
		if gl.GetError() == gl.NO_ERROR {
			break
		}
	}
	switch code {
	case gl.INVALID_ENUM:
		return errors.New("gl: GL_INVALID_ENUM")
	case gl.INVALID_VALUE:
		return errors.New("gl: GL_INVALID_VALUE")
	case gl.INVALID_OPERATION:
		return errors.New("gl: GL_INVALID_OPERATION")
	case gl.OUT_OF_MEMORY:
		return errOutOfMemory
	case gl.CONTEXT_LOST:
		return ErrContextLost
	}
	return fmt.Errorf("gl: error %#x", code)
}

var errOutOfMemory = errors.New("gl: GL_OUT_OF_MEMORY")
