//go:build cgo && (gl || glfw)

package glrt

import "golang.org/x/sys/windows"

// threadID tells OS threads apart. It means something to goroutines that are locked to theirs.
func threadID() int { return int(windows.GetCurrentThreadId()) }
