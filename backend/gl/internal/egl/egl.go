//go:build cgo && gl && linux

// Package egl makes OpenGL contexts that need neither a display server nor a window: libEGL is opened at run time, so
// that a program which was built with it starts on machines that lack it.
//
// A context belongs to one thread at a time. All methods of Context are called on a goroutine that is locked to its
// thread; Devices may be called from anywhere.
package egl

// #include "egl.h"
// #cgo LDFLAGS: -ldl
import "C"

import (
	"fmt"
	"strings"
	"sync"
	"unsafe"
)

// lock guards the loading of the library and the count of users of each display.
var (
	lock     sync.Mutex
	loaded   bool
	displays = map[uintptr]int{}
)

// load opens libEGL once. A failure is not kept: the library may be installed while the program runs.
func load() error {
	lock.Lock()
	defer lock.Unlock()
	if loaded {
		return nil
	}
	msg := make([]byte, 512)
	if C.gloss_egl_load((*C.char)(unsafe.Pointer(&msg[0])), C.int(len(msg))) != 0 {
		why := string(msg[:max(0, strings.IndexByte(string(msg), 0))])
		return fmt.Errorf("egl: %s (install the Debian package libegl1, or the EGL library of the graphics driver)", why)
	}
	loaded = true
	return nil
}

// code names the error that EGL kept for this thread.
func code() string {
	n := int(C.gloss_egl_error())
	names := [...]string{
		"EGL_SUCCESS", "EGL_NOT_INITIALIZED", "EGL_BAD_ACCESS", "EGL_BAD_ALLOC", "EGL_BAD_ATTRIBUTE", "EGL_BAD_CONFIG",
		"EGL_BAD_CONTEXT", "EGL_BAD_CURRENT_SURFACE", "EGL_BAD_DISPLAY", "EGL_BAD_MATCH", "EGL_BAD_NATIVE_PIXMAP",
		"EGL_BAD_NATIVE_WINDOW", "EGL_BAD_PARAMETER", "EGL_BAD_SURFACE", "EGL_CONTEXT_LOST",
	}
	if i := n - 0x3000; i >= 0 && i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("EGL error %#x", n)
}

// has reports whether name is one of the words of list.
func has(list, name string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == name {
			return true
		}
	}
	return false
}

func str(p *C.char) string {
	if p == nil {
		return ""
	}
	return C.GoString(p)
}
