package train

import (
	"fmt"

	"github.com/gloss-ml/gloss/nn"
)

// A stateful callback remembers something from epoch to epoch. A checkpoint saves its memory after an epoch's hooks, under
// its name and its place among the callbacks that have it, and gives it back after Check and before Begin: the training
// then goes on as if nothing had been. All that is kept is kept bit for bit, NaN and ±Inf among it.
type stateful interface {
	name() string
	// state may be called between Begin and End. It reads from the device where there are weights to save.
	state() (memory, error)
	// resume takes what state returned. Its error says what is missing.
	resume(memory) error
}

// memory is what a stateful callback knows.
type memory struct {
	numbers map[string]float64
	weights []float32 // laid out as Model.Weights; nil for none
	stats   []nn.RunningStat
}

// take sets numbers by their names, or none where one is missing.
func (m memory) take(who string, into map[string]*float64) error {
	for name := range into {
		if _, ok := m.numbers[name]; !ok {
			return fmt.Errorf("%s: the saved state has no %q", who, name)
		}
	}
	for name, x := range into {
		*x = m.numbers[name]
	}
	return nil
}

// flag is a bool among numbers.
func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
