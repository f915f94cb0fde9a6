package nn

import (
	"errors"
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// CrossEntropy is the mean over the batch of −log softmax(y)[label], y logits and the target one label a row: PyTorch's
// CrossEntropyLoss. It also counts the rows whose first largest logit is at the label. Set the fields of the result for
// more.
func CrossEntropy() *CrossEntropyLoss { return &CrossEntropyLoss{} }

// CrossEntropyLoss is −Σⱼ qⱼ·cⱼ·log softmax(y)ⱼ with q = (1−Smoothing)·onehot(label) + Smoothing/classes. The mean
// divides by the sum of c at the labels of the rows that count, times their weights.
type CrossEntropyLoss struct {
	ClassWeights []float64 // c, one for each class; empty where all are 1
	Smoothing    float64   // of labels, 0 ≤ ε < 1 (Szegedy et al., 2016)
	// Ignore has rows count neither in the loss nor in the mean whose label is IgnoreIndex, or not below the number of
	// classes: PyTorch's ignore_index, by default -100, which is the label 0xFFFFFF9C. Without it such rows lose
	// nothing and count in the mean.
	Ignore      bool
	IgnoreIndex int
	// Probabilities has a probability for each class as the target, q, instead of labels. The mean divides by the
	// rows' weights alone.
	Probabilities bool
}

func (l *CrossEntropyLoss) String() string { return "CrossEntropy" }

func (l *CrossEntropyLoss) Check() error {
	err := firstError(checkClasses(l.ClassWeights), fraction("smoothing", l.Smoothing))
	switch {
	case err != nil:
		return err
	case l.IgnoreIndex != 0 && !l.Ignore:
		return fmt.Errorf("ignore index %d without Ignore", l.IgnoreIndex)
	case l.Probabilities && l.Ignore:
		return errors.New("there are no labels to ignore: Probabilities and Ignore contradict each other")
	case l.Probabilities && l.Smoothing != 0:
		return errors.New("there are no labels to smooth: Probabilities and Smoothing contradict each other")
	}
	return nil
}

func (l *CrossEntropyLoss) Targets(outputs int) (Targets, error) {
	if l.Probabilities {
		return Targets{Values: outputs}, fitsClasses(l.ClassWeights, outputs)
	}
	return labelled(outputs, l.Ignore), fitsClasses(l.ClassWeights, outputs)
}

// labelled is a label a row, any where those that are no class are ignored.
func labelled(outputs int, ignore bool) Targets {
	if ignore {
		outputs = 0
	}
	return Targets{Labels: 1, Classes: []int{outputs}}
}

// Build: dy = (p·Σⱼ qⱼ·cⱼ − q·c)·w·scale, p = softmax(y), in the call that computes the loss.
func (l *CrossEntropyLoss) Build(p *Plan, y Value, t Target) Value {
	dy := p.lossGrad(y, t)
	c := &backend.Xent{
		Logits: y.Tensor, Weight: t.Weights, Smooth: float32(l.Smoothing), Loss: t.Loss, Grad: dy.Tensor, Correct: t.Correct,
		Then: backend.Chain{backend.Guard(p.OK())},
	}
	if len(l.ClassWeights) > 0 {
		c.Class = p.constants(l.ClassWeights...)
	}
	counts := t.Weights
	if l.Probabilities {
		c.Target = t.Values
	} else {
		c.Label = t.Labels
		c.Weight, counts = labelWeights(p, t, y.Cols, l.ClassWeights, l.Ignore, l.IgnoreIndex)
	}
	c.Scale = p.Mean(t, counts, 1)
	p.Add(c)
	return dy
}

// labelWeights are the rows' weights without those that are ignored, and the same times the weights of their classes: what
// the mean divides by. They are absent where every row counts 1.
func labelWeights(p *Plan, t Target, classes int, weights []float64, ignore bool, index int) (rows, counts backend.Tensor) {
	rows = t.Weights
	if ignore && index >= 0 && index < classes {
		kept := ones(classes)
		kept[index] = 0
		rows = p.byLabel(t, kept, rows)
	}
	switch {
	case len(weights) > 0:
		return rows, p.byLabel(t, weights, rows)
	case ignore && rows == t.Weights:
		return rows, p.byLabel(t, ones(classes), rows)
	}
	return rows, rows
}

// byLabel looks each row's label up, times the rows' weights: 0 for a label that is none.
func (p *Plan) byLabel(t Target, table []float64, weights backend.Tensor) backend.Tensor {
	row := p.constants(table...)
	c := &backend.Gather{Dst: p.Tensor(p.Rows, 1), Table: backend.Mat(row.Buf, row.Off, len(table), 1), Index: t.Labels}
	c.Then = weighed(nil, weights)
	p.Add(c)
	return c.Dst
}

func ones(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

// NLL is the mean of −y[label], y logarithms of probabilities as [LogSoftmax] gives them: PyTorch's NLLLoss. It counts the
// rows that are right, as [CrossEntropy] does, which is the same from logits, in one call. Set the fields of the result for
// more.
func NLL() *NLLLoss { return &NLLLoss{} }

// NLLLoss has the settings of [CrossEntropyLoss] that go with it.
type NLLLoss struct {
	ClassWeights []float64
	Ignore       bool
	IgnoreIndex  int
}

func (l *NLLLoss) String() string { return "NLL" }

func (l *NLLLoss) Check() error {
	if l.IgnoreIndex != 0 && !l.Ignore {
		return fmt.Errorf("ignore index %d without Ignore", l.IgnoreIndex)
	}
	return checkClasses(l.ClassWeights)
}

func (l *NLLLoss) Targets(outputs int) (Targets, error) {
	return labelled(outputs, l.Ignore), fitsClasses(l.ClassWeights, outputs)
}

// Build: dy = −onehot(label)·c·w·scale. The one-hot rows are those of an identity table.
func (l *NLLLoss) Build(p *Plan, y Value, t Target) Value {
	n := y.Cols
	if n > backend.MaxElements/n {
		p.fail(fmt.Errorf("NLL of %d classes is more than a device can index; CrossEntropy is not", n))
		return Value{}
	}
	identity := make([]float64, n*n)
	for i := range n {
		identity[i*n+i] = 1
	}
	table, dy, onehot := p.constants(identity...), p.lossGrad(y, t), p.Tensor(y.Rows, n)
	rows, counts := labelWeights(p, t, n, l.ClassWeights, l.Ignore, l.IgnoreIndex)
	scale := p.Mean(t, counts, 1)
	p.Add(&backend.Gather{Dst: onehot, Table: backend.Mat(table.Buf, table.Off, n, n), Index: t.Labels})
	picked := backend.Chain{backend.Mul(onehot), backend.Affine(-1, 0)}
	if len(l.ClassWeights) > 0 {
		picked = picked.Then(backend.Mul(p.constants(l.ClassWeights...)))
	}
	p.total(y, t, scale, rows, backend.Chain{backend.Load(y.Tensor)}.Then(picked...))
	if t.Correct.Present() {
		p.Add(&backend.Xent{Logits: y.Tensor, Label: t.Labels, Correct: t.Correct})
	}
	return p.back(dy, weighed(backend.Chain{backend.Load(scale)}.Then(picked...), rows))
}

func checkClasses(weights []float64) error {
	for i, w := range weights {
		if err := nonNegative(fmt.Sprintf("weight of class %d,", i), w); err != nil {
			return err
		}
	}
	return nil
}

func fitsClasses(weights []float64, outputs int) error {
	if n := len(weights); n != 0 && n != outputs {
		return fmt.Errorf("%d class weights for %d outputs", n, outputs)
	}
	return nil
}
