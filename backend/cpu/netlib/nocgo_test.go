//go:build !cgo

package netlib_test

import (
	"errors"
	"testing"

	"github.com/gloss-ml/gloss/internal/need"
)

func TestRun(t *testing.T) {
	need.Lacking(t, "blas", errors.New("built without cgo, through which C's BLAS is called"))
}
