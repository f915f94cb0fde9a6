package nntest_test

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/nn/nntest"
)

// The test of a layer of one's own, between others and with a loss that it will meet.
func ExampleGradients() {
	_ = func(t *testing.T) { // func TestMyLayer(t *testing.T)
		nntest.Gradients(t, 3, nn.CrossEntropy(), nn.Linear(5), nn.GELU(), nn.Linear(4))
	}
}

func TestGradients(t *testing.T) {
	for _, loss := range []nn.Loss{nn.MSE(), nn.CrossEntropy(), nn.Losses(nn.Part{Outputs: 3, Loss: nn.CrossEntropy()}, nn.Part{Outputs: 1, Loss: nn.MSE()})} {
		nntest.Gradients(t, 3, loss, nn.Linear(4), nn.Dropout(0.3), nn.Residual(nn.LayerNorm(nn.Epsilon(0.1)), nn.Linear(4), nn.Tanh()), nn.Linear(4))
	}
}

// wrong is a layer whose backward half forgets a factor.
type wrong struct{}

func (wrong) String() string                            { return "wrong" }
func (wrong) Bind(_ *nn.Scope, in int) (nn.Node, error) { return wrongNode(in), nil }

type wrongNode int

func (n wrongNode) Width() int { return int(n) }

func (wrongNode) Forward(p *nn.Plan, x nn.Value) (nn.Value, nn.Backward) {
	return p.Apply(x, backend.Affine(2, 0)), func(dy nn.Value) nn.Value { return dy }
}

// failing remembers that a test failed instead of failing.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()               {}
func (f *failing) Errorf(string, ...any) { f.failed = true }

func TestWrongGradient(t *testing.T) {
	f := &failing{TB: t}
	nntest.Gradients(f, 3, nn.MSE(), nn.Linear(4), wrong{}, nn.Linear(2))
	if !f.failed {
		t.Error("a layer with a wrong gradient passes")
	}
}
