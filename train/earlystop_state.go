package train

import (
	"errors"
	"fmt"
)

// stopMemory is a memory of an EarlyStopping.
type stopMemory struct {
	EarlyStoppingState
	memory
}

func (s *EarlyStopping) name() string { return "early stopping" }

func (s *EarlyStopping) state() (m memory, err error) {
	st := &s.State
	m.numbers = map[string]float64{
		"seen": flag(st.Seen), "best": st.Best, "best epoch": float64(st.BestEpoch), "good": st.Good, "bad": float64(st.Bad),
	}
	if s.best != nil && st.Seen {
		m.weights, m.stats, err = s.best.Read()
	}
	return m, err
}

func (s *EarlyStopping) resume(m memory) error {
	r := &stopMemory{memory: m}
	var seen, epoch, bad float64
	if err := m.take(s.name(), map[string]*float64{"seen": &seen, "best": &r.Best, "best epoch": &epoch, "good": &r.Good, "bad": &bad}); err != nil {
		return err
	}
	r.Seen, r.BestEpoch, r.Bad = seen != 0, int(epoch), int(bad)
	if r.Seen && m.weights == nil && !s.KeepLast {
		return errors.New("early stopping: the saved state has no best weights")
	}
	s.resumed = r
	return nil
}

// goOn takes up what was resumed, once there is room for its weights.
func (s *EarlyStopping) goOn() error {
	r := s.resumed
	if r == nil {
		return nil
	}
	s.resumed, s.State = nil, r.EarlyStoppingState
	if s.best == nil || !r.Seen {
		return nil
	}
	if err := s.best.Write(r.weights, r.stats); err != nil {
		return fmt.Errorf("train: early stopping: %w", err)
	}
	return nil
}
