package train

import (
	"cmp"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/nn"
)

// EarlyStopping ends a training when it has stopped getting better, and gives back the weights and running statistics of
// the best epoch: whatever the training ended by, its last epoch, a callback, ctx, an error or a loss that is not finite.
// The best weights stay on the device, one more copy of them; an epoch costs no look of the host beyond its evaluation. Make
// it with [NewEarlyStopping], set fields, and give its Callback to Fit or Minimize:
//
//	stop := train.NewEarlyStopping()
//	stop.Patience = 20
//	cfg.Callbacks = append(cfg.Callbacks, stop.Callback())
//
// The best epoch is the one with the best value, the first of equals. An epoch is bad if it is not better than the last
// good one by MinDelta. A training that ends before an epoch was judged keeps its last weights. Callbacks behind this one
// see the best weights in their End.
//
//	                        gloss   Keras   Lightning   skorch          scikit-learn
//	Patience                10      0       3           5               10 (stops one later)
//	MinDelta                0       0       0           1e-4 relative   1e-4
//	CheckFinite             true    –       true        –               true
//	restores the best       always  no      no          no              always
//
// Keras' restore_best_weights restores those of its monitor's last good epoch, as its min_delta counts for both;
// scikit-learn does as here.
type EarlyStopping struct {
	Monitor     Monitor // the zero Monitor stands for ValidationLoss()
	Patience    int     // bad epochs in a row that end the training; math.MaxInt keeps the best weights and never ends it
	MinDelta    float64 // how much better an epoch must be to be a good one
	Relative    bool    // MinDelta is a share of the last good value's size, not a difference
	StartFrom   int     // the first epoch that is looked at; 0 and 1 look at all. Keras' start_from_epoch is one less
	CheckFinite bool    // NaN and ±Inf end the training; else they are bad epochs
	KeepLast    bool    // leave the model with its last weights

	Baseline   *float64 // epochs that are not better than this are bad, if not nil: new(0.5)
	Target     *float64 // a value as good as this ends the training; Lightning's stopping_threshold
	Divergence *float64 // and one that is worse than this; Lightning's divergence_threshold

	State EarlyStoppingState

	best    *nn.Snapshot
	stopped string      // why it has ended the training
	patient bool        // for want of patience
	resumed *stopMemory // what the next Begin goes on with
}

// EarlyStoppingState is what an EarlyStopping has seen. It starts anew with each training.
type EarlyStoppingState struct {
	Seen      bool    // whether an epoch was judged that has a best value
	Best      float64 // value
	BestEpoch int     // its epoch's Number
	Good      float64 // value of the last good epoch
	Bad       int     // epochs in a row since
}

// NewEarlyStopping watches the validation loss with a patience of 10 epochs, and ends a training whose value is not finite.
func NewEarlyStopping() *EarlyStopping { return &EarlyStopping{Patience: 10, CheckFinite: true} }

// Check says what is wrong with the settings.
func (s *EarlyStopping) Check() error {
	switch {
	case s.Patience < 1:
		return fmt.Errorf("early stopping: patience %d: at least 1 bad epoch is needed", s.Patience)
	case !(s.MinDelta >= 0 && s.MinDelta <= math.MaxFloat64):
		return fmt.Errorf("early stopping: MinDelta %v: it has to be finite and not negative", s.MinDelta)
	case s.StartFrom < 0:
		return fmt.Errorf("early stopping: StartFrom %d: epochs are counted from 1", s.StartFrom)
	case s.Monitor.Value == nil && (s.Monitor.Name != "" || s.Monitor.Maximize):
		return fmt.Errorf("early stopping: monitor %q has no Value", s.Monitor.Name)
	}
	for _, x := range []struct {
		name  string
		value *float64
	}{{"Baseline", s.Baseline}, {"Target", s.Target}, {"Divergence", s.Divergence}} {
		if x.value != nil && !isFinite(*x.value) {
			return fmt.Errorf("early stopping: %s %v: it has to be finite", x.name, *x.value)
		}
	}
	if s.Target != nil && s.Divergence != nil && !s.better(*s.Target, *s.Divergence, 0) {
		return fmt.Errorf("early stopping: Target %v is not better than Divergence %v", *s.Target, *s.Divergence)
	}
	return nil
}

