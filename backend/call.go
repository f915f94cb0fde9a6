package backend

import "fmt"

// A Call is one kernel with its operands. The calls are [MatMul], [Each], [Reduce], [Xent], [Gather], [Scatter] and
// [Permute], used by pointer; they are built once and never changed after their first use.
type Call interface {
	// Name is the call's name, for people.
	Name() string
	// Walk visits every operand that is present, in a fixed order.
	Walk(visit func(Operand))

	check(c *checker)
}

// Access says what a call does with an operand.
type Access uint8

const (
	Reads Access = 1 << iota
	Writes
)

// An Operand is a tensor in its part of a call.
type Operand struct {
	Role   Role
	Tensor *Tensor
	Access Access
	// Domain is not 0 where the operand is read or written element by element in step with the others of the same
	// domain: two of those may be one and the same tensor.
	Domain int
}

// A Role says where in a call an operand stands: a field, or an argument of an op of a chain.
type Role struct {
	Field string // "Dst", "A", …; the chain's field for an argument
	Op    *Op    // nil for a field
	Fn    int    // the op's place in the chain
	Arg   int
}

func (r Role) String() string {
	if r.Op == nil {
		return r.Field
	}
	return fmt.Sprintf("%s[%d].%s.%d", r.Field, r.Fn, r.Op.Name, r.Arg)
}

// The domains of operands that are visited element by element.
const (
	ofResult = 1 + iota
	ofMap
)

// MatMul is Dst = Then(op(A)·op(B) + Beta·Dst), op(A) m×k, op(B) k×n, Dst m×n, all F32. With Beta 0 Dst is not read.
// The order of the additions depends on the shapes alone; the error is at most (k+2)·2⁻²⁴·Σ|terms|. Finite operands
// only: a device may leave out products with 0.
type MatMul struct {
	Dst, A, B      Tensor
	TransA, TransB bool // op(X) = Xᵀ
	Beta           float32
	Then           Chain
}

// Each is Dst = Do(0) for every element of Dst, F32. A Dst with no buffer gives the domain and is not written: for
// chains that end in an op that writes, as optimizers do.
type Each struct {
	Dst Tensor
	Do  Chain
}

// Reduce folds Map(0) over a Rows×Cols domain along Axis, for one or two results in one pass over the domain.
type Reduce struct {
	Rows, Cols int
	Axis       Axis
	Out        [2]Result // the second is optional
}

// Result is Dst = Then(By over Map + Beta·Dst). Dst is F32 of the axis' shape, or U32 for ArgMax. Beta and Then go
// with F32. Max of nothing is −Inf, ArgMax of nothing NoRow.
type Result struct {
	Dst       Tensor
	By        By
	Map, Then Chain
	Beta      float32 // Sum only
}

// Axis says along which axis a Reduce folds.
type Axis uint8

const (
	OverAll  Axis = iota // to 1×1
	OverRows             // down each column, to 1×Cols
	OverCols             // along each row, to Rows×1
)

func (a Axis) String() string { return [...]string{"all", "rows", "cols"}[a] }

// By says how a Reduce folds.
type By uint8

const (
	Sum By = iota
	Max
	ArgMax // the index along the axis (of the element's number for OverAll) of the first maximum
)

func (b By) String() string { return [...]string{"sum", "max", "argmax"}[b] }

// Xent is the softmax cross-entropy of Logits (m×n), its gradient and the count of correct rows. Row i has the target
// q = (1−Smooth)·onehot(Label[i]) + Smooth/n with Label U32 m×1, or q = row i of Target (m×n F32). With p = softmax of
// the row, w = Weight[i] (1 if absent), c = Class (1×n, 1 if absent) and s = Scale (1×1, 1 if absent):
//
//	Loss    (1×1) = Then(s·Σᵢ wᵢ·Σⱼ −qᵢⱼ·cⱼ·log pᵢⱼ)
//	Grad    (m×n) = s·wᵢ·(pᵢⱼ·Σₗ qᵢₗ·cₗ − qᵢⱼ·cⱼ)
//	Correct (1×1) = number of rows whose first largest logit is at Label, or at the first largest target
//
// Rows whose label is n or more count for nothing: that is what ignore_index is elsewhere. Loss, Grad and Correct are
// optional, one of them has to be there; Then goes with Loss. Grad may be Logits itself.
type Xent struct {
	Logits, Label, Target Tensor
	Weight, Class, Scale  Tensor
	Smooth                float32
	Loss, Grad, Correct   Tensor
	Then                  Chain
}

// Gather is Dst[i] = Then(Σₗ Table[Index[i, l]]): rows by index, or bags of them, l ascending. Index is U32 m×L; an
// index past the table's end counts as a row of zeros. Table is F32 or U8 with an F32 Dst (bytes become 0…255), or U32
// with a U32 Dst and L = 1, no Then.
type Gather struct {
	Dst, Table, Index Tensor
	Then              Chain
}

