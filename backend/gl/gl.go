// Package gl is the contract on OpenGL 4.3 compute shaders: any GPU whose driver offers them, without a display.
//
// It is built with cgo and the tag gl; without them, Open returns an error that wraps backend.ErrUnavailable and says
// so. Building needs gcc and the GL headers (Debian: libgl-dev). Running needs nothing but the graphics driver, which is
// looked for when a device is opened: a binary starts on machines that have none.
package gl

import "github.com/gloss-ml/gloss/backend"

// An Option chooses what Open opens.
type Option func(*options)

type options struct {
	device string
	budget int64
}

// Device chooses a device: its number in the list that Devices returns, or a part of its renderer's name, in any case.
// Without it the first device that opens is taken, hardware before software.
func Device(name string) Option { return func(o *options) { o.device = name } }

// Budget is the most bytes of memory that buffers may take; Alloc fails beyond it. Without it the bound is what the
// driver says that it has, if it says so.
func Budget(bytes int64) Option { return func(o *options) { o.budget = bytes } }

// Open opens a device. Its error wraps backend.ErrUnavailable and says what is missing and what to do. A software
// renderer is opened as any other and marked in Info; whether one is wanted is the caller's to say.
func Open(opts ...Option) (backend.Backend, error) {
	var o options
	for _, f := range opts {
		f(&o)
	}
	return open(o)
}

// Found is a way to a driver: what it leads to, or why it cannot be used.
type Found struct {
	Name     string // the EGL device
	Renderer string
	Version  string
	Software bool
	Err      error
}

// Devices tries every way to a driver, in the order in which Open does.
func Devices() ([]Found, error) { return devices() }
