//go:build purego || !amd64

package f32

const vectors = false

// Choose has no choice on this machine or build.
func Choose() {}
