package ref_test

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/ref"
)

func BenchmarkRun(b *testing.B) {
	backendtest.RunBench(b, func(testing.TB) backend.Backend { return ref.Open() })
}
