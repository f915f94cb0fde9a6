package backendtest_test

import (
	"math"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/internal/need"
)

// bentIdentity is (√(x²+1)−1)/2 + x, an activation that is not in the op table, with parameter 0 its bend.
var bentIdentity = &backend.Op{
	Name: "bent_identity", Wants: backend.WantX, Grad: bentIdentityGrad,
	F: func(e *backend.El) {
		x := e.V
		root := math.Sqrt(x*x + 1)
		e.S = max(root*e.P[0], math.Abs(x))
		e.V = e.P[0]*(root-1) + x
	},
	// The square of a large number leaves float32; the root of it plus 1 is its magnitude long before.
	GLSL: bentRoot + `float op_bent_identity(El e, float v) { return e.p.x * (bent_root(v) - 1.0) + v; }`,
}

const bentRoot = "float bent_root(float x) { return abs(x) > 1e9 ? abs(x) : sqrt(x * x + 1.0); }\n"

var bentIdentityGrad = &backend.Op{
	Name: "bent_identity_grad", Args: "r",
	F: func(e *backend.El) {
		x := e.A[0]
		slope := e.P[0] * x / math.Sqrt(x*x+1)
		e.S = max(math.Abs(e.V), math.Abs(e.V*slope))
		e.V *= 1 + slope
	},
	GLSL: bentRoot + `float op_bent_identity_grad(El e, float v, float x) { return v * (1.0 + e.p.x * x / bent_root(x)); }`,
}

// TestRunOps is what the author of an op writes.
func TestRunOps(t *testing.T) {
	for name, open := range map[string]func() (backend.Backend, error){
		"ref": func() (backend.Backend, error) { return ref.Open(), nil },
		"cpu": func() (backend.Backend, error) { return cpu.Open(), nil },
		"gl":  func() (backend.Backend, error) { return gl.Open() },
	} {
		t.Run(name, func(t *testing.T) {
			b, err := open()
			if err != nil {
				need.Lacking(t, "gl", err)
			}
			backendtest.RunOps(t, func(testing.TB) backend.Backend { return b }, backend.Fn{Op: bentIdentity, P: [4]float32{0.5}})
		})
	}
}
