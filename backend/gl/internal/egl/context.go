//go:build cgo && gl && linux

package egl

// #include "egl.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// Context is an OpenGL context of the core profile without a surface.
type Context struct {
	display, context uintptr
}

// Open makes a context of at least the given version on the device. It is not current yet.
func Open(d Device, major, minor int) (*Context, error) {
	if err := load(); err != nil {
		return nil, err
	}
	dpy := uintptr(C.gloss_egl_display(C.uintptr_t(d.handle)))
	if dpy == 0 {
		return nil, fmt.Errorf("egl: %s: no display: %s (no graphics driver registers with libEGL; install the GPU's driver,"+
			" or the Debian packages libegl-mesa0 and libgl1-mesa-dri)", d.Name, code())
	}
	if err := acquire(dpy); err != nil {
		return nil, fmt.Errorf("egl: %s: %w", d.Name, err)
	}
	c := &Context{display: dpy}
	ext := str(C.gloss_egl_display_string(C.uintptr_t(dpy), eglExtensions))
	if !has(ext, "EGL_KHR_surfaceless_context") {
		release(dpy)
		return nil, fmt.Errorf("egl: %s: the driver cannot make a context current without a surface"+
			" (EGL_KHR_surfaceless_context is missing): it is too old", d.Name)
	}
	noconfig := C.int(0)
	if has(ext, "EGL_KHR_no_config_context") || has(ext, "EGL_MESA_configless_context") {
		noconfig = 1
	}
	version := str(C.gloss_egl_display_string(C.uintptr_t(dpy), eglVersion))
	for _, reset := range resetWays(version, ext) {
		c.context = uintptr(C.gloss_egl_create(C.uintptr_t(dpy), noconfig, C.int(major), C.int(minor), C.int(reset)))
		if c.context != 0 {
			break
		}
	}
	if c.context == 0 {
		why := code()
		vendor := str(C.gloss_egl_display_string(C.uintptr_t(dpy), eglVendor))
		release(dpy)
		return nil, fmt.Errorf("egl: %s: the driver (%s, EGL %s) offers no OpenGL %d.%d core context: %s"+
			" (compute shaders need %[4]d.%[5]d; a newer driver or GPU is needed)", d.Name, vendor, version, major, minor, why)
	}
	return c, nil
}

// resetWays are the ways to ask for a context that says when it was lost, and at last the one without: a driver may know
// the words and refuse all the same.
func resetWays(version, extensions string) (ways []int) {
	var major, minor int
	fmt.Sscanf(version, "%d.%d", &major, &minor)
	robust := has(extensions, "EGL_EXT_create_context_robustness")
	if major > 1 || minor >= 5 || robust {
		ways = append(ways, 1)
	}
	if robust {
		ways = append(ways, 2)
	}
	return append(ways, 0)
}

// acquire initialises a display for its first user. Displays are shared by every context of a device, and the last one
// to go must be the one that terminates it: terminating destroys the contexts of all the others.
func acquire(dpy uintptr) error {
	lock.Lock()
	defer lock.Unlock()
	if displays[dpy] == 0 {
		var major, minor C.int
		if C.gloss_egl_initialize(C.uintptr_t(dpy), &major, &minor) != 0 {
			return fmt.Errorf("the driver does not start: %s (its driver library is missing or cannot use the device;"+
				" for Mesa install the Debian package libgl1-mesa-dri, and check the permissions of /dev/dri)", code())
		}
	}
	displays[dpy]++
	return nil
}

func release(dpy uintptr) {
	lock.Lock()
	defer lock.Unlock()
	displays[dpy]--
	if displays[dpy] == 0 {
		delete(displays, dpy)
		C.gloss_egl_terminate(C.uintptr_t(dpy))
	}
}

// MakeCurrent binds the context to the calling thread.
func (c *Context) MakeCurrent() error {
	if C.gloss_egl_make_current(C.uintptr_t(c.display), C.uintptr_t(c.context)) != 0 {
		return fmt.Errorf("egl: the context cannot be made current: %s", code())
	}
	return nil
}

// Release unbinds whatever context the calling thread has, so that another thread may take it.
func (c *Context) Release() error {
	if C.gloss_egl_make_current(C.uintptr_t(c.display), 0) != 0 {
		return fmt.Errorf("egl: the context cannot be released: %s", code())
	}
	return nil
}

// Destroy ends the context, which must not be current on another thread. A second call does nothing.
func (c *Context) Destroy() {
	if c.context == 0 {
		return
	}
	C.gloss_egl_make_current(C.uintptr_t(c.display), 0)
	C.gloss_egl_destroy(C.uintptr_t(c.display), C.uintptr_t(c.context))
	c.context = 0
	C.gloss_egl_release_thread()
	release(c.display)
}

// ProcAddress finds a GL function; nil where the driver has none of that name.
func (c *Context) ProcAddress(name string) unsafe.Pointer { return ProcAddress(name) }
