// Package gl is the contract on OpenGL 4.3 compute shaders: any GPU whose driver offers them.
//
// It is built with cgo and a tag, on Linux and Windows; without them, Open returns an error that wraps
// backend.ErrUnavailable and says so.
//
//   - Tag gl: on Linux through EGL, which needs no display. Building needs gcc and the GL headers (Debian: libgl-dev);
//     running needs nothing but the graphics driver, which is looked for when a device is opened: a binary starts on
//     machines that have none.
//   - Tag glfw: on Linux through a hidden window of GLFW, which needs an X server, libX11 and more headers to build with. With
//     both tags EGL is tried first.
//   - On Windows either tag means GLFW, which needs nothing but the graphics driver.
//
// A program that has a window and a context of its own can lend them: see [Lend].
package gl

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/gloss-ml/gloss/backend"
)

// An Option chooses what Open opens.
type Option func(*options)

type options struct {
	device   string
	budget   int64
	programs *string // nil for the folder by default
	lent     bool
	proc     func(name string) unsafe.Pointer
}

// Device chooses a device: its number in the list that [Devices] returns, or a part of its renderer's name or of the name
// of the way to it, in any case: "nvidia", "renderD129", "glfw". Without it the first device that opens is taken, hardware before software.
func Device(name string) Option { return func(o *options) { o.device = name } }

// Budget is the most bytes of memory that buffers may take; Alloc fails beyond it. Without it the bound is what the
// driver says that it has, if it says so.
func Budget(bytes int64) Option { return func(o *options) { o.budget = bytes } }

// Programs is the folder that compiled programs are kept in, for the next process to start faster; "" for none. Without it
// they are in the folder programs of that which the environment variable GLOSS_CACHE names, or of gloss in the user's folder
// of caches ([os.UserCacheDir]), and nowhere where GLOSS_CACHE is "off". A program is taken back only by the driver and version that
// it was made by; what is damaged is compiled again, and a folder that cannot be written is no error: see [ProgramsOf]. The
// folder holds 64 MiB at most, and may be removed at any time.
func Programs(dir string) Option { return func(o *options) { o.programs = &dir } }

// A CompileError is what Record, or the device's failure, says of a kernel that the driver's compiler or linker refuses: its name,
// the driver's log, and the lines of the source that the log speaks of.
type CompileError struct {
	Kernel string
	text   string
}

func (e *CompileError) Error() string { return e.text }

// ProgramState says what became of a device's compiled programs.
type ProgramState struct {
	Dir      string // the folder; "" where none are kept, or the driver gives none away
	Loaded   int    // that were there
	Compiled int    // that were not
	Err      error  // the first that kept programs from being read or written; the device does without
}

// ProgramsOf says it of a device that Open has opened; of others, that there are none.
func ProgramsOf(b backend.Backend) ProgramState { return programsOf(backend.Unwrap(b)) }

// Open opens a device. Its error wraps backend.ErrUnavailable and says what is missing and what to do. A software
// renderer is opened as any other and marked in Info; whether one is wanted is the caller's to say.
func Open(opts ...Option) (backend.Backend, error) {
	var o options
	for _, f := range opts {
		f(&o)
	}
	switch {
	case o.lent && o.proc == nil:
		return nil, errors.New("gl: Lend wants a function that finds those of OpenGL, as glfw.GetProcAddress")
	case o.lent && o.device != "":
		return nil, fmt.Errorf("gl: Device(%q) and Lend exclude each other", o.device)
	}
	return open(o)
}

// Found is a way to a driver: what it leads to, or why it cannot be used.
type Found struct {
	Name     string // the EGL device, or GLFW's window
	Renderer string
	Version  string
	Software bool
	Err      error
}

// Devices tries every way to a driver, in the order in which Open does.
func Devices() ([]Found, error) { return devices() }
