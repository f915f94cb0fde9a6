// Package nn builds multilayer perceptrons: layers, losses and optimizers, written in the calls of package backend, so
// that they train on any device.
//
// A [Model] owns the parameters. A [Plan] is the model at work on batches of one size: the calls of a forward pass, or
// of a whole training step, with the memory for their activations. Plans are built once and replayed; nothing is
// recorded while they run. Package train has the loop over epochs; this package has what a step is made of.
//
// Semantics and defaults are PyTorch's.
package nn

import "github.com/gloss-ml/gloss/backend"

// A Layer is the description of a layer, independent of devices and input widths. One Layer may be used in many
// models.
type Layer interface {
	// String is how errors and summaries name the layer: "Linear(128)".
	String() string
	// Bind fixes the layer to inputs of a width: it declares the layer's parameters on s and returns the node that
	// builds its calls. Its error says what is wrong with the layer's settings; nn.New adds the layer's place.
	Bind(s *Scope, in int) (Node, error)
}

// A Node is a layer of a model.
type Node interface {
	// Width is the number of columns of the outputs.
	Width() int
	// Forward appends the calls that compute y from x, m×in, and returns y, m×Width, with the backward half: given
	// dy it appends the calls that add to the gradients of the node's parameters, and returns dx. Halves are neighbours:
	// what is saved for the way back is a variable that both see.
	Forward(p *Plan, x Value) (y Value, backward Backward)
}

// Backward appends a node's backward calls. Where dy is absent, nothing before it wants a gradient: it returns dy.
type Backward func(dy Value) (dx Value)

// A Value is an activation or a gradient in a plan.
type Value struct {
	backend.Tensor
	// NoGrad is set on values that no parameter has gone into: their gradient is left out.
	NoGrad bool
}
