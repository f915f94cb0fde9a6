package nn

import "github.com/gloss-ml/gloss/backend"

// A Loss compares a model's outputs with a target and starts the way back.
type Loss interface {
	// String is how errors name the loss.
	String() string
	// Target is the kind and the number of columns of the target for a model of so many outputs.
	Target(outputs int) (kind backend.Kind, cols int)
	// Scale is what a batch's summed loss is multiplied with: 1/rows for a mean over rows.
	Scale(rows, cols int) float64
	// Build appends the calls that leave the loss in p.LossSlot and guard p.OK, and where p trains returns the gradient
	// of y.
	Build(p *Plan, y Value) (dy Value)
}

// CrossEntropy is the mean over the batch of −log softmax(y)[label], y logits and the target one label a row, U32.
// Rows whose label is not below the number of outputs count for nothing but their share in the mean. It also counts
// the rows whose first largest logit is at the label.
func CrossEntropy() Loss { return crossEntropy{} }

type crossEntropy struct{}

func (crossEntropy) String() string                 { return "CrossEntropy" }
func (crossEntropy) Target(int) (backend.Kind, int) { return backend.U32, 1 }
func (crossEntropy) Scale(rows, _ int) float64      { return 1 / float64(rows) }

// Build: dy = (softmax(y) − onehot)/rows, in the call that computes the loss.
func (crossEntropy) Build(p *Plan, y Value) Value {
	c := &backend.Xent{
		Logits: y.Tensor, Label: p.Target(), Scale: p.Scale(), Loss: p.LossSlot(), Correct: p.CorrectSlot(),
		Then: backend.Chain{backend.Guard(p.OK())},
	}
	dy := Value{}
	if p.Train() {
		dy.Tensor = p.Tensor(y.Rows, y.Cols)
		c.Grad = dy.Tensor
	}
	p.Add(c)
	return dy
}

// MSE is the mean of (y − t)² over all rows and columns, as PyTorch's MSELoss.
func MSE() Loss { return mse{} }

type mse struct{}

func (mse) String() string                         { return "MSE" }
func (mse) Target(outputs int) (backend.Kind, int) { return backend.F32, outputs }
func (mse) Scale(rows, cols int) float64           { return 1 / (float64(rows) * float64(cols)) }

// Build: dy = 2(y − t)/(rows·cols); the difference is saved on the way to the loss.
func (mse) Build(p *Plan, y Value) Value {
	diff := backend.Chain{backend.Load(y.Tensor), backend.Sub(p.Target())}
	dy := Value{}
	if p.Train() {
		dy.Tensor = p.Tensor(y.Rows, y.Cols)
		diff = diff.Then(backend.Keep(dy.Tensor))
	}
	p.Add(&backend.Reduce{Rows: y.Rows, Cols: y.Cols, Out: [2]backend.Result{{
		Dst: p.LossSlot(), Map: diff.Then(backend.Square()),
		Then: backend.Chain{backend.Mul(p.Scale()), backend.Guard(p.OK())},
	}}})
	if !p.Train() {
		return dy
	}
	c := &backend.Each{Dst: dy.Tensor, Do: backend.Chain{backend.Load(dy.Tensor), backend.Affine(2, 0), backend.Mul(p.Scale())}}
	p.Hook(c, &c.Dst, &c.Do)
	return dy
}
