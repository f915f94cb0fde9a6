package nn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// State is an optimizer with its state vectors for a model, on the model's device, and what is done to gradients before
// it. The optimizer's learning rate and schedules may be changed between steps; fields that decide how many state
// vectors there are may not, nor may the weight decay. A state, and its optimizer, is used by one goroutine at a time.
type State struct {
	model  *Model
	opt    Optimizer
	slots  []*backend.Buffer
	consts int

	clipNorm, clipValue float64 // 0: none
	l1, maxNorm         float64 // 0: none
	exempt              bool    // biases and normalisations from weight decay
	average             Average // nil: none
	averaged            *backend.Buffer
}

// A StateOption is something that is done around an optimizer's update.
type StateOption func(*State)

// ClipNorm scales the gradient of all parameters together so that its norm is max at most: times min(1, max/(‖g‖+1e-6)),
// PyTorch's clip_grad_norm_ (Pascanu, Mikolov and Bengio, 2013).
func ClipNorm(max float64) StateOption { return func(s *State) { s.clipNorm = max } }

// ClipValue bounds every element of the gradient by ±max, after [ClipNorm]: PyTorch's clip_grad_value_.
func ClipValue(max float64) StateOption { return func(s *State) { s.clipValue = max } }

// NoDecayOnBiasAndNorm keeps the optimizer's WeightDecay to weight matrices: biases, the scales and shifts of normalisations
// and PReLU's slopes are a group of their own, without. The update is one call a group.
func NoDecayOnBiasAndNorm() StateOption { return func(s *State) { s.exempt = true } }

// L1 adds strength·sign(w) to the gradient of what weight decay is for, after it was clipped: the gradient of
// strength·Σ|w|, with 0 where w is 0, which draws weights to 0. The loss that is reported is without the penalty.
func L1(strength float64) StateOption { return func(s *State) { s.l1 = strength } }

// MaxNorm scales each unit's incoming weights, a column of a weight matrix, so that their norm is most at most, behind every
// update: Keras' max_norm (Srivastava et al., 2014, section 5.1).
func MaxNorm(most float64) StateOption { return func(s *State) { s.maxNorm = most } }

// NewState checks the optimizer's settings and makes its state for the model.
func NewState(m *Model, opt Optimizer, opts ...StateOption) (*State, error) {
	if m == nil || opt == nil {
		return nil, errors.New("nn: a state needs a model and an optimizer")
	}
	if err := opt.Check(); err != nil {
		return nil, fmt.Errorf("nn: %v: %w", opt, err)
	}
	s := &State{model: m, opt: opt, consts: opt.Consts()}
	for _, o := range opts {
		o(s)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("nn: %v: %w", opt, err)
	}
	if s.average != nil {
		var err error
		if s.averaged, err = backend.Alloc(m.dev, backend.F32, m.size); err != nil {
			return nil, fmt.Errorf("nn: %v: %w", s.average, err)
		}
	}
	for i := range opt.Slots() {
		buf, err := backend.Alloc(m.dev, backend.F32, m.size)
		if err != nil {
			s.Release()
			return nil, fmt.Errorf("nn: %v: state: %w", opt, err)
		}
		s.slots = append(s.slots, buf)
		if from, ok := opt.(starter); ok {
			if x := from.start(i); x != 0 {
				backend.Write(m.dev, buf, 0, slices.Repeat([]float32{float32(x)}, m.size))
			}
		}
	}
	return s, nil
}

func (s *State) check() error {
	if s.consts < 0 || s.consts > backend.MaxConsts {
		return fmt.Errorf("a row of %d constants: 0 to %d", s.consts, backend.MaxConsts)
	}
	if _, ok := s.opt.(decaying); s.exempt && !ok {
		return errors.New("NoDecayOnBiasAndNorm: an optimizer without OptimizerCommon has no weight decay to leave out")
	}
	err := firstError(nonNegative("ClipNorm", s.clipNorm), nonNegative("ClipValue", s.clipValue),
		nonNegative("L1", s.l1), nonNegative("MaxNorm", s.maxNorm))
	if err == nil && s.average != nil {
		if err = s.average.Check(); err != nil {
			err = fmt.Errorf("%v: %w", s.average, err)
		}
	}
	return err
}

// A starter has state vectors that do not start from 0.
type starter interface{ start(slot int) float64 }

// decaying is an optimizer that embeds OptimizerCommon.
type decaying interface{ common() *OptimizerCommon }

// group is a stretch of the parameter buffer that one call updates.
type group struct {
	lo, hi int
	plain  bool // without weight decay
}

// groups are one, or those that weight decay is for and the others, where there are both.
func (s *State) groups() []group {
	m := s.model
	if !(s.exempt || s.l1 > 0) || m.decayed == m.size {
		return []group{{0, m.size, false}}
	}
	all := []group{{0, m.decayed, false}, {m.decayed, m.size, s.exempt}}
	if m.decayed == 0 {
		all = all[1:]
	}
	return all
}

// rows is the number of rows of constants that a step has: one for each group, and one for the average.
func (s *State) rows() int {
	if s.average != nil {
		return len(s.groups()) + 1
	}
	return len(s.groups())
}

// as runs f with the optimizer as it is for the group.
func (s *State) as(g group, f func() error) error {
	if d, ok := s.opt.(decaying); ok && g.plain {
		c := d.common()
		defer func(decay float64) { c.WeightDecay = decay }(c.WeightDecay)
		c.WeightDecay = 0
	}
	return f()
}

// Release gives back the state's memory.
func (s *State) Release() {
	if s == nil {
		return
	}
	for _, b := range s.slots {
		b.Release()
	}
	if s.averaged != nil {
		s.averaged.Release()
	}
}
