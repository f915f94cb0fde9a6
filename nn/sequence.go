package nn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Sequence is its layers one after the other, as one layer: a branch of [Concat], say.
func Sequence(layers ...Layer) Layer { return sequence(layers) }

type sequence []Layer

func (l sequence) String() string { return "Sequence(" + names(l) + ")" }

func (l sequence) Bind(s *Scope, in int) (Node, error) { return bindAll(s, in, l) }

func names(layers []Layer) string {
	s := make([]string, len(layers))
	for i, l := range layers {
		s[i] = fmt.Sprint(l)
	}
	return strings.Join(s, ", ")
}

// A chain is nodes one after the other: a model, or what a container holds.
type chain struct {
	nodes []Node
	names []string // "layer 2, Linear(10)"
	width int
}

// bindAll binds layers that follow each other. Their parameters are named by their numbers behind the scope's own name.
func bindAll(s *Scope, in int, layers []Layer) (Node, error) {
	if len(layers) == 0 {
		return nil, errors.New("no layers")
	}
	c := chain{width: in}
	for i, l := range layers {
		node, err := bind(s.inner(i), c.width, l)
		if err != nil {
			return nil, fmt.Errorf("layer %d, %v: %w", i, l, err)
		}
		c.nodes, c.names, c.width = append(c.nodes, node), append(c.names, fmt.Sprintf("layer %d, %v", i, l)), node.Width()
	}
	return c, nil
}

func bind(s *Scope, in int, l Layer) (Node, error) {
	if l == nil {
		return nil, errors.New("the layer is nil")
	}
	codes := len(s.model.codes)
	node, err := l.Bind(s, in)
	switch {
	case err == nil && s.err != nil:
		err = s.err
	case err == nil && in == 0 && codes == len(s.model.codes):
		err = errors.New("no columns come in, and it takes no codes")
	case err == nil && node == nil:
		err = errors.New("Bind returned neither a node nor an error")
	}
	if err != nil {
		return nil, err
	}
	s.model.widest = max(s.model.widest, node.Width())
	return node, nil
}

func (c chain) Width() int { return c.width }

// Forward runs the nodes in order, and their backward halves the other way round.
func (c chain) Forward(p *Plan, x Value) (Value, Backward) {
	halves := make([]Backward, len(c.nodes))
	for i, n := range c.nodes {
		p.within(c.names[i], ", forward", func() { x, halves[i] = n.Forward(p, x) })
	}
	return x, func(dy Value) Value {
		for i, back := range slices.Backward(halves) {
			p.within(c.names[i], ", backward", func() { dy = back(dy) })
		}
		return dy
	}
}

// within names the place of the calls that f appends, inside of the place where it is called.
func (p *Plan) within(name, direction string, f func()) {
	outer, place := p.outer, p.place
	if outer != "" {
		name = outer + ": " + name
	}
	p.outer, p.place = name, name+direction
	f()
	p.outer, p.place = outer, place
}
