//go:build cgo && (gl || glfw) && (linux || windows) && !gldebug

package glrt

const debugByTag = false
