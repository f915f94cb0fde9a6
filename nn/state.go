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
	own                 []paramGroup
	stretches           []stretch // of the parameters, one call each
	average             Average   // nil: none
	averaged            *backend.Buffer
}

// A StateOption is something that is done around an optimizer's update.
type StateOption func(*State)

// ClipNorm scales the gradient of all parameters together so that its norm is max at most: times min(1, max/(‖g‖+1e-6)),
// PyTorch's clip_grad_norm_ (Pascanu, Mikolov and Bengio, 2013). A max of 0 leaves the gradient as it is, as those of
// [ClipValue] and [MaxNorm] do.
func ClipNorm(max float64) StateOption { return func(s *State) { s.clipNorm = max } }

// ClipValue bounds every element of the gradient by ±max, after [ClipNorm]: PyTorch's clip_grad_value_.
func ClipValue(max float64) StateOption { return func(s *State) { s.clipValue = max } }

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
		if o != nil {
			o(s)
		}
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("nn: %v: %w", opt, err)
	}
	if s.average != nil {
		var err error
		if s.averaged, err = backend.Alloc(m.dev, backend.F32, m.size); err != nil {
			return nil, fmt.Errorf("nn: %v: %w", s.average, err)
		}
		backend.Do(m.dev, &backend.Each{Dst: backend.Row(s.averaged, 0, m.size), Do: backend.Chain{backend.Load(backend.Row(m.w, 0, m.size))}})
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
	if err := s.group(); err != nil {
		return err
	}
	for _, g := range s.stretches {
		if err := s.as(g, s.opt.Check); err != nil {
			return fmt.Errorf("Group(%v, %v): %w", g.rate, g.decay, err)
		}
	}
	err := firstError(zeroOr(positive, "ClipNorm", s.clipNorm), zeroOr(positive, "ClipValue", s.clipValue),
		nonNegative("L1", s.l1), zeroOr(positive, "MaxNorm", s.maxNorm))
	if err == nil && s.average != nil {
		if err = s.average.Check(); err != nil {
			err = fmt.Errorf("%v: %w", s.average, err)
		}
	}
	return err
}

// A starter has state vectors that do not start from 0.
type starter interface{ start(slot int) float64 }

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
