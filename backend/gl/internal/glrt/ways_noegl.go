//go:build cgo && ((glfw && !gl && linux) || ((gl || glfw) && windows))

package glrt

func eglWays() ([]way, error) { return nil, nil }
