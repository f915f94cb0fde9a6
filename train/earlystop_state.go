package train

import (
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/nn"
)

// stopMemory is what an EarlyStopping remembers, beside the best weights.
type stopMemory struct {
	State   EarlyStoppingState
	Stopped string // why it has ended the training; "" if it has not
	Patient bool   // for want of patience

	best map[string][]float32
}

// save reads the best weights from the device.
func (s *EarlyStopping) save() (x nn.Extra, err error) {
	m := stopMemory{State: s.State, Stopped: s.stopped, Patient: s.patient}
	switch {
	case s.resumed != nil: // without a Begin since
		m = *s.resumed
	case s.best != nil && s.State.Seen:
		if m.best, err = s.best.Rows(); err != nil {
			return x, err
		}
	}
	x, err = remembered(m)
	x.Numbers = m.best
	return x, err
}

func (s *EarlyStopping) load(x nn.Extra) error {
	m, err := recalled[stopMemory](x)
	if err != nil {
		return err
	}
	if m.State.Seen && len(x.Numbers) == 0 && !s.KeepLast {
		return errors.New("the saved state has no best weights")
	}
	m.best = x.Numbers
	s.resumed = &m
	return nil
}

// goOn takes up what was loaded, once there is room for its weights.
func (s *EarlyStopping) goOn() error {
	m := s.resumed
	if m == nil {
		return nil
	}
	s.resumed, s.State = nil, m.State
	if s.best != nil && m.State.Seen {
		if err := s.best.SetRows(m.best); err != nil {
			return fmt.Errorf("train: early stopping: %w", err)
		}
	}
	if m.Stopped == "" || m.Patient && s.State.Bad < s.Patience {
		return nil
	}
	s.stopped, s.patient = m.Stopped, m.Patient
	return s.stop()
}
