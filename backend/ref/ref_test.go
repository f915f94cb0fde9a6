package ref_test

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/ref"
)

func TestRun(t *testing.T) {
	backendtest.Run(t, func(testing.TB) backend.Backend { return ref.Open() })
}
