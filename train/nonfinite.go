package train

import (
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/nn"
)

// NonFiniteError says that a loss or a gradient became NaN or Inf. The weights are those of the step before.
type NonFiniteError struct {
	Step  int64   // of the training, counted from 0
	Loss  float64 // of that step
	Where string  // the first place whose result is not finite: "layer 1, ReLU, backward", "input"
}

func (e *NonFiniteError) Error() string {
	what := "the gradient is not finite"
	if math.IsNaN(e.Loss) || math.IsInf(e.Loss, 0) {
		what = fmt.Sprintf("the loss is %v", e.Loss)
	}
	return fmt.Sprintf("train: step %d: %s; the first result that is not finite is that of %s; the weights are those of the step before. "+
		"Try a smaller learning rate, and look for NaN, Inf and very large values in the data", e.Step, what, e.Where)
}

// explain runs step i of the last Run again, call by call, to find the first result that is not finite. ok is 0 by
// now, so that the step changes no weights.
func (l *lane) explain(i int, step int64, r nn.StepResult) error {
	e := &NonFiniteError{Step: step, Loss: r.Loss}
	var failure error
	inputs := len(l.feed.Calls)
	at := backend.At{Step: i}
	dev := l.program.Backend()
	l.program.Replay(at, func(n int, c backend.Call) {
		if e.Where != "" || failure != nil {
			return
		}
		c.Walk(func(o backend.Operand) {
			if o.Access&backend.Writes == 0 || e.Where != "" || failure != nil {
				return
			}
			ok, err := allFinite(dev, o.Tensor, at)
			switch {
			case err != nil:
				failure = err
			case !ok && n < inputs:
				e.Where = "input"
			case !ok:
				e.Where = l.plan.Place(n - inputs)
			}
		})
	})
	if failure != nil {
		return fmt.Errorf("train: step %d: %w", step, failure)
	}
	if e.Where == "" {
		e.Where = "the loss"
	}
	return e
}

// allFinite waits for an F32 tensor and looks at every element; other kinds are finite.
func allFinite(dev backend.Backend, t *backend.Tensor, at backend.At) (bool, error) {
	if t.Buf.Kind() != backend.F32 {
		return true, nil
	}
	row := make([]float32, t.Cols)
	for i := range t.Rows {
		if err := backend.Read(dev, row, t.Buf, t.At(at)+i*t.RowStride()); err != nil {
			return false, err
		}
		for _, x := range row {
			if x-x != 0 {
				return false, nil
			}
		}
	}
	return true, nil
}
