package nn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// Concat is its branches' outputs side by side, each branch a layer over the same inputs: the heads of [Losses], or a wide
// and a deep part. A branch of several layers is a [Sequence].
func Concat(branches ...Layer) Layer { return concat(branches) }

type concat []Layer

func (l concat) String() string { return "Concat(" + names(l) + ")" }

func (l concat) Bind(s *Scope, in int) (Node, error) {
	if len(l) == 0 {
		return nil, errors.New("no branches")
	}
	n := concatNode{}
	for i, b := range l {
		node, err := bind(s.inner(i), in, b)
		if err != nil {
			return nil, fmt.Errorf("branch %d, %v: %w", i, b, err)
		}
		n.branches, n.names = append(n.branches, node), append(n.names, fmt.Sprintf("branch %d, %v", i, b))
		n.width += node.Width()
	}
	return n, nil
}

type concatNode struct {
	branches []Node
	names    []string
	width    int
}

func (n concatNode) Width() int { return n.width }

// Forward: y = [f₀(x), f₁(x), …]. Backward: dx = Σ dfᵢ, of the branches' own columns of dy.
func (n concatNode) Forward(p *Plan, x Value) (Value, Backward) {
	p.Pin(x)
	y := Value{Tensor: p.Tensor(x.Rows, n.width), NoGrad: true}
	halves := make([]Backward, len(n.branches))
	ends := make([]int, len(n.branches))
	at := 0
	for i, b := range n.branches {
		ends[i] = at + b.Width()
		p.within(n.names[i], ", forward", func() {
			var out Value
			out, halves[i] = b.Forward(p, x)
			p.move(out, y.Columns(at, ends[i]))
			y.NoGrad = y.NoGrad && out.NoGrad
		})
		at = ends[i]
	}
	return y, func(dy Value) (dx Value) {
		for i, b := range slices.Backward(n.branches) {
			part := Value{}
			if dy.Present() {
				part.Tensor = dy.Columns(ends[i]-b.Width(), ends[i])
			}
			p.within(n.names[i], ", backward", func() {
				p.Pin(part)
				d := halves[i](part)
				if dx.Present() && d.Present() {
					d = p.Apply(d, backend.Add(dx.Tensor))
				}
				if d.Present() {
					p.Pin(d)
					dx = d
				}
			})
		}
		return dx
	}
}

// move puts x where it is wanted: it is made there if the last call made it and nobody reads it elsewhere, or copied.
func (p *Plan) move(x Value, to backend.Tensor) {
	if h := p.last; h.dst != nil && *h.dst == x.Tensor && !slices.Contains(p.pinned, x.Tensor) {
		*h.dst = to
		p.last = hook{}
		return
	}
	p.Add(&backend.Each{Dst: to, Do: backend.Chain{backend.Load(x.Tensor)}})
}
