package nn

import (
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// An EmbeddingColumn turns columns of a batch's codes into columns of numbers that are learned: rows of a table. A code that
// is no row of the table, as Count is, stands for nothing: zeros, and nothing learned. That is PyTorch's padding_idx.
type EmbeddingColumn struct {
	Count, Dim int         // rows and columns of the table
	Codes      int         // columns of codes that it takes
	Init       Initializer // of the table; nil stands for N(0, 1), PyTorch's; Keras draws from U(−0.05, 0.05)

	mode bagMode
}

type bagMode uint8

const (
	sideBySide bagMode = iota
	bagSum
	bagMean
)

// Embedding is for a categorical column: its code's row of a count×dim table.
func Embedding(count, dim int) EmbeddingColumn {
	return EmbeddingColumn{Count: count, Dim: dim, Codes: 1}
}

// Tokens is for a row of so many codes of one kind: their rows of one table side by side, codes·dim columns.
func Tokens(count, dim, codes int) EmbeddingColumn {
	return EmbeddingColumn{Count: count, Dim: dim, Codes: codes}
}

// BagSum is for a set of at most so many codes: the sum of their rows, dim columns, PyTorch's EmbeddingBag with mode
// "sum".
func BagSum(count, dim, codes int) EmbeddingColumn {
	return EmbeddingColumn{Count: count, Dim: dim, Codes: codes, mode: bagSum}
}

// BagMean is BagSum divided by the number of codes that are rows of the table, 0 where none is: mode "mean".
func BagMean(count, dim, codes int) EmbeddingColumn {
	return EmbeddingColumn{Count: count, Dim: dim, Codes: codes, mode: bagMean}
}

// width is the number of columns that it makes.
func (c EmbeddingColumn) width() int {
	if c.mode == sideBySide {
		return c.Codes * c.Dim
	}
	return c.Dim
}

func (c EmbeddingColumn) check() error {
	switch {
	case c.Count < 1 || c.Dim < 1 || c.Codes < 1:
		return fmt.Errorf("a table of %d×%d for %d codes: at least 1 of each is needed", c.Count, c.Dim, c.Codes)
	case c.Codes > backend.MaxElements/c.Dim:
		return fmt.Errorf("%d codes of %d columns are more than a device can index", c.Codes, c.Dim)
	}
	return nil
}

// Embeddings is its inputs with embeddings beside them: the first layer of a model of numeric and categorical columns. The
// columns take the batch's codes from left to right, and their tables are called "embedding0", "embedding1", ….
func Embeddings(columns ...EmbeddingColumn) Layer { return embeddings(columns) }

type embeddings []EmbeddingColumn

func (l embeddings) String() string { return fmt.Sprintf("Embeddings of %d columns", len(l)) }

func (l embeddings) Bind(s *Scope, in int) (Node, error) {
	if len(l) == 0 {
		return nil, errors.New("no columns")
	}
	n := embeddingsNode{columns: l, in: in, width: in, first: s.model.codes}
	for i, c := range l {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("column %d: %w", i, err)
		}
		init := c.Init
		if init == nil {
			init = Normal(0, 1)
		}
		n.tables = append(n.tables, s.Param(fmt.Sprintf("embedding%d", i), c.Count, c.Dim, Fans{}, init))
		n.width += c.width()
		s.model.codes += c.Codes
	}
	return n, nil
}

type embeddingsNode struct {
	columns   []EmbeddingColumn
	tables    []Handle
	in, width int
	first     int // of the model's columns of codes
}

func (n embeddingsNode) Width() int { return n.width }

// Forward: y = [x, rows of the tables]. Backward: a table's gradient is the sum of dy over the rows that used it, added up
// in ascending order; it is written whole, also where few rows of a large table were used.
func (n embeddingsNode) Forward(p *Plan, x Value) (Value, Backward) {
	y := Value{Tensor: p.Tensor(x.Rows, n.width)}
	p.Pin(x)
	p.move(x, y.Columns(0, n.in))
	shares := make([]backend.Tensor, len(n.columns))
	n.each(p, func(i, at int, c EmbeddingColumn, codes backend.Tensor) {
		if c.mode == bagMean {
			shares[i] = p.shares(c, codes)
		}
		for _, use := range c.uses(at, codes) {
			p.Add(&backend.Gather{Dst: y.Columns(use.lo, use.hi), Table: p.Weight(n.tables[i]), Index: use.codes, Then: weighed(nil, shares[i])})
		}
	})
	return y, func(dy Value) Value {
		if !dy.Present() {
			return dy
		}
		n.each(p, func(i, at int, c EmbeddingColumn, codes backend.Tensor) {
			for _, use := range c.uses(at, codes) {
				from := dy.Columns(use.lo, use.hi)
				if shares[i].Present() {
					from = p.Tensor(dy.Rows, c.Dim)
					p.Add(&backend.Each{Dst: from, Do: backend.Chain{backend.Load(dy.Columns(use.lo, use.hi)), backend.Mul(shares[i])}})
				}
				dw, beta := p.Grad(n.tables[i])
				p.Add(&backend.Scatter{Dst: dw, Src: from, Index: use.codes, Beta: beta})
			}
		})
		if x.NoGrad {
			return Value{}
		}
		return Value{Tensor: dy.Columns(0, n.in)}
	}
}

// each calls f with every column, the first of the columns that it makes, and its codes.
func (n embeddingsNode) each(p *Plan, f func(i, at int, c EmbeddingColumn, codes backend.Tensor)) {
	at, code := n.in, n.first
	for i, c := range n.columns {
		f(i, at, c, p.Codes.Columns(code, code+c.Codes))
		at, code = at+c.width(), code+c.Codes
	}
}

// use is a Gather of a column: the columns lo to hi of what it makes, by codes.
type use struct {
	lo, hi int
	codes  backend.Tensor
}

// uses are one for each code side by side, or one for the bag.
func (c EmbeddingColumn) uses(at int, codes backend.Tensor) (all []use) {
	if c.mode != sideBySide {
		return []use{{at, at + c.Dim, codes}}
	}
	for i := range c.Codes {
		all = append(all, use{at + i*c.Dim, at + (i+1)*c.Dim, codes.Columns(i, i+1)})
	}
	return all
}

// shares are 1 over the number of codes of each row that are rows of the table, rows×1.
func (p *Plan) shares(c EmbeddingColumn, codes backend.Tensor) backend.Tensor {
	one := p.constants(ones(c.Count)...)
	g := &backend.Gather{Dst: p.Tensor(p.Rows, 1), Table: backend.Mat(one.Buf, one.Off, c.Count, 1), Index: codes,
		Then: backend.Chain{backend.Clamp(1, math.MaxFloat32), backend.Recip()}}
	p.Add(g)
	return g.Dst
}
