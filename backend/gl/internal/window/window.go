//go:build cgo && ((glfw && linux) || ((gl || glfw) && windows))

// Package window makes OpenGL contexts by GLFW, each that of a hidden window: the way to a driver where there is no EGL,
// and on Linux the way through a display server.
//
// GLFW wants all calls about windows from one thread, and ending it would take every window of the process along. So a
// thread of the package's own makes them, for the whole life of the process, and never ends GLFW. A program that
// uses GLFW itself has such a thread already: it lends a context instead (see package gl).
package window

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// Name is what this way to a driver is called.
func Name() string {
	if d := os.Getenv("DISPLAY"); runtime.GOOS == "linux" && d != "" {
		return "GLFW, a hidden window on display " + d
	}
	return "GLFW, a hidden window"
}

// Context is the OpenGL context of a hidden window.
type Context struct{ window *glfw.Window }

// Open makes a context of at least the given version. It is not current yet.
func Open(major, minor int) (*Context, error) {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" {
		return nil, errors.New("glfw: there is no display: DISPLAY is not set (set it to a running X server, start one with" +
			" xvfb-run, or build with -tags gl, which needs no display)")
	}
	c := &Context{}
	err := onThread(func() (err error) {
		if err = start(); err != nil {
			return err
		}
		c.window, err = hidden(major, minor)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// start begins GLFW. A failure is not kept: the display server may be started while the program runs.
func start() error {
	err := guarded(func() error {
		if err := glfw.Init(); err != nil {
			return err
		}
		// The binding logs a display server that does not answer and returns nil. What it does next panics.
		glfw.DefaultWindowHints()
		return nil
	})
	if err != nil {
		return fmt.Errorf("glfw: it does not start: %w (%s; does its display server run, and may this user use it?)", err, Name())
	}
	return nil
}

func hidden(major, minor int) (window *glfw.Window, err error) {
	for _, robustness := range []int{glfw.LoseContextOnReset, glfw.NoRobustness} {
		err = guarded(func() (err error) {
			glfw.DefaultWindowHints()
			for hint, value := range map[glfw.Hint]int{
				glfw.Visible:             glfw.False,
				glfw.ContextVersionMajor: major, glfw.ContextVersionMinor: minor,
				glfw.OpenGLProfile:     glfw.OpenGLCoreProfile,
				glfw.ContextRobustness: robustness, // a driver may refuse to tell about resets
			} {
				glfw.WindowHint(hint, value)
			}
			if window, err = glfw.CreateWindow(16, 16, "gloss", nil, nil); err == nil && window == nil {
				err = errors.New("no window, and no reason given") // the binding logs some errors instead of returning them
			}
			return err
		})
		if err == nil {
			return window, nil
		}
	}
	return nil, fmt.Errorf("glfw: no OpenGL %d.%d core context: %w (compute shaders need %[1]d.%[2]d; a newer driver or GPU is needed)",
		major, minor, err)
}

// guarded turns the binding's panics, which it has for errors that it does not expect, into errors.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}

var (
	begin sync.Once
	jobs  = make(chan func())
)

// onThread runs f on GLFW's thread and waits for it.
func onThread(f func() error) error {
	begin.Do(func() {
		go func() {
			runtime.LockOSThread()
			for job := range jobs {
				job()
			}
		}()
	})
	done := make(chan error)
	jobs <- func() { done <- f() }
	return <-done
}

// MakeCurrent binds the context to the calling thread.
func (c *Context) MakeCurrent() error {
	return guarded(func() error {
		c.window.MakeContextCurrent()
		return nil
	})
}

// Release unbinds whatever context the calling thread has, so that another thread may take it.
func (c *Context) Release() error {
	return guarded(func() error {
		glfw.DetachCurrentContext()
		return nil
	})
}

// Destroy ends the context, which must not be current on another thread. A second call does nothing.
func (c *Context) Destroy() {
	if c.window == nil {
		return
	}
	_ = c.Release()
	_ = onThread(func() error {
		return guarded(func() error {
			c.window.Destroy()
			return nil
		})
	})
	c.window = nil
}

// ProcAddress finds a GL function of the context, which has to be current; nil where the driver has none of that name.
func (c *Context) ProcAddress(name string) unsafe.Pointer { return glfw.GetProcAddress(name) }
