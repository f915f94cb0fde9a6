//go:build cgo && gl && linux

package egl

// #include "egl.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// Device is one way to an OpenGL driver. The zero handle is Mesa's surfaceless platform, which finds a driver by itself.
type Device struct {
	Name     string // a device file, or what the driver says about itself; for people
	Software bool   // the driver says that it draws on the CPU
	handle   uintptr
}

// Names of strings that EGL and its devices answer.
const (
	eglVendor     = 0x3053
	eglVersion    = 0x3054
	eglExtensions = 0x3055
	eglDRMFile    = 0x3233
	eglRenderNode = 0x3377
	eglRenderer   = 0x335F
)

// Devices lists the ways to a driver in the order in which they are worth trying: hardware, software, surfaceless.
// Nothing is opened by it.
func Devices() ([]Device, error) {
	if err := load(); err != nil {
		return nil, err
	}
	client := str(C.gloss_egl_client_extensions())
	var hard, soft []Device
	if has(client, "EGL_EXT_platform_device") {
		var handles [64]C.uintptr_t
		n := int(C.gloss_egl_devices(&handles[0], C.int(len(handles))))
		for i := range max(0, n) {
			d := describe(i, uintptr(handles[i]))
			if d.Software {
				soft = append(soft, d)
			} else {
				hard = append(hard, d)
			}
		}
	}
	all := append(hard, soft...)
	if has(client, "EGL_MESA_platform_surfaceless") {
		all = append(all, Device{Name: "surfaceless"})
	}
	if len(all) == 0 {
		return nil, errors.New("egl: libEGL.so.1 is there but lists no device: no graphics driver registers with it" +
			" (install the GPU's driver, or the Debian packages libegl-mesa0 and libgl1-mesa-dri)")
	}
	return all, nil
}

func describe(i int, handle uintptr) Device {
	h := C.uintptr_t(handle)
	ext := str(C.gloss_egl_device_string(h, eglExtensions))
	d := Device{Name: fmt.Sprintf("device %d", i), Software: has(ext, "EGL_MESA_device_software"), handle: handle}
	// A string may be asked for only where its extension is there: elsewhere the query itself is an error.
	for _, q := range []struct {
		ext  string
		name C.int
	}{{"EGL_EXT_device_query_name", eglRenderer}, {"EGL_EXT_device_drm_render_node", eglRenderNode}, {"EGL_EXT_device_drm", eglDRMFile}} {
		if !has(ext, q.ext) {
			continue
		}
		if s := str(C.gloss_egl_device_string(h, q.name)); s != "" {
			d.Name += " (" + s + ")"
			break
		}
	}
	if d.Software {
		d.Name += " (software)"
	}
	return d
}

// ProcAddress finds a GL function once a context exists; nil where the driver has none of that name.
func ProcAddress(name string) unsafe.Pointer {
	b := append([]byte(name), 0)
	return C.gloss_egl_proc((*C.char)(unsafe.Pointer(&b[0])))
}
