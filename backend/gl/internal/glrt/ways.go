//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import "unsafe"

// context is an OpenGL context: made on the thread that will use it.
type context interface {
	MakeCurrent() error
	Release() error
	Destroy()
	ProcAddress(name string) unsafe.Pointer
}

// A way leads to a driver: an EGL device, GLFW's hidden window, or what the application lends.
type way struct {
	name     string
	software bool // the way's own word; the driver may say so too
	open     func(major, minor int) (context, error)
}

// ways lists the ways that were built in, in the order in which they are worth trying, and opens nothing. Its error
// says why there is none.
func ways() ([]way, error) {
	all, err := eglWays()
	windows := windowWays()
	if err != nil && len(windows) > 0 {
		all = []way{{name: "EGL", open: func(int, int) (context, error) { return nil, err }}}
		return append(all, windows...), nil
	}
	return append(all, windows...), err
}
