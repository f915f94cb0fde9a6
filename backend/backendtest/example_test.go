package backendtest_test

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/ref"
)

// The test of a backend is one call, in a function of package testing.
func ExampleRun() {
	_ = func(t *testing.T) { // func TestRun(t *testing.T)
		backendtest.Run(t, func(testing.TB) backend.Backend { return ref.Open() })
	}
}
