//go:build cgo && ((glfw && linux) || ((gl || glfw) && windows))

package glrt

import "github.com/gloss-ml/gloss/backend/gl/internal/window"

func windowWays() []way {
	return []way{{name: window.Name(), open: func(major, minor int) (context, error) {
		c, err := window.Open(major, minor)
		if err != nil {
			return nil, err
		}
		return c, nil
	}}}
}
