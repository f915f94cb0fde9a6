package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// Dropout zeroes each element with probability p, 0 ≤ p < 1, while training, and scales the others by 1/(1−p); it does
// nothing in evaluation. Masks are functions of the plan's seed, the layer and the step: the same on every
// device, and with nothing to save when training is resumed (Srivastava et al., 2014).
func Dropout(p float64) Layer { return dropout{p} }

type dropout struct{ p float64 }

func (d dropout) String() string { return fmt.Sprintf("Dropout(%v)", d.p) }

func (d dropout) Bind(s *Scope, in int) (Node, error) {
	if !(d.p >= 0 && float32(d.p) < 1) {
		return nil, fmt.Errorf("a probability of %v: 0 ≤ p < 1 is needed", d.p)
	}
	return dropoutNode{p: float32(d.p), stream: s.Stream(), width: in}, nil
}

type dropoutNode struct {
	p             float32
	stream, width int
}

func (n dropoutNode) Width() int { return n.width }

// Forward: y = x·mask/(1−p). Backward: dx = dy·mask/(1−p), the mask drawn again.
func (n dropoutNode) Forward(p *Plan, x Value) (Value, Backward) {
	if !p.Train() || n.p == 0 {
		return x, func(dy Value) Value { return dy }
	}
	mask := backend.Dropout(n.p, n.stream, p.Key())
	return p.Apply(x, mask), func(dy Value) Value {
		if !dy.Present() || x.NoGrad {
			return Value{}
		}
		return p.Apply(dy, mask)
	}
}
