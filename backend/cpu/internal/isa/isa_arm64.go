//go:build !purego

package isa

// native: NEON is part of arm64.
func native() []Set { return []Set{NEON} }
