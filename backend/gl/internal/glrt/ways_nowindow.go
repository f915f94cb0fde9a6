//go:build cgo && gl && !glfw && linux

package glrt

func windowWays() []way { return nil }
