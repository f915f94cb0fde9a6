//go:build cgo && (gl || glfw) && linux

// Package glstub keeps libGL out of the list of libraries that a binary needs to start.
//
// go-gl/gl refers to exactly one symbol of libGL, glXGetProcAddress. The C file beside this one defines it, so the
// linker, which drops libraries that nothing refers to (--as-needed, the default of Debian's and Ubuntu's gcc), drops
// libGL.so.1. The binary then starts on a machine without any GL and can say what is missing in a sentence, instead of
// dying in the loader.
package glstub

// #cgo LDFLAGS: -ldl
import "C"
