//go:build purego || !amd64

package f32

const vectors = false

// Choose has no choice on this machine or build.
func Choose() {}

// Gain is how many times faster the assembly is than the Go loops: there is none.
func Gain() float64 { return 1 }
