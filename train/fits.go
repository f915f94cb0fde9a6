package train

import (
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
)

// fits reports what keeps a set from being used with a model and a loss.
func fits(m *nn.Model, set *data.Set, loss nn.Loss, which string) error {
	labels, values := set.Target()
	if err := loss.Check(); err != nil {
		return fmt.Errorf("%v: %w", loss, err)
	}
	want, err := loss.Targets(m.Outputs())
	switch {
	case err != nil:
		return fmt.Errorf("%v: %w", loss, err)
	case backend.Unwrap(set.Device()) != backend.Unwrap(m.Device()):
		return fmt.Errorf("the %s set lies on another device than the model", which)
	case set.Cols() != m.Inputs():
		return fmt.Errorf("the %s set has rows of %d values, the model takes %d", which, set.Cols(), m.Inputs())
	case set.Codes() != m.Codes():
		return fmt.Errorf("the %s set has %d codes in a row, the model takes %d", which, set.Codes(), m.Codes())
	case tooSmall(m, set) >= 0:
		i := tooSmall(m, set)
		return fmt.Errorf("the %s set has codes up to %d in column %d, the model's table for it has %d rows", which, set.MaxCodes()[i], i, m.CodeCounts()[i])
	case want.Labels > 0 && labels == 0:
		return fmt.Errorf("%v wants labels, the %s set has values to predict", loss, which)
	case want.Values > 0 && values == 0:
		return fmt.Errorf("%v wants values to predict, the %s set has labels", loss, which)
	case want.Labels > 0 && labels != want.Labels:
		return fmt.Errorf("the %s set has %d labels in a row, %v wants %d", which, labels, loss, want.Labels)
	case want.Values > 0 && values != want.Values:
		return fmt.Errorf("the %s set has %d values to predict in a row, the model gives %d", which, values, want.Values)
	}
	return tellsApart(set, want, m.Outputs(), which)
}

// tellsApart reports labels that are no class of the outputs that they are for.
func tellsApart(set *data.Set, want nn.Targets, outputs int, which string) error {
	if want.Labels == 0 {
		return nil
	}
	for i, most := range set.MaxLabels() {
		classes, column, place := outputs, "", ""
		if want.Classes != nil {
			classes = want.Classes[i]
		}
		if want.Labels > 1 {
			column, place = fmt.Sprintf(" in column %d", i), " for them"
		}
		if classes > 0 && most >= classes {
			return fmt.Errorf("the %s set has labels up to %d%s, the model's %d outputs%s tell 0 to %d apart", which, most, column, classes, place, classes-1)
		}
	}
	return nil
}

// tooSmall is the first column of codes with one that the model has no row for, or −1.
func tooSmall(m *nn.Model, set *data.Set) int {
	counts := m.CodeCounts()
	return slices.IndexFunc(set.MaxCodes(), func(most int) bool {
		count := counts[0]
		counts = counts[1:]
		return most >= count
	})
}
