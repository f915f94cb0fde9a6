package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// Dropout zeroes each element with probability p, 0 ≤ p < 1, while training, and scales the others by 1/(1−p); it does
// nothing in evaluation. Masks are functions of the plan's seed, the layer and the step: the same on every
// device, and with nothing to save when training is resumed (Srivastava et al., 2014).
func Dropout(p float64) Layer {
	return dropout{"Dropout", p, func(p float32, stream int, key backend.Tensor) (forward, grad backend.Chain) {
		mask := backend.Chain{backend.Dropout(p, stream, key)}
		return mask, mask
	}}
}

// AlphaDropout is Dropout for what [SELU] made: while training each element becomes, with probability p, 0 ≤ p < 1,
// SELU's limit α′ = −1.7581, and then all of them a·x + b with a = 1/√((1 − p)·(1 + p·α′²)) and b = −a·p·α′, so that a
// mean of 0 and a variance of 1 are kept (Klambauer, Unterthiner, Mayr and Hochreiter, 2017). Masks are as Dropout's.
func AlphaDropout(p float64) Layer { return dropout{"AlphaDropout", p, backend.AlphaDropout} }

type dropout struct {
	name string
	p    float64
	mask mask
}

// A mask is what dropout does to its input and, with the same draws, to the gradient of its output.
type mask func(p float32, stream int, key backend.Tensor) (forward, grad backend.Chain)

func (d dropout) String() string { return fmt.Sprintf("%s(%v)", d.name, d.p) }

func (d dropout) Bind(s *Scope, in int) (Node, error) {
	if !(d.p >= 0 && float32(d.p) < 1) {
		return nil, fmt.Errorf("a probability of %v: 0 ≤ p < 1 is needed", d.p)
	}
	return dropoutNode{p: float32(d.p), mask: d.mask, stream: s.Stream(), width: in}, nil
}

type dropoutNode struct {
	p             float32
	mask          mask
	stream, width int
}

func (n dropoutNode) Width() int { return n.width }

// Forward: y = mask(x). Backward: dx = dy·mask′, the mask drawn again.
func (n dropoutNode) Forward(p *Plan, x Value) (Value, Backward) {
	if !p.Train() || n.p == 0 {
		return x, func(dy Value) Value { return dy }
	}
	forward, grad := n.mask(n.p, n.stream, p.Key())
	return applied(p, x, forward), func(dy Value) Value {
		if !dy.Present() || x.NoGrad {
			return Value{}
		}
		return applied(p, dy, grad)
	}
}

// applied is p.Apply for each op of a chain.
func applied(p *Plan, x Value, c backend.Chain) Value {
	for _, f := range c {
		x = p.Apply(x, f)
	}
	return x
}
