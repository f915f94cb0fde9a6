package nn

import (
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// An Average is a running average of the weights beside them, which [Averaged] keeps: a ← (1−r)·a + r·w behind every
// update, with r = Share(step), a function of the step counted from 0.
type Average interface {
	String() string
	Check() error
	Share(step int64) float64
}

// EMA is the exponential moving average a ← decay·a + (1−decay)·w from the first update's weights on (Polyak and
// Juditsky, 1992, with a memory that fades).
func EMA(decay float64) Average { return ema(decay) }

type ema float64

func (e ema) String() string { return fmt.Sprintf("EMA(%v)", float64(e)) }
func (e ema) Check() error   { return fraction("decay", float64(e)) }

func (e ema) Share(step int64) float64 {
	if step == 0 {
		return 1
	}
	return 1 - float64(e)
}

// SWA is the mean of the weights after the updates start, start+every, start+2·every, …: PyTorch's AveragedModel (Izmailov
// et al., 2018). Running statistics of [BatchNorm] are not averaged: one pass over the data in training brings them to the
// averaged weights.
func SWA(start, every int) Average { return swa{int64(start), int64(every)} }

type swa struct{ start, every int64 }

func (s swa) String() string { return fmt.Sprintf("SWA(%d, %d)", s.start, s.every) }

func (s swa) Check() error {
	switch {
	case s.start < 0:
		return fmt.Errorf("start %d: at least 0 is needed", s.start)
	case s.every < 1:
		return fmt.Errorf("every %d: at least 1 is needed", s.every)
	}
	return nil
}

func (s swa) Share(step int64) float64 {
	if step < s.start || (step-s.start)%s.every != 0 {
		return 0
	}
	return 1 / float64((step-s.start)/s.every+1)
}

// Averaged keeps an average of the weights on the device; [State.Average] reads it. Until the first weights are in it, it is
// the weights that the model had when the state was made.
func Averaged(a Average) StateOption { return func(s *State) { s.average = a } }

// Average waits for the steps that were queued and returns the averaged weights, laid out as Model.Weights:
// Model.SetWeights takes them, to evaluate or to keep.
func (s *State) Average() ([]float32, error) {
	if s.average == nil {
		return nil, errors.New("nn: a state without the option Averaged has no average")
	}
	return s.model.gather(s.averaged)
}

// average appends the call that moves the average: gradient descent's op with rate −r and 1−r kept.
func (p *Plan) average() {
	m, s := p.model, p.cfg.State
	row := backend.Row(p.tables.consts, len(s.stretches)*backend.MaxConsts, 2).Advanced(p.tables.stride)
	p.place = "average of the weights"
	p.Add(&backend.Each{Dst: backend.Tensor{Rows: 1, Cols: m.size}, Do: backend.Chain{
		backend.Load(backend.Row(m.w, 0, m.size)), backend.SGD(p.OK(), backend.Row(s.averaged, 0, m.size), row),
	}})
}
