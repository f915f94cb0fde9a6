//go:build cgo && (gl || glfw)

package glrt

import "syscall"

// threadID tells OS threads apart. It means something to goroutines that are locked to theirs.
func threadID() int { return syscall.Gettid() }
