package nn

import (
	"errors"
	"fmt"
	"slices"
)

// Group gives the parameters that match their own share of the optimizer's learning rate and of its weight decay: rate and
// decay are factors, 1 for no change. A rate of 0 freezes them. A parameter belongs to the first of a state's groups that it
// matches; the update is one call for each stretch of neighbours in a group. PyTorch's parameter groups; for layers, look
// at Param.Name:
//
//	nn.Group(0.1, 1, func(p nn.Param) bool { return strings.HasPrefix(p.Name, "0.") })
//
// The gradients of frozen parameters still count in [ClipNorm].
func Group(rate, decay float64, match func(Param) bool) StateOption {
	return func(s *State) { s.own = append(s.own, paramGroup{"Group", rate, decay, match}) }
}

// NoDecayOnBiasAndNorm keeps the optimizer's WeightDecay to weight matrices: biases, the scales and shifts of normalisations
// and PReLU's slopes are a [Group] of their own, without. The update is one call a group.
func NoDecayOnBiasAndNorm() StateOption {
	return func(s *State) {
		s.own = append(s.own, paramGroup{noDecay, 1, 0, func(p Param) bool { return p.NoDecay }})
	}
}

const noDecay = "NoDecayOnBiasAndNorm"

type paramGroup struct {
	option      string
	rate, decay float64
	match       func(Param) bool
}

func (g *paramGroup) check() error {
	if g.match == nil {
		return errors.New("Group: no function that says which parameters match")
	}
	return firstError(nonNegative("Group: rate", g.rate), nonNegative("Group: decay", g.decay))
}

// A stretch of the parameter buffer is updated by one call.
type stretch struct {
	lo, hi      int
	rate, decay float64
	l1          bool
}

// decaying is an optimizer that embeds OptimizerCommon.
type decaying interface{ common() *OptimizerCommon }

// group divides the parameters into stretches.
func (s *State) group() error {
	if _, ok := s.opt.(decaying); len(s.own) > 0 && !ok {
		return fmt.Errorf("%s: an optimizer without OptimizerCommon has no learning rate and weight decay to scale", s.own[0].option)
	}
	for i := range s.own {
		if err := s.own[i].check(); err != nil {
			return err
		}
	}
	m := s.model
	order := make([]int, len(m.params))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return m.params[i].off - m.params[j].off })
	met := make([]bool, len(s.own))
	for _, i := range order {
		p := m.params[i]
		next := stretch{lo: p.off, hi: p.off + aligned(p.Rows*p.Cols), rate: 1, decay: 1, l1: s.l1 > 0 && !p.NoDecay}
		if g := slices.IndexFunc(s.own, func(g paramGroup) bool { return g.match(p) }); g >= 0 {
			next.rate, next.decay = s.own[g].rate, s.own[g].decay
			met[g] = true
		}
		if n := len(s.stretches); n > 0 && s.stretches[n-1].joins(next) {
			s.stretches[n-1].hi = next.hi
			continue
		}
		s.stretches = append(s.stretches, next)
	}
	for g, ok := range met {
		if !ok && s.own[g].option != noDecay {
			return fmt.Errorf("Group: no parameter belongs to group %d: the model has %v", g, paramNames(m))
		}
	}
	s.stretches = slices.DeleteFunc(s.stretches, func(t stretch) bool { return t.rate == 0 })
	return nil
}

func (t stretch) joins(next stretch) bool {
	next.lo, next.hi = t.lo, t.hi
	return t == next
}

func paramNames(m *Model) (names []string) {
	for _, p := range m.params {
		names = append(names, p.Name)
	}
	return names
}

// frozen reports whether no call updates a parameter.
func (s *State) frozen(p *Param) bool {
	return !slices.ContainsFunc(s.stretches, func(t stretch) bool { return t.lo <= p.off && p.off < t.hi })
}

// rows is the number of rows of constants that a step has: one for each stretch, and one for the average.
func (s *State) rows() int {
	if s.average != nil {
		return len(s.stretches) + 1
	}
	return len(s.stretches)
}

// as runs f with the optimizer as it is for the stretch.
func (s *State) as(t stretch, f func() error) error {
	if d, ok := s.opt.(decaying); ok {
		c := d.common()
		defer func(rate, decay float64) { c.LR, c.WeightDecay = rate, decay }(c.LR, c.WeightDecay)
		c.LR *= t.rate
		c.WeightDecay *= t.decay
	}
	return f()
}
