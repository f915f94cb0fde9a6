package nn

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// scaled is a layer as a user writes one: y = w·x, on the exported names alone.
type scaled struct{}

func (scaled) String() string { return "scaled" }

func (scaled) Bind(s *Scope, in int) (Node, error) {
	return scaledNode{s.Param("scale", 1, in, Fans{}, Uniform(0.5, 2)), in}, nil
}

type scaledNode struct {
	w     Handle
	width int
}

func (n scaledNode) Width() int { return n.width }

func (n scaledNode) Forward(p *Plan, x Value) (Value, Backward) {
	p.Pin(x)
	return p.Apply(x, backend.Mul(p.Weight(n.w))), func(dy Value) Value {
		if !dy.Present() {
			return dy
		}
		p.Pin(dy)
		dw, beta := p.Grad(n.w)
		p.Add(&backend.Reduce{Rows: x.Rows, Cols: x.Cols, Axis: backend.OverRows, Out: [2]backend.Result{{
			Dst: dw, Map: backend.Chain{backend.Load(dy.Tensor), backend.Mul(x.Tensor)}, Beta: beta,
		}}})
		if x.NoGrad {
			return Value{}
		}
		return p.Apply(dy, backend.Mul(p.Weight(n.w)))
	}
}

// TestOwnLayer: a layer of one's own has right gradients anywhere.
func TestOwnLayer(t *testing.T) {
	checkGradients(t, 3, MSE(), []Layer{scaled{}, Linear(4), scaled{}, Tanh(), Residual(scaled{}, Linear(4)), Concat(scaled{}, Linear(2))})
}

// stopped is a layer that lets nothing back: y = x².
type stopped struct{}

func (stopped) String() string                      { return "stopped" }
func (stopped) Bind(_ *Scope, in int) (Node, error) { return stoppedNode(in), nil }
func (n stoppedNode) Width() int                    { return int(n) }
func (stoppedNode) back(Value) Value                { return Value{} }

type stoppedNode int

func (n stoppedNode) Forward(p *Plan, x Value) (Value, Backward) {
	p.Pin(x)
	y := p.Apply(x, backend.Square())
	y.NoGrad = true
	return y, n.back
}

// TestOwnStop: a layer that lets no gradient through stops it on its own branch alone. With the loss Σ t·y the gradient of
// x is t wherever x goes through as it is.
func TestOwnStop(t *testing.T) {
	for _, l := range []Layer{Residual(stopped{}), Residual(Tanh(), stopped{}), Residual(stopped{}, Linear(2, WeightInit(Zeros())))} {
		onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
			dy := []float64{1, 2, 3, 4}
			_, dx := passed(t, dev, l, 2, []float64{0.5, -1, 2, -3}, dy)
			each(t, l.String(), dy, dx, dy)
		})
	}
	_, dx := passed(t, ref.Open(), Concat(stopped{}, Sequence(stopped{}, Tanh()), Residual(stopped{})), 1, []float64{0.5}, []float64{1, 2, 3})
	each(t, "branches", dx, dx, []float64{3})
}

// ownLoss is Σ y·t with a gradient that lies where it likes.
type ownLoss struct{ weighted }

func (ownLoss) String() string { return "own" }

func (l ownLoss) Build(p *Plan, y Value, t Target) Value {
	t.Grad = backend.Tensor{}
	return l.weighted.Build(p, y, t)
}

// TestOwnLoss: a loss of one's own may leave its gradient anywhere, also over micro-batches and as a head, but has to have
// one.
func TestOwnLoss(t *testing.T) {
	gradients := func(loss Loss, micro int) []float64 {
		b := newBench(t, 4, 3, loss, []Layer{Linear(2)}, func(_ *bench, cfg *PlanConfig) { cfg.MicroBatch, cfg.InputGrad = micro, micro == 0 })
		b.loss()
		return joined(b.model, ref.Float64(b.plan.grads))
	}
	want := gradients(weighted{}, 0)
	near(t, "micro-batches", gradients(ownLoss{}, 2), want, 1e-6)
	near(t, "a head", gradients(Losses(Part{Outputs: 2, Loss: ownLoss{}}), 0), want, 1e-6)
	b := newBench(t, 4, 3, weighted{}, []Layer{Linear(2)})
	cfg := b.plan.cfg
	cfg.Loss = lazyLoss{}
	if _, err := b.model.Plan(cfg); err == nil || !strings.Contains(err.Error(), "lazy: no gradient has come back") {
		t.Errorf("%v", err)
	}
}

type lazyLoss struct{ weighted }

func (lazyLoss) String() string { return "lazy" }

func (lazyLoss) Build(*Plan, Value, Target) Value { return Value{} }
