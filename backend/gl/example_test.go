package gl_test

import (
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
)

// The error of a device that is not there says what is missing and what to do.
func ExampleOpen() {
	dev, err := gl.Open(gl.Device("no such renderer"))
	if err != nil {
		fmt.Println(errors.Is(err, backend.ErrUnavailable))
		return
	}
	defer dev.Close()
	fmt.Println(dev.Info().Name)
	// Output: true
}
