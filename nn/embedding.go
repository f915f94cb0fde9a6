package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// An EmbeddingColumn turns columns of a batch's codes into columns of numbers that are learned: rows of a table. A code of
// 2³¹ or more, as −1 is in 32 bits, stands for nothing: zeros, and nothing learned. That is PyTorch's padding_idx without a
// row of its own. Another code that is no row of the table is an error where a model meets a set or predicts; a plan on its
// own takes it for nothing too.
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
// columns take the batch's codes from left to right, and their tables are called "embedding0", "embedding1", …. A model of
// codes alone has no inputs.
func Embeddings(columns ...EmbeddingColumn) Layer { return embeddings(columns) }

type embeddings []EmbeddingColumn

// maxCodes of a row are more than a table or a text has, and few enough to remember each one's table.
const maxCodes = 1 << 24

func (l embeddings) String() string { return fmt.Sprintf("Embeddings of %d columns", len(l)) }

func (l embeddings) Bind(s *Scope, in int) (Node, error) {
	if len(l) == 0 {
		return nil, errors.New("no columns")
	}
	n := embeddingsNode{columns: l, in: in, width: in, first: len(s.model.codes)}
	for i, c := range l {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("column %d: %w", i, err)
		}
		init := c.Init
		if init == nil {
			init = Normal(0, 1)
		}
		n.tables = append(n.tables, s.Param(fmt.Sprintf("embedding%d", i), c.Count, c.Dim, Fans{}, init))
		s.inTorch(n.tables[i], torchTable)
		n.width += c.width()
		if n.width > backend.MaxElements || c.Codes > maxCodes-len(s.model.codes) {
			return nil, fmt.Errorf("column %d: up to here a row has %d columns and %d codes: more than %d or %d", i, n.width, len(s.model.codes)+c.Codes, backend.MaxElements, maxCodes)
		}
		s.model.codes = append(s.model.codes, slices.Repeat([]int{c.Count}, c.Codes)...)
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
	if n.in > 0 {
		p.Pin(x)
		p.move(x, y.Columns(0, n.in))
	}
	shares, index := make([]backend.Tensor, len(n.columns)), make([]backend.Tensor, len(n.columns))
	n.each(func(i, at, code int, c EmbeddingColumn) {
		index[i] = p.Codes.Columns(code, code+c.Codes)
		if c.apart() {
			index[i] = reshaped(p.packedCodes(index[i]), 1)
		}
		if c.mode == bagMean {
			shares[i] = p.shares(c, index[i])
		}
		g := &backend.Gather{Dst: y.Columns(at, at+c.width()), Table: p.Weight(n.tables[i]), Index: index[i], Then: weighed(nil, shares[i])}
		p.Add(g)
		if !c.apart() {
			return
		}
		to, from := g.Dst, g.Dst
		if to.RowStride() != to.Cols {
			from = p.Tensor(to.Rows, to.Cols)
			p.Add(&backend.Each{Dst: to, Do: backend.Chain{backend.Load(from)}})
		}
		g.Dst = reshaped(from, c.Dim)
	})
	return y, func(dy Value) Value {
		if !dy.Present() {
			return dy
		}
		n.each(func(i, at, _ int, c EmbeddingColumn) {
			from := dy.Columns(at, at+c.width())
			switch {
			case c.mode == bagMean:
				from = p.copied(from, backend.Mul(shares[i]))
			case c.apart():
				if from.RowStride() != from.Cols {
					from = p.copied(from)
				}
				from = reshaped(from, c.Dim)
			}
			dw, beta := p.Grad(n.tables[i])
			p.Add(&backend.Scatter{Dst: dw, Src: from, Index: index[i], Beta: beta})
		})
		if x.NoGrad {
			return Value{}
		}
		return Value{Tensor: dy.Columns(0, n.in)}
	}
}

// each calls f with every column, the first of the columns that it makes, and the first of those of codes that it takes.
func (n embeddingsNode) each(f func(i, at, code int, c EmbeddingColumn)) {
	at, code := n.in, n.first
	for i, c := range n.columns {
		f(i, at, code, c)
		at, code = at+c.width(), code+c.Codes
	}
}

// apart reports whether a batch row is several rows of the table: they are gathered as rows of their own, in one call.
func (c EmbeddingColumn) apart() bool { return c.mode == sideBySide && c.Codes > 1 }

// reshaped is t, which has no gaps, in rows of cols elements.
func reshaped(t backend.Tensor, cols int) backend.Tensor {
	t.Rows, t.Cols, t.Stride = t.Size()/cols, cols, 0
	return t
}

// copied is t through a chain, without gaps.
func (p *Plan) copied(t backend.Tensor, do ...backend.Fn) backend.Tensor {
	to := p.Tensor(t.Rows, t.Cols)
	p.Add(&backend.Each{Dst: to, Do: append(backend.Chain{backend.Load(t)}, do...)})
	return to
}

// packedCodes are codes without gaps between the rows.
func (p *Plan) packedCodes(codes backend.Tensor) backend.Tensor {
	if codes.RowStride() == codes.Cols {
		return codes
	}
	to := backend.Mat(p.buffer(backend.U32, codes.Size()), 0, codes.Rows, codes.Cols)
	order := backend.Mat(p.buffer(backend.U32, codes.Rows), 0, codes.Rows, 1)
	if p.err == nil && !p.model.isDry() {
		all := make([]uint32, codes.Rows)
		for i := range all {
			all[i] = uint32(i)
		}
		backend.Write(p.model.dev, order.Buf, 0, all)
	}
	p.Add(&backend.Gather{Dst: to, Table: codes, Index: order})
	return to
}

// shares are 1 over the number of codes of each row that are rows of the table, rows×1.
func (p *Plan) shares(c EmbeddingColumn, codes backend.Tensor) backend.Tensor {
	one := p.constants(ones(c.Count)...)
	g := &backend.Gather{Dst: p.Tensor(p.Rows, 1), Table: backend.Mat(one.Buf, one.Off, c.Count, 1), Index: codes,
		Then: backend.Chain{backend.Clamp(1, math.MaxFloat32), backend.Recip()}}
	p.Add(g)
	return g.Dst
}