// Callback judges each epoch. It is for one training at a time; each begins with a new State.
//
// Checkpoints hold State, the best weights and whether it has ended the training: it ends again at once where that goes on,
// unless it was for want of Patience and there is more of it now. Two in one training need different Keys for that.
func (s *EarlyStopping) Callback() Callback {
	return Callback{
		Check: func() error {
			s.resumed = nil
			return s.Check()
		},
		Begin: s.begin, Epoch: s.epoch, End: s.end, Key: "early stopping", Save: s.save, Load: s.load,
	}
}

func (s *EarlyStopping) monitor() Monitor {
	if s.Monitor.Value == nil {
		return ValidationLoss()
	}
	m := s.Monitor
	m.Name = cmp.Or(m.Name, "monitored value")
	return m
}

func (s *EarlyStopping) begin(t *Training) error {
	s.State, s.best, s.stopped, s.patient = EarlyStoppingState{}, nil, "", false
	m := s.monitor()
	if err := m.check(t); err != nil {
		return fmt.Errorf("train: early stopping: %w", err)
	}
	if s.StartFrom > t.Epochs {
		return fmt.Errorf("train: early stopping: StartFrom %d is past the last of %d epochs", s.StartFrom, t.Epochs)
	}
	if !s.KeepLast {
		var err error
		if s.best, err = t.Model.Snapshot(); err != nil {
			return fmt.Errorf("train: early stopping: %w", err)
		}
	}
	return s.goOn()
}

func (s *EarlyStopping) epoch(e Epoch) error {
	if e.Number < s.StartFrom {
		return nil
	}
	best, why := s.judge(e.Number, s.monitor().Value(e))
	if best && s.best != nil {
		s.best.Save()
	}
	if why == "" {
		return nil
	}
	s.stopped = why
	return s.stop()
}

// stop is the reason that it has ended the training for.
func (s *EarlyStopping) stop() error {
	why := s.stopped
	if s.State.Seen && s.best != nil {
		why += fmt.Sprintf("; the weights are those of epoch %d", s.State.BestEpoch)
	}
	return Stop("early stopping: " + why)
}

// judge takes the value of an epoch, and says whether it is the best, and why to stop.
func (s *EarlyStopping) judge(number int, x float64) (best bool, why string) {
	st, name := &s.State, s.monitor().Name
	finite := isFinite(x)
	if best = finite && (!st.Seen || s.better(x, st.Best, 0)); best {
		st.Best, st.BestEpoch = x, number
	}
	st.Bad++
	if finite && (!st.Seen || s.better(x, st.Good, s.MinDelta)) {
		st.Good = x
		if s.Baseline == nil || s.better(x, *s.Baseline, s.MinDelta) { // as in Keras, the last good value moves without it
			st.Bad = 0
		}
	}
	st.Seen = st.Seen || finite
	switch {
	case s.CheckFinite && !finite:
		why = fmt.Sprintf("%s %v", name, x)
	case finite && s.Target != nil && !s.better(*s.Target, x, 0):
		why = fmt.Sprintf("%s %.4g has reached %.4g", name, x, *s.Target)
	case s.Divergence != nil && s.better(*s.Divergence, x, 0):
		why = fmt.Sprintf("%s %.4g is worse than %.4g", name, x, *s.Divergence)
	case st.Bad >= s.Patience:
		why, s.patient = fmt.Sprintf("no better %s for %d epochs", name, st.Bad), true
	}
	return best, why
}

// better reports whether x is better than y by more than delta.
func (s *EarlyStopping) better(x, y, delta float64) bool {
	if s.Relative {
		delta *= math.Abs(y)
	}
	if s.monitor().Maximize {
		return x > y+delta
	}
	return x < y-delta
}

// end is called with whatever the training ended by. What it queues does nothing on a device that has failed.
func (s *EarlyStopping) end(History, error) {
	if s.best == nil {
		return
	}
	if s.State.Seen {
		s.best.Restore()
	}
	s.best.Release()
	s.best = nil
}

func isFinite(x float64) bool { return x-x == 0 }
