//go:build cgo && (gl || glfw)

package glrt

import _ "github.com/gloss-ml/gloss/backend/gl/internal/glstub" // keeps libGL out of the binary's needs
