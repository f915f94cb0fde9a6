// Package auto opens devices by name. It is the only package that imports every backend: commands, benchmarks and
// examples use it; networks are handed a backend and never know which.
package auto

import (
	"fmt"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/backend/ref"
)

// An opener is a name that Open knows.
type opener struct {
	name string
	open func() (backend.Backend, error)
}

var openers = []opener{
	{"gonum", func() (backend.Backend, error) { return cpu.Open(cpu.Gonum), nil }},
	{"cpu", func() (backend.Backend, error) { return cpu.Open(), nil }},
	{"gl", func() (backend.Backend, error) { return gl.Open() }},
	{"ref", func() (backend.Backend, error) { return ref.Open(), nil }},
}

// Names are what Open opens, slowest of the common ones first: "gonum" (every product by gonum), "cpu", "gl" (OpenGL)
// and "ref" (float64, slow, what the others are checked against).
func Names() []string {
	names := make([]string, len(openers))
	for i, o := range openers {
		names[i] = o.name
	}
	return names
}

// Open opens the device of that name. A device that is not there is an error that wraps [backend.ErrUnavailable] and
// says what is missing: another one is never opened in its place.
func Open(name string) (backend.Backend, error) {
	for _, o := range openers {
		if o.name == name {
			return o.open()
		}
	}
	return nil, fmt.Errorf("no device is called %q: there are %s", name, strings.Join(Names(), ", "))
}
