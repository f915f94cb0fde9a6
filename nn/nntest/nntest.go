// Package nntest checks layers and losses of one's own, as package nn checks its own: their gradients against finite
// differences, in float64. Ops of one's own are backendtest.RunOps' to check.
package nntest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/nn"
)

// Gradients fails the test where a gradient of the model of so many inputs and the given layers, of a parameter or of the
// input, is further from the central difference of the loss than 1e-6 times the larger of 1 and itself. The batch is of
// four rows, and everything is drawn from normal distributions with a fixed seed. Layers that draw at random have to draw the
// same for the same step.
func Gradients(t testing.TB, inputs int, loss nn.Loss, layers ...nn.Layer) {
	t.Helper()
	c := newCase(t, inputs, loss, layers)
	defer c.dev.Close()
	c.loss()
	dx := c.values(c.plan.DX)
	grads, err := c.plan.Gradients()
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range c.places(c.plan.X) {
		c.differ("x", i, at, dx[i])
	}
	for h, p := range c.model.Params() {
		for i, at := range c.places(c.plan.Weight(nn.Handle(h))) {
			c.differ(p.Name, i, at, float64(grads[i]))
		}
		grads = grads[p.Rows*p.Cols:]
	}
}

// rows is a power of 2: the means' factors pass through float32, which has a quarter exactly.
const rows = 4

type checked struct {
	t     testing.TB
	dev   backend.Backend
	model *nn.Model
	plan  *nn.Plan
}

func newCase(t testing.TB, inputs int, loss nn.Loss, layers []nn.Layer) *checked {
	t.Helper()
	c := &checked{t: t, dev: ref.Open()}
	rng := rand.New(rand.NewPCG(1, 2))
	var err error
	if c.model, err = nn.New(c.dev, inputs, layers...); err != nil {
		t.Fatal(err)
	}
	want, err := loss.Targets(c.model.Outputs())
	if err != nil {
		t.Fatal(err)
	}
	cfg := nn.PlanConfig{Rows: rows, Loss: loss, Train: true, InputGrad: true, Seed: 7}
	if want.Labels > 0 {
		labels := make([]uint32, rows*want.Labels)
		for i := range labels {
			classes := c.model.Outputs()
			if want.Classes != nil && want.Classes[i%want.Labels] > 0 {
				classes = want.Classes[i%want.Labels]
			}
			labels[i] = uint32(rng.IntN(classes))
		}
		cfg.Labels = backend.Mat(c.alloc(backend.U32, len(labels)), 0, rows, want.Labels)
		backend.Write(c.dev, cfg.Labels.Buf, 0, labels)
	}
	if want.Values > 0 {
		cfg.Values = backend.Mat(c.alloc(backend.F32, rows*want.Values), 0, rows, want.Values)
		c.fill(rng, cfg.Values)
	}
	if c.plan, err = c.model.Plan(cfg); err != nil {
		t.Fatal(err)
	}
	c.fill(rng, c.plan.X)
	for h := range c.model.Params() {
		c.fill(rng, c.plan.Weight(nn.Handle(h)))
	}
	return c
}

func (c *checked) alloc(kind backend.Kind, n int) *backend.Buffer {
	buf, err := backend.Alloc(c.dev, kind, n)
	if err != nil {
		c.t.Fatal(err)
	}
	return buf
}

func (c *checked) fill(rng *rand.Rand, x backend.Tensor) {
	for _, at := range c.places(x) {
		*at = 0.7 * rng.NormFloat64()
	}
}

// places are the elements of a tensor, which may have gaps.
func (c *checked) places(x backend.Tensor) (all []*float64) {
	stride := max(x.Stride, x.Cols)
	for i := range x.Rows {
		for j := range x.Cols {
			all = append(all, &ref.Float64(x.Buf)[x.Off+i*stride+j])
		}
	}
	return all
}

func (c *checked) values(x backend.Tensor) (all []float64) {
	for _, at := range c.places(x) {
		all = append(all, *at)
	}
	return all
}

// loss runs a step and returns its loss.
func (c *checked) loss() float64 {
	c.t.Helper()
	if err := c.plan.Begin(3, 1); err != nil {
		c.t.Fatal(err)
	}
	backend.Do(c.dev, c.plan.Calls...)
	return c.values(c.plan.Loss())[0]
}

// differ compares a gradient with the central difference at one element.
func (c *checked) differ(name string, i int, at *float64, got float64) {
	c.t.Helper()
	const h = 1e-5
	old := *at
	*at = old + h
	up := c.loss()
	*at = old - h
	down := c.loss()
	*at = old
	if want := (up - down) / (2 * h); !(math.Abs(got-want) <= 1e-6*math.Max(1, math.Abs(want))) {
		c.t.Errorf("%s[%d]: the gradient is %v, differences give %v", name, i, got, want)
	}
}
