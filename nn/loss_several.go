package nn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/backend"
)

// A Part is a loss over some of a model's outputs: a head.
type Part struct {
	Outputs int     // columns, those after the parts before
	Loss    Loss    // over them
	Weight  float64 // of the loss in the whole; 0 stands for 1
}

// Losses is Σ Weightᵢ·Lossᵢ over heads that lie side by side in a model's outputs. The parts' labels, and their values,
// lie side by side in the target too, in the parts' order. Correct rows are counted by the first part with labels. Each part's
// mean divides by what counts for it; [StepResult].Weight is the sum of the rows' weights.
func Losses(parts ...Part) Loss { return losses(parts) }

type losses []Part

func (l losses) String() string {
	var s []string
	for _, part := range l {
		s = append(s, fmt.Sprintf("%v of %d", part.Loss, part.Outputs))
	}
	return "Losses(" + strings.Join(s, ", ") + ")"
}

func (l losses) Check() error {
	if len(l) == 0 {
		return errors.New("no parts")
	}
	for i, part := range l {
		var err error
		switch {
		case part.Loss == nil:
			err = errors.New("no loss")
		case part.Outputs < 1:
			err = fmt.Errorf("%d outputs: at least 1 is needed", part.Outputs)
		default:
			err = firstError(nonNegative("weight", part.Weight), part.Loss.Check())
		}
		if err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
	}
	return nil
}

func (l losses) Targets(outputs int) (Targets, error) {
	var sum Targets
	n := 0
	for i, part := range l {
		t, err := part.Loss.Targets(part.Outputs)
		if err != nil {
			return sum, fmt.Errorf("part %d, %v: %w", i, part.Loss, err)
		}
		n += part.Outputs
		if t.Classes == nil {
			t.Classes = slices.Repeat([]int{part.Outputs}, t.Labels)
		}
		sum.Classes = append(sum.Classes, t.Classes...)
		sum.Labels += t.Labels
		sum.Values += t.Values
	}
	if n != outputs {
		return sum, fmt.Errorf("parts of %d outputs together for %d outputs", n, outputs)
	}
	return sum, nil
}

// Build: every part leaves its loss in a place of its own, and its gradient in its columns of dy.
func (l losses) Build(p *Plan, y Value, t Target) Value {
	dy, each := p.lossGrad(y, t), p.Tensor(1, len(l))
	correct, outputs, at := t.Correct, 0, Targets{}
	for i, part := range l {
		want, _ := part.Loss.Targets(part.Outputs) // checked by the plan
		own := Target{Weights: t.Weights, Factor: t.Factor, Sum: t.Sum, Loss: each.Columns(i, i+1)}
		if part.Weight != 0 {
			own.Factor *= part.Weight
		}
		if want.Labels > 0 {
			own.Labels = t.Labels.Columns(at.Labels, at.Labels+want.Labels)
			own.Correct, correct = correct, backend.Tensor{}
		}
		if want.Values > 0 {
			own.Values = t.Values.Columns(at.Values, at.Values+want.Values)
		}
		if dy.Present() {
			own.Grad = dy.Columns(outputs, outputs+part.Outputs)
		}
		p.starts(part.Loss, Value{Tensor: y.Columns(outputs, outputs+part.Outputs)}, own)
		outputs, at.Labels, at.Values = outputs+part.Outputs, at.Labels+want.Labels, at.Values+want.Values
	}
	if t.Weights.Present() && t.Weight.Present() && !t.Sum {
		p.Add(&backend.Reduce{Rows: p.Rows, Cols: 1, Out: [2]backend.Result{{Dst: t.Weight, Map: backend.Chain{backend.Load(t.Weights)}}}})
		p.weighed = true
	}
	p.Add(&backend.Reduce{Rows: 1, Cols: len(l), Out: [2]backend.Result{{
		Dst: t.Loss, Map: backend.Chain{backend.Load(each)}, Then: backend.Chain{backend.Guard(p.OK())},
	}}})
	return dy
}