// Scatter is Gather's adjoint: Dst[r] = Beta·Dst[r] + Σ Src[i] over all (i, l) with Index[i, l] = r, in ascending
// order of (i, l). Src is m×n, Index U32 m×L, Dst F32; indices past Dst's end are passed over.
type Scatter struct {
	Dst, Src, Index Tensor
	Beta            float32
}

// Permute fills the U32 Dst, row after row, with an epoch's order: number i of Dst becomes Permuted(Key, N, start+i),
// start the fourth word of the 1×4 U32 Key; from N on it is NoRow, for an epoch's order ends there.
type Permute struct {
	Dst, Key Tensor
	N        int // at most 2³¹−1
}

func (*MatMul) Name() string  { return "MatMul" }
func (*Each) Name() string    { return "Each" }
func (*Reduce) Name() string  { return "Reduce" }
func (*Xent) Name() string    { return "Xent" }
func (*Gather) Name() string  { return "Gather" }
func (*Scatter) Name() string { return "Scatter" }
func (*Permute) Name() string { return "Permute" }

func (c *MatMul) Walk(visit func(Operand)) {
	see(visit, "Dst", &c.Dst, written(c.Beta), ofResult)
	see(visit, "A", &c.A, Reads, 0)
	see(visit, "B", &c.B, Reads, 0)
	walkChain(visit, "Then", c.Then, c.Dst.Rows, c.Dst.Cols, ofResult)
}

func (c *Each) Walk(visit func(Operand)) {
	see(visit, "Dst", &c.Dst, Writes, ofResult)
	walkChain(visit, "Do", c.Do, c.Dst.Rows, c.Dst.Cols, ofResult)
}

func (c *Reduce) Walk(visit func(Operand)) {
	fields := [2][3]string{{"Dst", "Map", "Then"}, {"Dst2", "Map2", "Then2"}}
	m, n := c.Shape()
	for i := range c.Out {
		r, f := &c.Out[i], &fields[i]
		see(visit, f[0], &r.Dst, written(r.Beta), ofResult)
		walkChain(visit, f[1], r.Map, c.Rows, c.Cols, ofMap)
		walkChain(visit, f[2], r.Then, m, n, ofResult)
	}
}

// Shape is the shape of the results.
func (c *Reduce) Shape() (rows, cols int) {
	switch c.Axis {
	case OverRows:
		return 1, c.Cols
	case OverCols:
		return c.Rows, 1
	}
	return 1, 1
}

func (c *Xent) Walk(visit func(Operand)) {
	see(visit, "Logits", &c.Logits, Reads, ofMap)
	see(visit, "Label", &c.Label, Reads, 0)
	see(visit, "Target", &c.Target, Reads, 0)
	see(visit, "Weight", &c.Weight, Reads, 0)
	see(visit, "Class", &c.Class, Reads, 0)
	see(visit, "Scale", &c.Scale, Reads, 0)
	see(visit, "Loss", &c.Loss, Writes, ofResult)
	see(visit, "Grad", &c.Grad, Writes, ofMap)
	see(visit, "Correct", &c.Correct, Writes, ofResult)
	walkChain(visit, "Then", c.Then, 1, 1, ofResult)
}

func (c *Gather) Walk(visit func(Operand)) {
	see(visit, "Dst", &c.Dst, Writes, ofResult)
	see(visit, "Table", &c.Table, Reads, 0)
	see(visit, "Index", &c.Index, Reads, 0)
	walkChain(visit, "Then", c.Then, c.Dst.Rows, c.Dst.Cols, ofResult)
}

func (c *Scatter) Walk(visit func(Operand)) {
	see(visit, "Dst", &c.Dst, written(c.Beta), 0)
	see(visit, "Src", &c.Src, Reads, 0)
	see(visit, "Index", &c.Index, Reads, 0)
}

func (c *Permute) Walk(visit func(Operand)) {
	see(visit, "Dst", &c.Dst, Writes, 0)
	see(visit, "Key", &c.Key, Reads, 0)
}

func written(beta float32) Access {
	if beta == 0 {
		return Writes
	}
	return Reads | Writes
}

func see(visit func(Operand), field string, t *Tensor, a Access, domain int) {
	if t.Present() {
		visit(Operand{Role: Role{Field: field}, Tensor: t, Access: a, Domain: domain})
	}
}

// walkChain visits a chain's operands. Those of the domain's own shape are visited in step with it; those that are
// broadcast, and rows of constants, are not.
func walkChain(visit func(Operand), field string, ch Chain, rows, cols, domain int) {
	for i := range ch {
		f := &ch[i]
		if f.Op == nil {
			continue // the check names it
		}
		for j := range min(len(f.Op.Args), MaxArgs) {
			t := &f.Arg[j]
			if !t.Present() {
				continue
			}
			o := Operand{Role: Role{Field: field, Op: f.Op, Fn: i, Arg: j}, Tensor: t, Access: Reads}
			switch f.Op.Args[j] {
			case 'w':
				o.Access = Writes
			case 'm':
				o.Access = Reads | Writes
			case 'c', 'k':
				visit(o)
				continue
			}
			if t.Rows == rows && t.Cols == cols {
				o.Domain = domain
			}
			visit(o)
		}
	}
}
